"""Shutdowns of models and of routes are read as one list, in the order of that list.

Revision: 0014
Follows: 0013
"""

from __future__ import annotations

from sqlalchemy import text

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

PLACES = {"model": "(id * 2)", "route": "(id * 2 + 1)"}


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table, place in PLACES.items():
        op.create_index(f"ix_{table}_retires_on_place", table, ["retires_on", text(place)])
        op.drop_index(f"ix_{table}_retires_on_id", table)


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    for table in PLACES:
        op.create_index(f"ix_{table}_retires_on_id", table, ["retires_on", "id"])
        op.drop_index(f"ix_{table}_retires_on_place", table)
