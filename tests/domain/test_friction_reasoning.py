"""How reasoning is switched on, as far as routes show it: what they do not show is no difference."""

from __future__ import annotations

from datetime import date

import pytest

from domain.cost import monthly_cost
from domain.friction import switch_friction
from domain.friction_factors import FactorKind
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import capabilities, contender, model, offer

PAGE = REFERENCE_PAGE.workload


@pytest.mark.parametrize(
    ("_case", "variants", "sentences"),
    [
        (
            "both are known and differ",
            (("thinking",), ("high",)),
            [
                "Reasoning is switched differently: Ada is offered as a variant named thinking, Bee as a high-effort variant."
            ],
        ),
        (
            "what no route shows is no difference",
            (("thinking",), ()),
            [],
        ),
        (
            "nor the other way",
            ((), ("high",)),
            [],
        ),
    ],
)
def test_how_reasoning_is_switched(
    _case: str, variants: tuple[tuple[str, ...], tuple[str, ...]], sentences: list[str]
) -> None:
    ada, bee = (
        contender(model(id, name, capabilities=capabilities("REASONING")), offer("alpha", variant=variant))
        for (id, name), variant in zip(((1, "Ada"), (2, "Bee")), variants, strict=True)
    )
    costs = [monthly_cost(each, PAGE) for each in (ada, bee)]
    found = switch_friction(ada, bee, workload=PAGE, source_cost=costs[0], target_cost=costs[1], on=date(2026, 11, 27))
    assert [each.sentence for each in found.factors if each.kind is FactorKind.REASONING_CONTROL] == sentences
