"""Facts built from claims: a model, a route, a result, a provider, a lab. Ids come from the caller, days too.

The default catalogue and a reading that counts only some statements go through the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from domain.capabilities import completed
from domain.dates import DatePrecision, announced
from domain.facts import (
    ApiShape,
    Architecture,
    Benchmark,
    BenchmarkResult,
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Lab,
    License,
    Lifecycle,
    Modality,
    Model,
    Openness,
    PartialDate,
    Price,
    PriceBasis,
    PriceMode,
    Provider,
    ProviderKind,
    Route,
    Task,
)
from domain.lifecycle import SuccessorKind, standing
from domain.reconcile import ROUTE_MAJORITY, Accepted, Claim, accept, accept_all
from domain.sheets import current, price_basis
from domain.tasks import PROMPT_ONLY

_OF_ONE_MIND = 3
"""So many routes that say the same, and none that says otherwise, are believed about weights."""
_OF_OPENNESS = frozenset(["openness", "open_weights", "license"])
OPEN = (Openness.OPEN_SOURCE, Openness.OPEN_WEIGHTS)
_NO_END = (Lifecycle.DEPRECATED, Lifecycle.RETIRED, Lifecycle.UNKNOWN)
Member = TypeVar("Member", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class LicenseTerms:
    """A licence and what it alone decides."""

    license: License
    commercial_use: CommercialUse = CommercialUse.UNKNOWN
    openness: Openness = Openness.UNKNOWN


class _Reading:
    """Accepted values by type. A value of another type than its field has is unknown."""

    def __init__(self, accepted: Mapping[str, Accepted]) -> None:
        self._accepted = accepted

    def text(self, field: str) -> str | None:
        found = self._accepted.get(field)
        return found.value if found is not None and isinstance(found.value, str) else None

    def whole(self, field: str) -> int | None:
        found = self._accepted.get(field)
        ok = found is not None and isinstance(found.value, int) and not isinstance(found.value, bool)
        return int(str(found.value)) if found is not None and ok else None

    def flag(self, field: str) -> bool | None:
        found = self._accepted.get(field)
        return found.value if found is not None and isinstance(found.value, bool) else None

    def names(self, field: str) -> list[str]:
        found = self._accepted.get(field)
        return [str(name) for name in found.value] if found is not None and isinstance(found.value, list) else []

    def day(self, field: str) -> date | None:
        text = self.text(field)
        try:
            return date.fromisoformat(text) if text is not None else None
        except ValueError:
            return None

    def partial(self, field: str) -> PartialDate | None:
        text = self.text(field)
        return None if text is None else PartialDate(text)

    def modalities(self, field: str) -> tuple[Modality, ...]:
        said = set(self.names(field))
        return tuple(modality for modality in Modality if modality.value in said)

    def announced(self, field: str) -> tuple[date | None, DatePrecision | None]:
        """An announced day and how exactly it is announced."""
        found = announced(self.text(field) or "")
        return (None, None) if found is None else (found.day, found.precision)

    def lifecycle(self, today: date) -> Lifecycle:
        """As the dates have it, else as stated (rule `lifecycle.status`)."""
        deprecated, retires = (announced(self.text(field) or "") for field in ("deprecated_on", "retires_on"))
        return standing(self.member("lifecycle", Lifecycle.UNKNOWN), deprecated, retires, today)

    def successor(self) -> str | None:
        """The first one that is named, a drop-in before an option, as its source spells it."""
        named = [name for kind in SuccessorKind for name in self.names(f"successor.{kind}")]
        return named[0] if named else None

    def openness(self, terms: LicenseTerms | None) -> Openness:
        """Rule `openness.derived`, where nobody states it."""
        stated = self.member("openness", Openness.UNKNOWN)
        weights = self.flag("open_weights")
        if stated is not Openness.UNKNOWN:
            return stated
        if weights is False:
            # Resellers do not offer weights; only those who know the model, or several of one mind, say that there are none.
            said = self._accepted["open_weights"]
            known = said.rule != ROUTE_MAJORITY.id or (not said.dissenting and len(said.agreeing) >= _OF_ONE_MIND)
            return Openness.PROPRIETARY if known else Openness.UNKNOWN
        if weights:
            return Openness.OPEN_SOURCE if terms is not None and terms.license.osi_approved else Openness.OPEN_WEIGHTS
        return Openness.UNKNOWN if terms is None else terms.openness

    def commercial_use(self, terms: LicenseTerms | None) -> CommercialUse:
        stated = self.member("commercial_use", CommercialUse.UNKNOWN)
        return terms.commercial_use if stated is CommercialUse.UNKNOWN and terms is not None else stated

    def capabilities(self) -> Capabilities:
        """As stated, else as the modalities show."""
        said = {kind: self.flag(f"capability.{kind.value}") for kind in CapabilityKind}
        stated = Capabilities(
            frozenset(kind for kind, flag in said.items() if flag is True),
            frozenset(kind for kind, flag in said.items() if flag is False),
        )
        return completed(stated, self.modalities("input_modalities"), self.modalities("output_modalities"))

    def member(self, field: str, unknown: Member) -> Member:
        """The member that the field names; `unknown` where it names none of that kind."""
        return _member(type(unknown), self._accepted.get(field)) or unknown


def model_facts(
    id: int,
    slug: str,
    claims: Iterable[Claim],
    *,
    today: date,
    lab: Lab | None = None,
    licenses: Mapping[str, LicenseTerms] | None = None,
    route_count: int = 0,
    provider_count: int = 0,
    accepted: Mapping[str, Accepted] | None = None,
) -> Model:
    """A model from the claims about it and about all of its routes. `licenses` by lower-case key, `accepted` what
    `accept_all` makes of the claims, where that is in hand."""
    reading = _Reading(accept_all(claims) if accepted is None else accepted)
    terms = (licenses or {}).get((reading.text("license") or "").lower())
    openness, lifecycle = reading.openness(terms), reading.lifecycle(today)
    task = reading.member("task", Task.UNKNOWN)
    # Weights that are out cannot be taken back: their lab's end of its own route is not theirs while somebody serves them.
    outlives = route_count > 0 and openness in OPEN
    never = (None, None)
    deprecated_on, deprecated_precision = never if outlives else reading.announced("deprecated_on")
    retires_on, retires_precision = never if outlives else reading.announced("retires_on")
    return Model(
        id=id,
        slug=slug,
        name=reading.text("name") or slug,
        lab=lab,
        family=reading.text("family"),
        task=task,
        released=reading.partial("released"),
        knowledge_cutoff=reading.partial("knowledge_cutoff"),
        context_window=reading.whole("context_window"),
        # What catalogues write there for models that answer with numbers is the length of the vector.
        max_output=None if task in PROMPT_ONLY else reading.whole("max_output"),
        parameters_total=reading.whole("parameters_total"),
        parameters_active=reading.whole("parameters_active"),
        architecture=reading.member("architecture", Architecture.UNKNOWN),
        license=None if terms is None else terms.license,
        openness=openness,
        commercial_use=reading.commercial_use(terms),
        input_modalities=reading.modalities("input_modalities"),
        output_modalities=reading.modalities("output_modalities"),
        capabilities=reading.capabilities(),
        lifecycle=Lifecycle.AVAILABLE if outlives and lifecycle in _NO_END else lifecycle,
        deprecated_on=deprecated_on,
        deprecated_precision=deprecated_precision,
        retires_on=retires_on,
        retires_precision=retires_precision,
        successor=reading.successor(),
        weights_url=reading.text("weights_url"),
        last_reviewed=reading.day("last_reviewed"),
        route_count=route_count,
        provider_count=provider_count,
    )


def openness_of(claims: Iterable[Claim], licenses: Mapping[str, LicenseTerms]) -> Openness:
    """The openness of a model alone, as `model_facts` finds it."""
    reading = _Reading(accept_all(claim for claim in claims if claim.field in _OF_OPENNESS))
    return reading.openness(licenses.get((reading.text("license") or "").lower()))


def lifecycle_of(accepted: Mapping[str, Accepted], today: date) -> Lifecycle:
    """Where something stands by what is accepted of it (rule `lifecycle.status`)."""
    return _Reading(accepted).lifecycle(today)


def route_facts(
    id: int,
    key: str,
    claims: Iterable[Claim],
    *,
    today: date,
    provider: Provider,
    provider_model_id: str,
    model_id: int | None,
    basis: PriceBasis = PriceBasis.UNKNOWN,
    variant: tuple[str, ...] = (),
    region: str | None = None,
    listed: bool = True,
    last_seen: date | None = None,
    link_method: str | None = None,
    link_confidence: Decimal | None = None,
    first_party: bool = False,
    gone_with_model: bool = False,
    accepted: Mapping[str, Accepted] | None = None,
) -> Route:
    """A route from the claims about it alone. `listed`: the newest list of its provider still has it; `gone_with_model`: its lab
    has retired the model (both rule `route.live`); `accepted` as in `model_facts`."""
    reading = _Reading(accept_all(claims, of_route=True) if accepted is None else accepted)
    lifecycle = reading.lifecycle(today)
    deprecated_on, deprecated_precision = reading.announced("deprecated_on")
    retires_on, retires_precision = reading.announced("retires_on")
    return Route(
        id=id,
        key=key,
        model_id=model_id,
        provider=provider,
        provider_model_id=provider_model_id,
        name=reading.text("name"),
        variant=variant,
        region=region,
        context_window=reading.whole("context_window"),
        max_output=reading.whole("max_output"),
        input_modalities=reading.modalities("input_modalities"),
        output_modalities=reading.modalities("output_modalities"),
        capabilities=reading.capabilities(),
        lifecycle=lifecycle,
        deprecated_on=deprecated_on,
        deprecated_precision=deprecated_precision,
        retires_on=retires_on,
        retires_precision=retires_precision,
        price_basis=basis,
        live=listed and lifecycle is not Lifecycle.RETIRED and not gone_with_model,
        last_seen=last_seen,
        link_method=link_method,
        link_confidence=link_confidence,
        first_party=first_party,
    )


def task_of(claims: Iterable[Claim]) -> Task:
    """What a model is made for, from the claims about it and all of its routes; of a route without a model from its own."""
    return _member(Task, accept("task", [claim for claim in claims if claim.field == "task"])) or Task.UNKNOWN


def route_basis(
    claims: Sequence[Claim],
    task: Task,
    sheets: Sequence[Price],
    provider: Provider,
    native: str,
    today: date,
) -> PriceBasis:
    """On which basis a route bills (rule `price.basis`), from the claims about it, the task of its model and its sheets."""
    amounts: dict[str, Decimal] = {}
    for price in current(sheets, today):
        if price.mode is PriceMode.STANDARD and price.above == 0:
            named = {"input": price.input_mtok, "output": price.output_mtok, **price.other_units}
            for unit, amount in named.items():
                if amount is not None:
                    amounts[unit] = max(amount, amounts.get(unit, amount))
    name = accept("name", claims, of_route=True)
    stated = accept("price_basis", claims, of_route=True)
    return price_basis(
        provider.kind,
        (native, str(name.value) if name is not None else None),
        task,
        amounts,
        _member(PriceBasis, stated),
    )


def _member(kind: type[Member], found: Accepted | None) -> Member | None:
    """The member that an accepted value names; None where it names none."""
    return next((member for member in kind if found is not None and member.value == found.value), None)


def license_terms(key: str, claims: Iterable[Claim]) -> LicenseTerms:
    """A licence from the claims about it."""
    reading = _Reading(accept_all(claims))
    made = License(
        0, key, reading.text("name") or key, reading.text("spdx"), reading.flag("osi_approved"), reading.text("url")
    )
    use = reading.member("commercial_use", CommercialUse.UNKNOWN)
    return LicenseTerms(made, use, reading.member("openness", Openness.UNKNOWN))


def results_of(model_id: int, claims: Iterable[Claim]) -> tuple[BenchmarkResult, ...]:
    """The benchmark results that are said of a model now. Every sourced result is kept: two different numbers are two results,
    the same one is told once per lineage. Numbers of results and benchmarks are left to the caller."""
    found: dict[tuple[Any, ...], BenchmarkResult] = {}
    for claim in sorted(claims, key=lambda claim: (claim.lineage, claim.field, claim.source, claim.statement)):
        said = claim.value
        if not claim.field.startswith("benchmark.") or claim.until is not None or not isinstance(said, dict):
            continue
        text = {key: None if value is None else str(value) for key, value in said.items()}
        slug = claim.field.removeprefix("benchmark.")
        day = text.get("date")
        made = BenchmarkResult(
            id=0,
            model_id=model_id,
            benchmark=Benchmark(0, slug, text.get("name") or slug, text.get("version")),
            metric=text.get("metric") or "",
            score=Decimal(str(said["score"])),
            harness=text.get("harness"),
            variant=text.get("variant"),
            runner=text.get("runner"),
            date=None if day is None else PartialDate(day),
            url=text.get("url"),
            source=claim.source,
        )
        mark = (claim.lineage, slug, made.metric, made.score, made.harness, made.variant, made.runner, day)
        found.setdefault(mark, made)
    return tuple(replace(made, id=number) for number, made in enumerate(found.values(), start=1))


def provider_facts(id: int, slug: str, claims: Iterable[Claim]) -> Provider:
    """A provider from the claims about it."""
    reading = _Reading(accept_all(claims))
    return Provider(
        id=id,
        slug=slug,
        name=reading.text("name") or slug,
        kind=reading.member("kind", ProviderKind.UNKNOWN),
        api_shape=reading.member("api_shape", ApiShape.UNKNOWN),
        base_url=reading.text("base_url"),
        docs_url=reading.text("docs_url"),
        sdk_package=reading.text("sdk_package"),
        credentials=tuple(reading.names("credentials")),
        group=reading.text("group"),
        more_endpoints=tuple(
            (shape, url) for shape in ApiShape if (url := reading.text(f"endpoint.{shape}")) is not None
        ),
    )


def lab_facts(id: int, slug: str, claims: Iterable[Claim]) -> Lab:
    """A lab from the claims about it."""
    reading = _Reading(accept_all(claims))
    return Lab(id=id, slug=slug, name=reading.text("name") or slug, url=reading.text("url"))
