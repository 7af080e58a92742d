"""The key with which this catalogue signs decision records: one row, made by its migration and different in each catalogue, so that
records are signed without anybody setting a secret.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, SmallInteger, select
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.reader import Reader


class RecordKeyRow(Base):
    """The key."""

    __tablename__ = "record_key"
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    key: Mapped[bytes]
    __table_args__ = (CheckConstraint("id = 1", name="only"),)


async def record_key(reader: Reader) -> bytes:
    """The key."""
    (row,) = await reader.execute(select(RecordKeyRow.key))
    return bytes(row[0])
