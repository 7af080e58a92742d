"""The table of API shapes beside this module, read once and checked: `shapes.toml` says what each shape calls each parameter."""

from __future__ import annotations

import tomllib
from pathlib import Path

from domain.shapes import Shapes, shapes_of

FILE = Path(__file__).with_suffix(".toml")

SHAPES: Shapes = shapes_of(tomllib.loads(FILE.read_text()))
