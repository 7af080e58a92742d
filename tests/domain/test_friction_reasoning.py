"""How reasoning is switched on, as far as routes show it: what they do not show is no difference."""

from __future__ import annotations

import pytest

from domain.friction_factors import FactorKind
from tests.domain.made_up import capabilities, contender, model, offer
from tests.domain.moving import friction


@pytest.mark.parametrize(
    ("_case", "variants", "sentences"),
    [
        (
            "both are known and differ",
            (("thinking",), ("high",)),
            [
                "Reasoning is switched differently: Ada on Alpha is offered as a variant named thinking, Bee on Alpha as a high-effort variant."
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
        contender(
            model(id, name, capabilities=capabilities("REASONING")), offer("alpha", name.lower(), variant=variant)
        )
        for (id, name), variant in zip(((1, "Ada"), (2, "Bee")), variants, strict=True)
    )
    found = friction(ada, bee)
    assert [each.sentence for each in found.factors if each.kind is FactorKind.REASONING_CONTROL] == sentences
