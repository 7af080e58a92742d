"""What a server calls a document's version, when it was last read, and why the last attempt to get a newer one failed.

`retrieved_at` was moved when a document was read anew by other rules; now `read_at` is, and `retrieved_at` stays the age.

Revision: 0005
Follows: 0004
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.add_column("retrieval", sa.Column("etag", sa.Text(), nullable=True))
    op.add_column("retrieval", sa.Column("last_modified", sa.Text(), nullable=True))
    op.add_column("retrieval", sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("update retrieval set read_at = retrieved_at")
    op.alter_column("retrieval", "read_at", nullable=False)
    op.add_column("source", sa.Column("last_failed_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("source", sa.Column("last_failure", sa.Text(), nullable=True))


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_column("source", "last_failure")
    op.drop_column("source", "last_failed_at")
    op.drop_column("retrieval", "read_at")
    op.drop_column("retrieval", "last_modified")
    op.drop_column("retrieval", "etag")
