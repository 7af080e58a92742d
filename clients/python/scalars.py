"""Types of scalars whose own name a field of the schema has, too: in a generated class `date: date` would name itself."""

from datetime import date as Day
from datetime import datetime as Moment

__all__ = ["Day", "Moment"]
