"""Price sheets: whole ones of one source, dated without gaps or overlaps; zeros say why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import DateBasis
from domain.facts import Price, PriceBasis, PriceMode, ProviderKind, Task
from domain.reconcile import CURATED_SOURCE, Claim
from domain.sheets import Place, current, held, parse_field, price_basis, price_sheets
from tests.domain.told import numbered, said

TODAY = date(2026, 3, 9)
NEW_YEAR = date(2026, 1, 1)
FEBRUARY = date(2026, 2, 1)
SEEN = date(2026, 3, 1)


def sheet(source: str, rates: str, day: int = 1, *, place: str = "STANDARD.0", **facts: object) -> list[Claim]:
    """What a source asks, as `input output cache_read`; a dash is a unit that it does not name."""
    units = zip(("input", "output", "cache_read", "per_image"), rates.split(), strict=False)
    values: dict[str, object] = {"since": date(2026, 3, 1)} | facts
    return [said(f"price.{place}.{unit}", rate, source, day, **values) for unit, rate in units if rate != "-"]


def made(*claims: list[Claim]) -> list[Price]:
    return price_sheets(1, numbered([claim for each in claims for claim in each]))


def rates_of(price: Price) -> str:
    units = (price.input_mtok, price.output_mtok, price.cache_read_mtok)
    return " ".join("-" if rate is None else str(rate) for rate in units)


@pytest.mark.parametrize(
    ("field", "parsed"),
    [
        ("price.STANDARD.0.input", (Place(PriceMode.STANDARD, 0, "USD"), "input")),
        ("price.BATCH.200000.cache_write_1h@CNY", (Place(PriceMode.BATCH, 200_000, "CNY"), "cache_write_1h")),
        ("price.STANDARD.0", None),
        ("price.SLOW.0.input", None),
        ("price.STANDARD.-1.input", None),
        ("price.STANDARD.0.input@yuan", None),
        ("xprice.STANDARD.0.input", None),
    ],
)
def test_a_field_of_a_price(field: str, parsed: tuple[Place, str] | None) -> None:
    assert parse_field(field) == parsed


@pytest.mark.parametrize(
    ("_case", "kind", "name", "task", "amounts", "stated", "basis"),
    [
        ("a whole price", "HOST", "one", "TEXT_GENERATION", {"input": 1, "output": 2}, None, "METERED"),
        ("half a price", "HOST", "one", "TEXT_GENERATION", {"input": 1, "output": 0}, None, "UNKNOWN"),
        ("of an unknown task too", "HOST", "one", "UNKNOWN", {"input": 1}, None, "UNKNOWN"),
        ("enough for an embedding", "HOST", "one", "EMBEDDING", {"input": 1}, None, "METERED"),
        ("any unit of an image", "HOST", "one", "IMAGE_GENERATION", {"per_image": 1}, None, "METERED"),
        ("an image for nothing", "HOST", "one", "IMAGE_GENERATION", {"per_image": 0}, None, "UNKNOWN"),
        ("a plan", "PLAN", "one", "TEXT_GENERATION", {"input": 0, "output": 0}, None, "INCLUDED"),
        ("a plan that meters", "PLAN", "one", "TEXT_GENERATION", {"input": 1, "output": 1}, None, "METERED"),
        ("a trial", "TRIAL", "one:free", "TEXT_GENERATION", {}, None, "TRIAL"),
        ("at home", "LOCAL", "one", "TEXT_GENERATION", {}, None, "LOCAL"),
        ("free by its name", "HOST", "One:FREE", "TEXT_GENERATION", {"input": 0, "output": 0}, None, "FREE"),
        ("free is no part of a word", "HOST", "freedom-1", "TEXT_GENERATION", {}, None, "UNKNOWN"),
        ("free and yet half a price", "HOST", "one-free", "TEXT_GENERATION", {"input": 1}, None, "UNKNOWN"),
        ("a zero alone says nothing", "HOST", "one", "TEXT_GENERATION", {"input": 0, "output": 0}, None, "UNKNOWN"),
        ("what is stated comes first", "HOST", "one", "TEXT_GENERATION", {"input": 1, "output": 1}, "FREE", "FREE"),
        ("unless it states nothing", "PLAN", "one", "TEXT_GENERATION", {}, "UNKNOWN", "INCLUDED"),
    ],
)
def test_why_a_price_is_zero(
    _case: str, kind: str, name: str, task: str, amounts: Mapping[str, int], stated: str | None, basis: str
) -> None:
    rates = {unit: Decimal(amount) for unit, amount in amounts.items()}
    found = price_basis(
        ProviderKind(kind), (None, name), Task(task), rates, None if stated is None else PriceBasis(stated)
    )
    assert found is PriceBasis(basis)


@pytest.mark.parametrize(
    ("_case", "claims", "rates", "source"),
    [
        ("amounts are not mixed", [sheet("models.dev", "1 2"), sheet("litellm", "1 3 0.1")], "1 2 -", "models.dev"),
        ("of equal sheets a missing unit", [sheet("models.dev", "1 2"), sheet("x", "1.0 2 0.1")], "1 2 0.1", "models.dev"),
        ("its own unit stays", [sheet("models.dev", "1 2 0.3"), sheet("x", "1 2 0.1")], "1 2 0.3", "models.dev"),
        (
            "the newest of those that agree",
            [sheet("models.dev", "1 2"), sheet("x", "1 2 0.1", 2), sheet("y", "1 2 0.2", 3), sheet("z", "1 2 0.3", 1)],
            *("1 2 0.2", "models.dev"),
        ),
        (
            "sheets vote, not single amounts",
            [sheet("models.dev", "1 3"), sheet("litellm", "1 2 9"), sheet("x", "1 2")],
            *("1 2 9", "litellm"),
        ),
        (
            "the provider's own sheet",
            [sheet("models.dev", "1 3"), sheet("litellm", "1 3"), sheet("acme", "1 2", own=True)],
            *("1 2 -", "acme"),
        ),
        ("a curated sheet", [sheet("acme", "1 3", own=True), sheet(CURATED_SOURCE, "1 2")], "1 2 -", CURATED_SOURCE),
        ("what is no number", [sheet("models.dev", "1 ask")], "1 - -", "models.dev"),
    ],
)  # fmt: skip
def test_a_sheet_is_taken_whole(_case: str, claims: list[list[Claim]], rates: str, source: str) -> None:
    [found] = made(*claims)
    assert (rates_of(found), found.source) == (rates, source)


def test_every_mode_tier_and_currency_has_its_own() -> None:
    claims = [
        *sheet("x", "7 7", place="BATCH.0"),
        *sheet("x", "2 2", place="STANDARD.200000"),
        *sheet("x", "1 - - 0.04"),
        said("price.STANDARD.0.input@CNY", "9", "x"),
        said("context_window", 8, "x"),
    ]
    found = price_sheets(7, numbered(claims), first_id=40)
    assert [(each.id, each.mode.value, each.above, each.currency, rates_of(each)) for each in found] == [
        (40, "STANDARD", 0, "CNY", "9 - -"),
        (41, "STANDARD", 0, "USD", "1 - -"),
        (42, "STANDARD", 200_000, "USD", "2 2 -"),
        (43, "BATCH", 0, "USD", "7 7 -"),
    ]
    assert found[1].other_units == {"per_image": Decimal("0.04")}
    assert {each.route_id for each in found} == {7}


def dated(source: str, *steps: tuple[str, date]) -> list[Claim]:
    return [claim for rates, day in steps for claim in sheet(source, rates, valid_from=day)]


HISTORY = dated("x", ("5 5", NEW_YEAR), ("1 2", FEBRUARY))


@pytest.mark.parametrize(
    ("_case", "claims", "expected"),
    [
        ("seen", [sheet("x", "1 2")], ["1 2 - from 2026-03-01 OBSERVED to None x"]),
        ("stated", [dated("x", ("1 2", NEW_YEAR))], ["1 2 - from 2026-01-01 STATED to None x"]),
        ("a history", [HISTORY],
         ["5 5 - from 2026-01-01 STATED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to None x"]),
        ("a gap", [sheet("x", "5 5", valid_from=NEW_YEAR, valid_to=date(2026, 1, 20)), dated("x", ("1 2", FEBRUARY))],
         ["5 5 - from 2026-01-01 STATED to 2026-01-20 x", "1 2 - from 2026-02-01 STATED to None x"]),
        ("announced", [dated("x", ("1 2", FEBRUARY), ("9 9", date(2026, 4, 1)))],
         ["1 2 - from 2026-02-01 STATED to 2026-04-01 x", "9 9 - from 2026-04-01 STATED to None x"]),
        ("a change today", [dated("models.dev", ("5 5", FEBRUARY), ("1 2", TODAY)), sheet("litellm", "3 3")],
         ["5 5 - from 2026-02-01 STATED to 2026-03-09 models.dev", "1 2 - from 2026-03-09 STATED to None models.dev"]),
        ("an end today", [sheet("models.dev", "1 2", valid_from=FEBRUARY, valid_to=TODAY), sheet("x", "3 3")],
         ["1 2 - from 2026-02-01 STATED to 2026-03-09 models.dev", "3 3 - from 2026-03-09 OBSERVED to None x"]),
        ("one unit changed while another stayed",
         [sheet("x", "1", since=FEBRUARY), sheet("x", "- 5", since=FEBRUARY, until=SEEN), sheet("x", "- 2", since=SEEN)],
         ["1 5 - from 2026-02-01 OBSERVED to 2026-03-01 x", "1 2 - from 2026-03-01 OBSERVED to None x"]),
        ("the winner has the past of a history that agrees with it", [sheet("models.dev", "1 2"), HISTORY],
         ["5 5 - from 2026-01-01 STATED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to None models.dev"]),
        ("until the winner spoke another one did", [sheet("models.dev", "1 3"), HISTORY],
         ["5 5 - from 2026-01-01 STATED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to 2026-03-01 x",
          "1 3 - from 2026-03-01 OBSERVED to None models.dev"]),
        ("two that date one price: the earlier day", [dated("models.dev", ("1 2", SEEN)), HISTORY],
         ["5 5 - from 2026-01-01 STATED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to None models.dev"]),
        ("two that date other prices do not overlap", [dated("models.dev", ("1 3", SEEN)), HISTORY],
         ["5 5 - from 2026-01-01 STATED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to 2026-03-01 x",
          "1 3 - from 2026-03-01 STATED to None models.dev"]),
        ("beside a dated one an undated one held before", [dated("x", ("1 2", FEBRUARY)), sheet("x", "5 5")],
         ["5 5 - from None OBSERVED to 2026-02-01 x", "1 2 - from 2026-02-01 STATED to None x"]),
        ("observed periods after a stated one", [sheet("x", "5 5", valid_from=NEW_YEAR, valid_to=FEBRUARY),
          sheet("x", "5 5", since=FEBRUARY, valid_to=SEEN), sheet("x", "1 2", since=SEEN)],
         ["5 5 - from 2026-01-01 STATED to 2026-03-01 x", "1 2 - from 2026-03-01 OBSERVED to None x"]),
        ("offered no longer", [sheet("x", "1 2", until=TODAY), sheet("y", "3 3", since=FEBRUARY, until=SEEN)],
         ["3 3 - from 2026-02-01 OBSERVED to 2026-03-01 y", "1 2 - from 2026-03-01 OBSERVED to 2026-03-09 x"]),
        ("another document of one day says another input", [sheet("x", "- 2"), sheet("x", "3", until=SEEN), sheet("x", "1")],
         ["1 2 - from 2026-03-01 OBSERVED to None x"]),
        ("withdrawn on the day on which it was said", [sheet("x", "1 2", until=SEEN)], []),
        ("over before anybody wrote it down",
         [sheet("x", "5 5", since=FEBRUARY, valid_to=FEBRUARY), sheet("x", "1 2")],
         ["5 5 - from None OBSERVED to 2026-02-01 x", "1 2 - from 2026-03-01 OBSERVED to None x"]),
    ],
)  # fmt: skip
def test_days(_case: str, claims: list[list[Claim]], expected: list[str]) -> None:
    """A day that a source names is stated; else it is the day on which we saw it."""
    assert [
        f"{rates_of(each)} from {each.valid_from} {each.valid_from_basis} to {each.valid_to} {each.source}"
        for each in made(*claims)
    ] == expected


def test_the_first_day_counts_and_the_last_does_not() -> None:
    price = Price(1, 1, valid_from=NEW_YEAR, valid_to=FEBRUARY)
    days = [NEW_YEAR - timedelta(1), NEW_YEAR, FEBRUARY - timedelta(1), FEBRUARY]
    assert [bool(current([price], day)) for day in days] == [False, True, True, False]
    assert [bool(held([price], day)) for day in days] == [False, True, True, False]
    assert (bool(current([Price(2, 1)], NEW_YEAR)), held([Price(2, 1)], NEW_YEAR)) == (True, [])


_days = st.integers(0, 60).map(lambda days: NEW_YEAR + timedelta(days))


@st.composite
def _claims(draw: st.DrawFn) -> list[Claim]:
    """What up to four sources say of one sheet over two months; two of them date their prices."""
    found: list[Claim] = []
    sources = ["dated", "dated too", "models.dev", "litellm"]
    for source in draw(st.lists(st.sampled_from(sources), unique=True, min_size=1)):
        days = [*sorted(draw(st.sets(_days, min_size=1, max_size=3))), None]
        for start, end in pairwise(days):
            rates = draw(st.sampled_from(["1 2", "1 2 0.1", "1 3", "2"]))
            facts = {"valid_from": start} if source.startswith("dated") else {"since": start, "until": end}
            found += sheet(source, rates, **facts)  # type: ignore[arg-type]
    return numbered(found)


@given(_claims(), st.data())
def test_the_order_of_claims_changes_nothing(claims: list[Claim], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(claims))
    assert price_sheets(1, shuffled) == price_sheets(1, claims)


@given(_claims())
def test_one_price_at_a_time(claims: list[Claim]) -> None:
    """On no day hold two sheets of one kind, and what is offered today has one."""
    found = price_sheets(1, claims)
    assert all(len(current(found, NEW_YEAR + timedelta(days))) < 2 for days in range(90))
    assert len(current(found, TODAY)) == 1


@given(_claims())
def test_the_input_and_output_of_a_sheet_are_one_sources(claims: list[Claim]) -> None:
    said_ = {
        (claim.source, claim.valid_from or claim.since, claim.field.rsplit(".", 1)[1]): claim.value for claim in claims
    }
    for price in price_sheets(1, claims):
        asked = (str(price.input_mtok), None if price.output_mtok is None else str(price.output_mtok))
        days = {day for source, day, _ in said_ if source == price.source}
        assert asked in {(said_.get((price.source, day, "input")), said_.get((price.source, day, "output"))) for day in days}  # fmt: skip
        assert price.valid_from_basis is not DateBasis.STATED or price.valid_from in {
            each.valid_from for each in claims
        }


NIGHT, DAY, WEEKEND = "MON-SUN 16:30-00:30 UTC", "MON-SUN 00:30-16:30 UTC", "SAT-SUN 00:00-24:00 UTC"


def hours(source: str, *windows: str, mode: str = "STANDARD", **facts: object) -> list[Claim]:
    values: dict[str, object] = {"since": date(2026, 3, 1)} | facts
    return [said(f"hours.{mode}", list(windows), source, 1, **values)]


@pytest.mark.parametrize(
    ("_case", "claims", "held"),
    [
        ("the source's own", [sheet("x", "1 2"), hours("x", DAY, WEEKEND)], [[DAY, WEEKEND]]),
        ("nobody states any", [sheet("x", "1 2")], [[]]),
        ("of another mode", [sheet("x", "1 2"), hours("x", NIGHT, mode="OFF_PEAK")], [[]]),
        (
            "one sheet for each mode",
            [
                *(sheet("x", "1 2"), sheet("x", "0.5 1", place="OFF_PEAK.0")),
                *(hours("x", DAY), hours("x", NIGHT, mode="OFF_PEAK")),
            ],
            [[DAY], [NIGHT]],
        ),
        ("every tier", [sheet("x", "1 2"), sheet("x", "2 4", place="STANDARD.9"), hours("x", DAY)], [[DAY], [DAY]]),
        (
            "of the same amounts",
            [sheet("models.dev", "1 2"), sheet("x", "1 2"), sheet("y", "1 3"), hours("x", DAY), hours("y", NIGHT)],
            [[DAY]],
        ),
        ("of other amounts", [sheet("models.dev", "1 2"), sheet("x", "1 3"), hours("x", DAY)], [[]]),
        (
            "its own before those of another",
            [sheet("models.dev", "1 2"), sheet("x", "1 2"), hours("x", DAY), hours("models.dev", NIGHT)],
            [[NIGHT]],
        ),
        (
            "of their days",
            [
                sheet("x", "1 2", valid_from=NEW_YEAR, valid_to=FEBRUARY),
                sheet("x", "2 4", valid_from=FEBRUARY),
                hours("x", NIGHT, valid_from=NEW_YEAR, valid_to=FEBRUARY),
                hours("x", DAY, valid_from=FEBRUARY),
            ],
            [[NIGHT], [DAY]],
        ),
        (
            "over on the day on which the sheet begins",
            [sheet("x", "2 4", valid_from=FEBRUARY), hours("x", NIGHT, valid_from=NEW_YEAR, valid_to=FEBRUARY)],
            [[]],
        ),
        (
            "no longer said",
            [sheet("x", "1 2"), hours("x", NIGHT, until=date(2026, 3, 5)), hours("x", DAY, since=date(2026, 3, 5))],
            [[NIGHT], [DAY]],
        ),
        (
            "over before the price is, which then holds all day",
            [
                *(sheet("x", "1 2", valid_from=NEW_YEAR, valid_to=FEBRUARY), sheet("x", "1 2", valid_from=FEBRUARY)),
                hours("x", DAY, valid_from=NEW_YEAR, valid_to=FEBRUARY),
            ],
            [[DAY], []],
        ),
        (
            "dated by another source",
            [
                *(sheet("x", "1 2", valid_from=NEW_YEAR), sheet("y", "1 2", valid_from=NEW_YEAR)),
                *(hours("x", NIGHT, since=FEBRUARY, until=SEEN), hours("y", DAY, valid_from=SEEN)),
            ],
            [[], [NIGHT], [DAY]],
        ),
    ],
)
def test_hours_of_a_sheet(_case: str, claims: list[list[Claim]], held: list[list[str]]) -> None:
    assert [[str(window) for window in price.hours] for price in made(*claims)] == held
