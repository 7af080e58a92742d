"""The checklist of a switch: every step says where and of what, so that no two of them seem to contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.cost import monthly_cost
from domain.facts import Contender
from domain.friction import switch_friction
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import contender, model, offer

PAGE = REFERENCE_PAGE.workload
A, B = model(1, "Ada"), model(2, "Bee")


def steps(source: Contender, target: Contender) -> tuple[str, ...]:
    costs = (monthly_cost(each, PAGE) for each in (source, target))
    return switch_friction(source, target, workload=PAGE, source_cost=next(costs), target_cost=next(costs)).steps


@pytest.mark.parametrize(
    ("_case", "alpha", "zeta", "step"),
    [
        ("no price known: by name", None, None, "On Alpha, change the model id to bee-at-alpha."),
        ("where the source costs least", ("2", "2"), ("1", "1"), "On Zeta, change the model id to bee-at-zeta."),
        ("not where only the target does", ("1", "1"), ("2", "2"), "On Alpha, change the model id to bee-at-alpha."),
    ],
)
def test_of_shared_providers_the_one_in_use_is_named(
    _case: str, alpha: tuple[str, str] | None, zeta: tuple[str, str] | None, step: str
) -> None:
    source = contender(A, offer("alpha", "ada-at-alpha", price=alpha), offer("zeta", "ada-at-zeta", price=zeta))
    target = contender(B, offer("alpha", "bee-at-alpha"), offer("zeta", "bee-at-zeta", price=("0.1", "0.1")))
    assert steps(source, target)[0] == step


def test_every_limit_names_what_it_limits() -> None:
    """A context window holds prompt and answer, an output limit the answer alone."""
    source = contender(replace(A, context_window=1_000_000, max_output=128_000))
    target = contender(replace(B, context_window=200_000, max_output=64_000))
    assert steps(source, target)[:2] == (
        "Check that no request, prompt and answer together, needs more than 200k tokens.",
        "Check that no answer needs more than 64k tokens.",
    )
    tight = steps(source, contender(replace(B, context_window=1_000, max_output=100)))
    assert tight[:2] == (
        "Shorten every request, prompt and answer together, to at most 1,000 tokens, or choose another target.",
        "Shorten every answer to at most 100 tokens, or choose another target.",
    )
