"""The words of a switch: its two sides, the factors that were found and how severe each is.

The rules that find factors are in `friction_terms`, `friction_access` and `friction_ability`; `friction` weighs them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from domain.cost import RouteOutcome
from domain.facts import CapabilityKind, FactRef, Modality, Model, Offer

REFERENCE = "docs/methodology.md#switch-friction"


class Severity(StrEnum):
    """BLOCKER: the switch cannot be made as it stands. DEADLINE: a day by which it has to be done. HIGH, MEDIUM, LOW: work or
    loss. BENEFIT: an improvement, or work that falls away."""

    BLOCKER = "BLOCKER"
    DEADLINE = "DEADLINE"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"
    BENEFIT = "BENEFIT"


class Level(StrEnum):
    """How hard a switch is. BLOCKED: something has to change before it can be made at all."""

    LOW = "LOW"
    MODERATE = "MODERATE"
    HIGH = "HIGH"
    BLOCKED = "BLOCKED"


class FactorKind(StrEnum):
    """What changes, in the order in which a careful team would go through it: first whether the switch is possible at
    all, then terms, access, code, limits, behaviour and money, last what remains to be found out. Each but
    ROUTE_OVERLAP, which models alone have, is a kind of step of a switch plan (plan_steps.StepKind); the other kinds of steps are
    LOW at most."""

    TARGET_RETIRING = "TARGET_RETIRING"
    SOURCE_RETIRING = "SOURCE_RETIRING"
    LICENSE = "LICENSE"
    COMMERCIAL_USE = "COMMERCIAL_USE"
    ROUTE_OVERLAP = "ROUTE_OVERLAP"
    CREDENTIALS = "CREDENTIALS"
    MODEL_ID = "MODEL_ID"
    API_SHAPE = "API_SHAPE"
    SDK = "SDK"
    PARAMETERS_REMOVED = "PARAMETERS_REMOVED"
    VECTORS = "VECTORS"
    CONTEXT_WINDOW = "CONTEXT_WINDOW"
    MAX_OUTPUT = "MAX_OUTPUT"
    MODALITY_LOST = "MODALITY_LOST"
    MODALITY_GAINED = "MODALITY_GAINED"
    CAPABILITY_LOST = "CAPABILITY_LOST"
    CAPABILITY_UNKNOWN = "CAPABILITY_UNKNOWN"
    CAPABILITY_GAINED = "CAPABILITY_GAINED"
    REASONING_CONTROL = "REASONING_CONTROL"
    KNOWLEDGE_CUTOFF = "KNOWLEDGE_CUTOFF"
    BILLING = "BILLING"
    COST = "COST"
    EVIDENCE_GAP = "EVIDENCE_GAP"


@dataclass(frozen=True, slots=True)
class Factor:
    """One thing that changes. `before` and `after` are display text, None where there is nothing to show; `step` is a
    line of a migration checklist, None where nothing has to be done."""

    kind: FactorKind
    severity: Severity
    sentence: str
    rule: str
    before: str | None = None
    after: str | None = None
    step: str | None = None
    capabilities: tuple[CapabilityKind, ...] = ()
    modalities: tuple[Modality, ...] = ()
    used: tuple[FactRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """One end of a switch: a model with its live offers, or one route. `offer` is the route that requests go to and `cost`
    what a month costs there, or why that is not known; without a live route there is no `offer`. `model` holds the facts that
    count here, as of the day `on`; those named in `from_route` come from the route itself, all of them where the route belongs
    to no known model."""

    name: str
    model: Model
    offers: tuple[Offer, ...]
    offer: Offer | None
    cost: RouteOutcome
    on: date
    from_route: frozenset[str] = frozenset()
    known_model: bool = True

    def ref(self, field: str) -> FactRef:
        """The fact of this side that has this name."""
        if field in self.from_route or not self.known_model:
            return FactRef("route", self.offers[0].route.id, field)
        return FactRef("model", self.model.id, field)
