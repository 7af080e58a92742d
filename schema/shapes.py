"""The table of API shapes beside this module, read once and checked: `shapes.toml` says what each shape calls each parameter."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import strawberry

from domain.shapes import Shapes, shapes_of

FILE = Path(__file__).with_suffix(".toml")

SHAPES: Shapes = shapes_of(tomllib.loads(FILE.read_text()))


@strawberry.type(description="A document that somebody of this project opened.")
class Reference:
    url: str = strawberry.field(description="Where.")
    read: date = strawberry.field(description="On which day.")
    as_written: str = strawberry.field(description="What it says, in its own words.")
