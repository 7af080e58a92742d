"""The key with which this catalogue signs decision records.

Revision: 0012
Follows: 0011
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.create_table(
        "record_key",
        sa.Column("id", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_record_key_only")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_record_key")),
    )
    # Two random UUIDs are 244 bits from the server's strong source of randomness, without an extension.
    op.execute(
        "insert into record_key (id, key) values (1, uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))"
    )


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_table("record_key")
