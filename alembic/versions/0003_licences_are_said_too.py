"""Licences are subjects of statements, so that what is known of them has evidence.

Revision: 0003
Follows: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KINDS = "kind in ('lab', 'provider', 'model', 'route'"


def upgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.drop_constraint(op.f("ck_subject_kind"), "subject", type_="check")
    op.create_check_constraint(op.f("ck_subject_kind"), "subject", _KINDS + ", 'license')")


def downgrade() -> None:
    op.execute("set lock_timeout = '5s'")
    op.execute(
        "delete from statement using subject where subject.id = statement.subject_id and subject.kind = 'license'"
    )
    op.execute("delete from subject where kind = 'license'")
    op.drop_constraint(op.f("ck_subject_kind"), "subject", type_="check")
    op.create_check_constraint(op.f("ck_subject_kind"), "subject", _KINDS + ")")
