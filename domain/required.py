"""What somebody needs, as data: which things can be required, and whether each is met."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from domain.facts import CapabilityKind, CommercialUse, Modality, Openness, ProviderKind, Task


class State(StrEnum):
    """Whether a requirement is met. UNKNOWN: no source says."""

    MET = "MET"
    FAILED = "FAILED"
    UNKNOWN = "UNKNOWN"


class Constraint(StrEnum):
    """What can be required, in the order in which it is shown."""

    TASK = "TASK"
    CAPABILITY = "CAPABILITY"
    INPUT = "INPUT"
    OUTPUT = "OUTPUT"
    CONTEXT_WINDOW = "CONTEXT_WINDOW"
    MAX_OUTPUT = "MAX_OUTPUT"
    COMPETES = "COMPETES"
    MONTHLY_COST = "MONTHLY_COST"
    INPUT_PRICE = "INPUT_PRICE"
    OUTPUT_PRICE = "OUTPUT_PRICE"
    OPENNESS = "OPENNESS"
    LICENSE = "LICENSE"
    COMMERCIAL_USE = "COMMERCIAL_USE"
    LAB = "LAB"
    PROVIDER = "PROVIDER"
    PROVIDER_KIND = "PROVIDER_KIND"
    REGION = "REGION"
    API_SHAPE = "API_SHAPE"
    RELEASED = "RELEASED"
    LIFECYCLE = "LIFECYCLE"
    BENCHMARK = "BENCHMARK"


SOUGHT = frozenset({Constraint.TASK, Constraint.LAB, Constraint.PROVIDER})
"""What it is for, who makes it and who serves it: what differs there is not nearly what was asked for (rule `recommend.rank`)."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The least score on a benchmark, by its slug."""

    benchmark: str
    score: Decimal


@dataclass(frozen=True, slots=True)
class Requirements:
    """All hold together; several values of one are alternatives, except for capabilities and modalities, of which all are
    needed. Slugs in lower case."""

    tasks: tuple[Task, ...] = (Task.TEXT_GENERATION,)
    capabilities: tuple[CapabilityKind, ...] = ()
    inputs: tuple[Modality, ...] = ()
    outputs: tuple[Modality, ...] = ()
    min_context: int | None = None
    min_output: int | None = None
    max_monthly_cost: Decimal | None = None
    max_input_price: Decimal | None = None
    max_output_price: Decimal | None = None
    openness: tuple[Openness, ...] = ()
    licenses: tuple[str, ...] = ()
    commercial_use: tuple[CommercialUse, ...] = ()
    labs: tuple[str, ...] = ()
    not_labs: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()
    not_providers: tuple[str, ...] = ()
    provider_kinds: tuple[ProviderKind, ...] = ()
    regions: tuple[str, ...] = ()
    released_after: date | None = None
    lives_until: date | None = None
    benchmarks: tuple[Floor, ...] = ()
