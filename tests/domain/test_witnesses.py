"""The third witness: which of two models a listing's release day, context window and prices fit, if they fit one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.witnesses import Terms, fitting

DAY, LATER = date(2026, 1, 15), date(2026, 6, 1)


@dataclass(frozen=True)
class Model:
    released: tuple[date, ...] = ()
    listed: frozenset[Terms] = frozenset()


def terms(provider: str, context: int | None = None, input: str | None = None, output: str | None = None) -> Terms:
    return Terms(
        provider, context, None if input is None else Decimal(input), None if output is None else Decimal(output)
    )


def model(*values: tuple[int | None, str | None, str | None], released: tuple[date, ...] = ()) -> Model:
    """A model that as many providers list, each with these values."""
    return Model(released, frozenset(terms(f"host-{number}", *each) for number, each in enumerate(values)))


BIG = model(*[(200_000, "3", "15")] * 4, released=(DAY,))
SMALL = model(*[(400_000, "1", "5")] * 4, released=(LATER,))
WINDOW = model(*[(200_000, "1", "5")] * 4)
"""Of BIG it has the context window and of SMALL the price."""


@pytest.mark.parametrize(
    ("_case", "said", "released", "one", "other", "fits"),
    [
        ("the day alone", terms("mine"), DAY, BIG, SMALL, "one"),
        ("the context alone", terms("mine", 400_000), None, BIG, SMALL, "other"),
        ("the price alone", terms("mine", None, "3", "15"), None, BIG, SMALL, "one"),
        ("the input price alone", terms("mine", None, "1"), None, BIG, SMALL, "other"),
        ("all three", terms("mine", 200_000, "3", "15"), DAY, BIG, SMALL, "one"),
        ("the day of neither, the price of one", terms("mine", None, "3", "15"), date(2020, 1, 1), BIG, SMALL, "one"),
        ("the day of both, the price of one", terms("mine", None, "1", "5"), DAY, BIG, model(*[(1, "1", "5")] * 3, released=(DAY,)), "other"),
        ("the context of both, the price of one", terms("mine", 200_000, "1", "5"), None, BIG, WINDOW, "other"),
        ("a rounded price", terms("mine", None, "2.99", "14.99"), None, BIG, SMALL, "one"),
        ("a million in two ways", terms("mine", 1_000_000), None, model(*[(1_048_576, None, None)] * 3), BIG, "one"),
        ("nothing said", terms("mine"), None, BIG, SMALL, None),
        ("given away", terms("mine", None, "0", "0"), None, model(*[(1, "0", "0")] * 3), SMALL, None),
        ("the values of neither", terms("mine", 32_000, "9", "9"), None, BIG, SMALL, None),
        ("the values of both", terms("mine", 200_000, "3", "15"), None, BIG, model(*[(200_000, "3", "15")] * 4), None),
        ("context against price", terms("mine", 200_000, "1", "5"), None, BIG, SMALL, None),
        ("day against price", terms("mine", None, "1", "5"), DAY, BIG, SMALL, None),
        ("day against context", terms("mine", 400_000), DAY, BIG, SMALL, None),
        ("the input of one and the output of the other", terms("mine", None, "3", "5"), None, BIG, SMALL, None),
        ("too few providers of the one", terms("mine", 7_000), None, model(*[(7_000, None, None)] * 2), BIG, None),
        ("too few providers of the other", terms("mine", 200_000), None, BIG, model(*[(7_000, None, None)] * 2), None),
        ("usual for half", terms("mine", 200_000), None, model(*[(200_000, None, None), (9_000, None, None)] * 2), SMALL, None),
        ("not rare for the other", terms("mine", 200_000), None, BIG, model((200_000, None, None), *[(9_000, None, None)] * 5), None),
        ("rare for the other", terms("mine", 200_000), None, BIG, model((200_000, None, None), *[(9_000, None, None)] * 9), "one"),
        ("near to the other", terms("mine", None, "3", "15"), None, BIG, model(*[(None, "3.3", "16.5")] * 4), None),
    ],
)  # fmt: skip
def test_a_listing_fits_one_of_two_models_or_none(
    _case: str, said: Terms, released: date | None, one: Model, other: Model, fits: str | None
) -> None:
    found = fitting(said, released, one, other)
    assert (found and found[0]) is {"one": one, "other": other, None: None}[fits]


def test_what_shows_it_is_told() -> None:
    found = fitting(terms("mine", 200_000, "3", "15"), DAY, BIG, SMALL)
    assert found is not None
    assert found[1] == (
        "Released 2026-01-15, as the model is.",
        "A context window of 200000 tokens is usual for the model.",
        "A price of $3 and $15 is usual for the model.",
    )


def test_a_providers_own_listings_do_not_testify_for_it() -> None:
    """They may be the listing itself, or what another source copied from it."""
    two = [terms("host-1", 7_000), terms("host-2", 7_000)]
    assert fitting(terms("host-3", 7_000), None, Model((), frozenset([*two, terms("host-3", 7_000)])), SMALL) is None
    assert fitting(terms("mine", 7_000), None, Model((), frozenset([*two, terms("host-3", 7_000)])), SMALL) is not None


def test_a_provider_of_several_sources_is_counted_once() -> None:
    often = Model((), frozenset(terms("host", 7_000, str(price), "1") for price in range(1, 9)))
    assert fitting(terms("mine", 7_000), None, often, SMALL) is None


_TERMS = st.builds(
    Terms,
    st.sampled_from(["mine", "host-1", "host-2", "host-3", "host-4"]),
    st.sampled_from([None, 128_000, 131_072, 200_000, 1_000_000]),
    st.sampled_from([None, Decimal(0), Decimal("1.1"), Decimal(1), Decimal(3)]),
    st.sampled_from([None, Decimal(0), Decimal(5), Decimal(15)]),
)
_MODELS = st.builds(Model, st.sampled_from([(), (DAY,), (LATER,), (DAY, LATER)]), st.frozensets(_TERMS, max_size=12))


@given(_TERMS, st.sampled_from([None, DAY, LATER]), _MODELS, _MODELS)
def test_it_does_not_matter_which_model_is_named_first(
    said: Terms, released: date | None, one: Model, other: Model
) -> None:
    assert fitting(said, released, one, other) == fitting(said, released, other, one)


@given(_TERMS, st.sampled_from([None, DAY, LATER]), _MODELS)
def test_a_listing_never_fits_one_of_two_equals(said: Terms, released: date | None, model: Model) -> None:
    assert fitting(said, released, model, Model(model.released, model.listed)) is None
