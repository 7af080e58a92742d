"""Through a lens only the named sources speak: what they do not say is unknown, and what they do not list is not there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accepted import LicenseTerms
from domain.cost import MonthlyCost, monthly_cost
from domain.facts import (
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Lab,
    Lifecycle,
    Openness,
    Presence,
    PriceBasis,
    Task,
)
from domain.lens import DEFAULT, Lens, Seen, through
from domain.listing import Newest
from domain.reconcile import Claim
from domain.statements import Value
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import APACHE, contender, model, offer, provider
from tests.domain.told import recorded, said

Told: TypeAlias = "tuple[tuple[str, int], Claim]"
TODAY = date(2026, 3, 9)
ADA = model(
    1, "Ada", lab=Lab(1, "acme", "Acme"), context_window=1, capabilities=Capabilities(frozenset(CapabilityKind))
)
_OFFERS = (
    offer(provider("alpha", group="acme"), "one"),
    offer(provider("beta", group="acme"), "two", first_party=True, variant=("high",), region="eu"),
    offer(provider("gamma"), "three"),
)
ROUTES = [replace(each.route, id=number) for number, each in enumerate(_OFFERS, start=11)]
MODEL = ("model", 1)


def on(route: int, field: str, value: Value, source: str, day: int = 1, **facts: object) -> Told:
    """What a source says of a route by its number."""
    return ("route", route), said(field, value, source, day, **facts)


def priced(route: int, source: str, amount: str = "1", **facts: object) -> list[Told]:
    return [
        (("route", route), said(f"price.STANDARD.0.{unit}", amount, source, **facts))  # type: ignore[arg-type]
        for unit in ("input", "output")
    ]


def seen(told: Sequence[Told], *sources: str) -> Seen:
    found = look(told, *sources)
    assert found is not None
    return found


def look(told: Sequence[Told], *sources: str) -> Seen | None:
    licenses = {"apache-2.0": LicenseTerms(APACHE, CommercialUse.ALLOWED, Openness.OPEN_SOURCE)}
    return through(Lens(sources), ADA, ROUTES, recorded(*told), licenses=licenses, newest={}, today=TODAY)


def test_the_default_lens_names_no_source() -> None:
    assert DEFAULT.is_default
    assert not Lens(("one",)).is_default


def test_a_labs_own_route_ends_with_its_model_in_the_eyes_of_a_source() -> None:
    told = [*priced(11, "one"), *priced(12, "one"), *priced(12, "two"), (MODEL, said("lifecycle", "RETIRED", "one"))]
    live = [{offer.route.id: offer.route.live for offer in seen(told, source).offers} for source in ("one", "two")]
    assert live == [{11: True, 12: False}, {12: True}]


def test_of_whom_a_source_says_nothing_is_not_there() -> None:
    told = [(MODEL, said("context_window", 8, "one")), on(11, "context_window", 4, "two")]
    assert look(told, "three") is None
    assert seen(told, "one").offers == ()
    assert [each.route.id for each in seen(told, "two").offers] == [11]
    assert seen(told, "two").model.context_window == 4


@pytest.mark.parametrize(
    ("_case", "sources", "window", "openness", "vision"),
    [
        ("one says little", ["one"], 8, Openness.UNKNOWN, Presence.UNKNOWN),
        ("the other says other things", ["two"], 4, Openness.OPEN_SOURCE, Presence.NO),
        ("the reviewed page wins where it is named", ["one", "two", "reference-page"], 2, Openness.OPEN_SOURCE, None),
        ("of entries the newest of unlisted lineages", ["one", "two"], 8, Openness.OPEN_SOURCE, Presence.NO),
    ],
)
def test_facts_are_accepted_anew(
    _case: str, sources: list[str], window: int, openness: Openness, vision: Presence | None
) -> None:
    """By the same rules as ever; nothing of the catalogue's own answer is left."""
    told = [
        (MODEL, said("context_window", 8, "one", 2)),
        (MODEL, said("context_window", 4, "two", 1)),
        (MODEL, said("context_window", 2, "reference-page", 1)),
        (MODEL, said("license", "Apache-2.0", "two")),
        (MODEL, said("open_weights", True, "two")),
        (MODEL, said("capability.VISION", False, "two")),
        (MODEL, said("capability.VISION", True, "reference-page")),
    ]
    found = seen(told, *sources).model
    assert (found.context_window, found.openness) == (window, openness)
    assert found.capabilities[CapabilityKind.VISION] is (vision or Presence.YES)
    assert found.capabilities[CapabilityKind.REASONING] is Presence.UNKNOWN


def test_who_is_who_stays() -> None:
    """Number, slug, lab and the ways to a route are the catalogue's; so is the name where no entry gives one."""
    told = [on(12, "name", "Ada (free)", "one"), (MODEL, said("name", "Ada Lovelace", "two"))]
    found = seen(told, "one")
    assert (found.model.id, found.model.slug, found.model.name, found.model.lab) == (1, "ada", "Ada", ADA.lab)
    [made] = [each.route for each in found.offers]
    same = ("id", "key", "provider", "provider_model_id", "variant", "region", "first_party")
    assert {name: getattr(made, name) for name in same} == {name: getattr(ROUTES[1], name) for name in same}
    assert made.name == "Ada (free)"
    assert seen(told, "one", "two").model.name == "Ada Lovelace"


def test_results_of_the_named_sources_only() -> None:
    told = [
        (MODEL, said("benchmark.quiz", {"score": score, "metric": "percent"}, source))
        for source, score in (("one", "1"), ("two", "2"))
    ]
    assert [each.source for each in seen(told, "one").results] == ["one"]
    assert [each.source for each in seen(told, "one", "two").results] == ["one", "two"]


@pytest.mark.parametrize(
    ("_case", "told", "live", "routes", "providers"),
    [
        ("two entries of one company", [*priced(11, "one"), *priced(12, "one")], {11, 12}, 2, 1),
        ("another company", [*priced(11, "one"), *priced(13, "one")], {11, 13}, 2, 2),
        ("no longer listed", [*priced(11, "one"), *priced(13, "one", until=date(2026, 3, 5))], {11}, 1, 1),
        (
            "one word of it is left",
            [*priced(11, "one"), *priced(13, "one", until=date(2026, 3, 5)), on(13, "name", "Ada", "one")],
            *({11, 13}, 2, 2),
        ),
        ("retired", [*priced(11, "one"), on(13, "retires_on", "2026-03-09", "one")], {11}, 1, 1),
        ("retired only later", [*priced(11, "one"), on(13, "retires_on", "2026-03-10", "one")], {11, 13}, 2, 2),
        ("listed by another source", [*priced(11, "one"), *priced(13, "two")], {11}, 1, 1),
    ],
)
def test_what_is_live(_case: str, told: list[Told], live: set[int], routes: int, providers: int) -> None:
    found = seen(told, "one")
    assert {each.route.id for each in found.offers if each.route.live} == live
    assert (found.model.route_count, found.model.provider_count) == (routes, providers)


def test_a_price_comes_from_a_named_source() -> None:
    """And a month costs what that source says."""
    told = [*priced(11, "one", "1"), *priced(11, "two", "3"), on(13, "price.STANDARD.0.input", "1", "one")]
    page = REFERENCE_PAGE.workload
    for source, total in (("one", "1200"), ("two", "3600")):
        found = seen(told, source)
        cost = monthly_cost(contender(found.model, *found.offers), page)
        assert isinstance(cost, MonthlyCost)
        assert cost.total == Decimal(total)
    bases = {each.route.id: each.route.price_basis for each in seen(told, "one").offers}
    assert bases == {11: PriceBasis.METERED, 13: PriceBasis.UNKNOWN}


def test_what_a_route_is_for_may_be_said_on_another() -> None:
    """An input price is a whole one where the model makes numbers, whichever route says that it does."""
    told = [on(11, "price.STANDARD.0.input", "1", "one"), on(12, "task", "EMBEDDING", "one")]
    found = seen(told, "one")
    assert found.model.task is Task.EMBEDDING
    assert {each.route.id: each.route.price_basis for each in found.offers}[11] is PriceBasis.METERED


def test_only_prices_that_hold_now() -> None:
    told = [
        *priced(11, "one", "3", valid_from=date(2025, 1, 1)),
        *priced(11, "one", "2", valid_from=date(2026, 1, 1)),
        *priced(11, "one", "1", valid_from=date(2026, 4, 1)),
    ]
    [found] = seen(told, "one").offers
    assert [price.input_mtok for price in found.prices] == [Decimal(2)]


def test_a_price_looks_wrong_among_those_that_are_seen() -> None:
    """Four routes make a median; a route that the lens does not show does not count, nor one that is retired."""
    routes = [*ROUTES, replace(ROUTES[2], id=14, key="delta/four", provider=provider("delta"))]
    told = [each for route in (11, 12, 13) for each in priced(route, "one")]
    for more, expected in (
        (priced(14, "one", "9"), [None, None, None, True]),
        (priced(14, "two", "9"), [None, None, None]),
        ([*priced(14, "one", "9"), on(13, "lifecycle", "RETIRED", "one")], [None, None, None, None]),
    ):
        found = through(Lens(("one",)), ADA, routes, recorded(*told, *more), licenses={}, newest={}, today=TODAY)
        assert found is not None
        marks = [price.suspicious for each in found.offers for price in each.prices]
        assert [mark and "median" in mark for mark in marks] == expected


def test_a_route_was_last_seen_in_the_newest_document() -> None:
    told = [on(11, "name", "Ada", "one", day=day) for day in (2, 7, 5)]
    assert [each.route.last_seen for each in seen(told, "one").offers] == [date(2026, 3, 7)]


def test_a_price_alone_keeps_a_labs_route_live_only_where_no_list_counts() -> None:
    """Rule `route.live`: with the prices alone nobody knows what the lists leave out."""
    routes = [*ROUTES, replace(ROUTES[2], id=14, key="delta/four", provider=provider("delta"))]
    told = [
        (MODEL, said("released", "2025-06-01", "models.dev")),
        *priced(12, "prices", provider="beta", first_party=True),
        *(on(number, "context_window", 8, "models.dev", provider=at) for number, at in ((13, "gamma"), (14, "delta"))),
        (MODEL, said("released", "2025-06-01", "prices")),
    ]
    lists = {("models.dev", at): date(2026, 3, 1) for at in ("beta", "gamma", "delta")}

    def live(newest: Newest, *sources: str) -> dict[str, bool]:
        found = through(Lens(sources), ADA, routes, recorded(*told), licenses={}, newest=newest, today=TODAY)
        assert found is not None
        return {each.route.key: each.route.live for each in found.offers}

    assert live(lists) == {"beta/two": False, "gamma/three": True, "delta/four": True}
    assert live({}, "prices") == {"beta/two": True}


_FIELDS: dict[str, tuple[Value, ...]] = {
    "context_window": (4, 8),
    "name": ("Ada", "Bee"),
    "capability.VISION": (True, False),
    "input_modalities": (["TEXT"], ["TEXT", "IMAGE"]),
    "lifecycle": ("AVAILABLE", "RETIRED"),
    "price.STANDARD.0.input": ("1", "2"),
    "price.STANDARD.0.output": ("1", "2"),
}


@st.composite
def _told(draw: st.DrawFn) -> list[Told]:
    found: list[Told] = []
    for _ in range(draw(st.integers(1, 10))):
        about = draw(st.sampled_from([MODEL, ("route", 11), ("route", 12), ("route", 13)]))
        field = draw(st.sampled_from(list(_FIELDS)))
        source = draw(st.sampled_from(["one", "two", "reference-page", "litellm"]))
        claim = said(field, draw(st.sampled_from(_FIELDS[field])), source, draw(st.integers(1, 3)))
        found.append((about, claim))
    return found


_sources = st.sets(st.sampled_from(["one", "two", "reference-page", "litellm"]), min_size=1)


@given(_told(), _sources)
def test_unnamed_sources_are_as_if_they_did_not_exist(told: list[Told], sources: set[str]) -> None:
    named = [each for each in recorded(*told) if each.claim.source in sources]
    lens = Lens(tuple(sorted(sources)))
    alone = through(lens, ADA, ROUTES, named, licenses={}, newest={}, today=TODAY)
    assert through(lens, ADA, ROUTES, recorded(*told), licenses={}, newest={}, today=TODAY) == alone
    assert (alone is None) == (not named)


@given(_told())
def test_what_holds_today_is_what_holds(told: list[Told]) -> None:
    """All that nobody has withdrawn has begun; so the day of today is no lens at all."""
    now, today = (
        through(lens, ADA, ROUTES, recorded(*told), licenses={}, newest={}, today=TODAY)
        for lens in (DEFAULT, Lens(valid=TODAY))
    )
    assert now == today


@given(_told(), _sources, st.data())
def test_no_order_matters(told: list[Told], sources: set[str], data: st.DataObject) -> None:
    said_ = recorded(*told)
    shuffled, lens = data.draw(st.permutations(said_)), data.draw(st.permutations(sorted(sources)))
    found = through(Lens(tuple(sorted(sources))), ADA, ROUTES, said_, licenses={}, newest={}, today=TODAY)
    assert through(Lens(tuple(lens)), ADA, ROUTES, shuffled, licenses={}, newest={}, today=TODAY) == found


@given(_told(), _sources)
def test_silence_is_unknown_and_not_no(told: list[Told], sources: set[str]) -> None:
    """Whatever the catalogue knows: this model has every capability there."""
    found = look(told, *sorted(sources))
    if found is None:
        return
    spoken = {claim.field for _, claim in told if claim.source in sources}
    if spoken.isdisjoint({"capability.VISION", "input_modalities"}):
        assert found.model.capabilities[CapabilityKind.VISION] is Presence.UNKNOWN
    if "context_window" not in spoken:
        assert found.model.context_window is None
    if "lifecycle" not in spoken:
        assert found.model.lifecycle is Lifecycle.UNKNOWN
    assert found.model.capabilities[CapabilityKind.REASONING] is Presence.UNKNOWN
