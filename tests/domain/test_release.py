"""A model is not released after most of those who serve it say so."""

from collections.abc import Sequence

import pytest

from domain.reconcile import accept
from domain.release import served_earlier
from tests.domain.told import numbered, said


@pytest.mark.parametrize(
    ("days", "own", "found"),
    [
        (["2026-08-12", "2026-04-24", "2026-04-24", "2026-04-24"], "2026-08-12", "2026-04-24"),
        (["2026-08-12", "2026-04-24"], "2026-08-12", None),  # no majority
        (["2026-02-18", "2025-09-01", "2025-09-01"], "2026-02-18", None),  # two may be one mistake
        (["2026-08-12", "2026-04-24", "2026-04-25", "2026-04-26"], "2026-08-12", None),
        (["2026-04-24", "2026-08-12", "2026-08-12"], "2026-04-24", None),  # hosts are later than the lab
        (["2026-04-24", "2026-04", "2026-04"], "2026-04-24", None),  # the same, said less exactly
        (["2026-04", "2026-04-24", "2026-04-24"], "2026-04", None),
        ([], "2026-04-24", None),
    ],
)
def test_an_earlier_day_that_most_state(days: Sequence[str], own: str, found: str | None) -> None:
    assert served_earlier(days, own) == found


def test_the_lab_s_later_day_stays_in_the_evidence_as_another_value() -> None:
    hosts = [said("released", "2026-04-24", "catalog", route=f"host-{number}/volt") for number in range(3)]
    own = said("released", "2026-08-12", "catalog", route="acme/volt", first_party=True)
    found = accept("released", numbered([own, *hosts]))
    assert found is not None
    assert (found.value, found.rule) == ("2026-04-24", "reconcile.served-earlier")
    alone = accept("released", numbered([own, hosts[0]]))
    assert alone is not None
    assert (alone.value, alone.rule) == ("2026-08-12", "reconcile.first-party")
    later = said("context_window", 8, "catalog", route="acme/volt", first_party=True)
    window = accept(
        "context_window", numbered([later, *(said("context_window", 4, "catalog", route=f"h-{n}") for n in "abc")])
    )
    assert window is not None
    assert window.value == 8
