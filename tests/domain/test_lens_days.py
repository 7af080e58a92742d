"""Through a lens of days: what held on a day, and never what nobody is known to have said by then."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import CapabilityKind, Lifecycle, Presence
from domain.lens import DEFAULT, Lens, Seen, lens_of, through
from domain.statements import Value
from tests.domain.test_lens import ADA, MODEL, ROUTES, TODAY, Told, on, priced
from tests.domain.told import recorded, said

JANUARY, FEBRUARY, MARCH = date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 8)


def at(day: date, told: list[Told]) -> Seen | None:
    return through(Lens(valid=day), ADA, ROUTES, recorded(*told), licenses={}, newest={}, today=TODAY)


def began(field: str, value: Value, since: date, until: date | None = None, *, valid_from: date | None = None) -> Told:
    return MODEL, said(field, value, "one", since=since, until=until, valid_from=valid_from)


def test_a_limit_is_what_was_said_of_it_on_the_day() -> None:
    told = [
        began("context_window", 4, date(2026, 1, 1), date(2026, 2, 1)),
        began("context_window", 8, date(2026, 2, 1)),
        began("context_window", 16, date(2026, 3, 1), valid_from=date(2026, 3, 20)),
    ]
    found = {day: at(day, told) for day in (JANUARY, FEBRUARY, MARCH, date(2026, 3, 20))}
    assert [seen and seen.model.context_window for seen in found.values()] == [4, 8, 8, 16]


def test_before_the_first_word_a_model_is_not_there() -> None:
    """Its name and its release hold at all times, and are no sign that somebody offered it."""
    told = [began("context_window", 4, date(2026, 1, 1)), began("released", "2025-06", date(2026, 1, 1))]
    assert at(date(2025, 12, 31), told) is None
    found = at(date(2026, 1, 1), told)
    assert found is not None
    assert (found.model.released, found.model.context_window) == ("2025-06", 4)


@pytest.mark.parametrize(
    ("_case", "day", "amounts", "live"),
    [
        ("before the first price", date(2025, 12, 31), None, None),
        ("the first price", date(2026, 1, 1), ["3"], True),
        ("the day of the change", date(2026, 2, 1), ["2"], True),
        ("the last price", MARCH, ["1"], True),
        ("an announced price", date(2027, 1, 1), ["0.5"], True),
    ],
)
def test_prices_by_their_days(_case: str, day: date, amounts: list[str] | None, live: bool | None) -> None:
    told = [
        *priced(11, "one", "3", valid_from=date(2026, 1, 1)),
        *priced(11, "one", "2", valid_from=date(2026, 2, 1)),
        *priced(11, "one", "1", valid_from=date(2026, 3, 1)),
        *priced(11, "one", "0.5", valid_from=date(2026, 12, 1)),
    ]
    found = at(day, told)
    if amounts is None:
        assert found is None
        return
    assert found is not None
    [offer] = found.offers
    assert [str(price.input_mtok) for price in offer.prices] == amounts
    assert offer.route.live is live
    assert len(found.sheets[11]) == 4


def test_status_follows_the_dates_at_the_day() -> None:
    """A shutdown that was learned of later had come all the same."""
    told = [
        *priced(11, "one", "1", valid_from=date(2026, 1, 1)),
        on(11, "retires_on", "2026-02-01", "one", since=date(2026, 3, 1)),
    ]
    status = []
    for day in (JANUARY, FEBRUARY):
        found = at(day, told)
        assert found is not None
        status += [(each.route.lifecycle, each.route.live) for each in found.offers]
    assert status == [(Lifecycle.UNKNOWN, True), (Lifecycle.RETIRED, False)]


def test_what_is_no_longer_listed_keeps_its_last_word_and_is_not_live() -> None:
    told = [on(11, "context_window", 4, "one", since=date(2026, 1, 1), until=date(2026, 2, 1))]
    found = at(MARCH, told)
    assert found is not None
    assert [(each.route.context_window, each.route.live) for each in found.offers] == [(4, False)]


def test_a_name_shows_from_when_somebody_says_it_that_a_route_is_there() -> None:
    """It holds at all times, and yet nobody offered the route before."""
    told = [began("context_window", 4, date(2026, 1, 1)), on(11, "name", "Ada (free)", "one", since=date(2026, 2, 1))]
    found = {day: at(day, told) for day in (JANUARY, FEBRUARY)}
    assert [[each.route.live for each in seen.offers] for seen in found.values() if seen] == [[], [True]]


def test_a_route_that_is_gone_no_longer_speaks_for_the_model() -> None:
    told = [
        on(11, "context_window", 8, "one", since=date(2026, 1, 1), until=date(2026, 2, 1)),
        on(12, "context_window", 8, "one", since=date(2026, 1, 1), until=date(2026, 2, 1)),
        on(13, "context_window", 4, "one", since=date(2026, 1, 1)),
    ]
    found = {day: at(day, told) for day in (JANUARY, MARCH)}
    assert [seen and seen.model.context_window for seen in found.values()] == [8, 4]


def test_a_price_without_a_first_day_holds_now_and_not_on_a_day_that_is_over() -> None:
    told = [
        *priced(11, "one", "1", valid_to=date(2026, 2, 1)),
        *priced(11, "one", "1", valid_from=date(2026, 2, 1)),
    ]
    found = {day: at(day, told) for day in (TODAY, MARCH)}
    assert [[len(each.prices) for each in seen.offers] for seen in found.values() if seen] == [[1], [0]]


def test_a_capability_is_unknown_before_it_was_said() -> None:
    told = [began("context_window", 4, date(2026, 1, 1)), began("capability.VISION", True, date(2026, 2, 1))]
    before, after = at(JANUARY, told), at(FEBRUARY, told)
    assert before is not None
    assert after is not None
    vision = [seen.model.capabilities[CapabilityKind.VISION] for seen in (before, after)]
    assert vision == [Presence.UNKNOWN, Presence.YES]


_days = st.dates(date(2025, 1, 1), date(2027, 12, 31))
_lenses = st.builds(
    Lens,
    st.lists(st.text(min_size=1), max_size=3, unique=True).map(tuple),
    st.none() | _days,
    st.none() | _days,
)


@given(_lenses)
def test_a_lens_is_found_again_by_its_key(lens: Lens) -> None:
    assert lens_of(lens.key) == lens
    assert (lens.key == "") == lens.is_default == (lens == DEFAULT)
    assert lens.day(TODAY) == (lens.valid or lens.known or TODAY)


@pytest.mark.parametrize(
    "text", ["x", "[]", '[["a"],null]', '["a",null,null]', '[["a"],"soon",null]', "[[1],null,null]", "[[], null, null]"]
)
def test_another_text_is_no_lens(text: str) -> None:
    with pytest.raises(ValueError, match="lens"):
        lens_of(text)


@given(st.lists(st.tuples(_days, st.integers(1, 9)), min_size=1, max_size=6, unique_by=lambda each: each[0]), _days)
def test_on_every_day_holds_the_newest_of_what_had_begun(history: list[tuple[date, int]], day: date) -> None:
    told = [each for start, amount in history for each in priced(11, "one", str(amount), valid_from=start)]
    found = at(day, told)
    begun = [amount for start, amount in sorted(history) if start <= day]
    if not begun:
        assert found is None
        return
    assert found is not None
    assert [price.input_mtok for price in found.offers[0].prices] == [Decimal(begun[-1])]


def test_a_newer_list_without_it_ends_a_route_from_its_day_on() -> None:
    told = [on(11, "context_window", 4, "one", since=date(2026, 1, 1), lineage="x", provider="alpha")]
    for day, newest, live in (
        (date(2026, 2, 1), date(2026, 1, 1), True),
        (date(2026, 3, 5), date(2026, 3, 4), False),
    ):
        found = through(
            *(Lens(valid=day), ADA, ROUTES, recorded(*told)),
            licenses={},
            newest={("x", "alpha"): newest},
            today=TODAY,
        )
        assert found is not None
        assert [each.route.live for each in found.offers] == [live]
