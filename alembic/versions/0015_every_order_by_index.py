"""Models, routes and providers are read by an index in every order.

Revision: 0015
Follows: 0014
"""

from __future__ import annotations

from sqlalchemy import text

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

NO_PRICE, NO_DAY = "1000000000::numeric", "'9999-12-31'::date"
ORDERS = {
    ("model", "output"): f"coalesce(cheapest_output, {NO_PRICE})",
    ("model", "input"): f"coalesce(cheapest_input, {NO_PRICE})",
    ("model", "retirement"): f"coalesce(retires_on, {NO_DAY})",
    ("route", "output"): f"coalesce(output_mtok, {NO_PRICE})",
    ("route", "input"): f"coalesce(input_mtok, {NO_PRICE})",
    ("route", "context"): "coalesce(context_window, 0)",
    ("route", "retirement"): f"coalesce(retires_on, {NO_DAY})",
    ("provider", "name"): "lower(name)",
    ("provider", "routes"): "route_count",
}
BEFORE = {"model": "cheapest_output", "route": "output"}


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for (table, order), expression in ORDERS.items():
        op.create_index(f"ix_{table}_by_{order}", table, [text(expression), "id"])
    for table, name in BEFORE.items():
        op.drop_index(f"ix_{table}_{name}_id", table)


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table, name in BEFORE.items():
        column = {"model": "cheapest_output", "route": "output_mtok"}[table]
        op.create_index(f"ix_{table}_{name}_id", table, [text(f"{column} asc nulls last"), "id"])
    for table, order in ORDERS:
        op.drop_index(f"ix_{table}_by_{order}", table)
