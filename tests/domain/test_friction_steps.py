"""The checklist of a switch: every step says where and of what, so that no two of them seem to contradict each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from hypothesis import given

from domain.cost import MonthlyCost, monthly_cost
from domain.facts import ApiShape, Contender, Unavailable
from domain.friction_factors import Factor, FactorKind
from domain.plan import switch_plan
from domain.plan_steps import End, Step
from tests.domain.made_up import contender, contenders, model, offer, provider
from tests.domain.moving import NO_TABLES, PAGE, TODAY, friction

A, B = model(1, "Ada"), model(2, "Bee")


def steps(source: Contender, target: Contender) -> tuple[str, ...]:
    return friction(source, target).steps


LAB = provider("lab", api_shape=ApiShape.OPENAI_CHAT)
OTHER = provider("other-lab", "Other Lab", api_shape=ApiShape.ANTHROPIC_MESSAGES, credentials=("OTHER_KEY",))
SHOP = provider("shop", api_shape=ApiShape.OPENAI_CHAT)


def test_steps_wire_format_and_cost_speak_of_the_labs_own_routes_and_not_of_the_cheapest_reseller() -> None:
    source = contender(A, offer(LAB, "ada", price=("2", "2"), first_party=True), offer(SHOP, "ada", price=("1", "1")))
    target = contender(B, offer(OTHER, "bee", price=("4", "4"), first_party=True), offer(SHOP, "bee", price=("1", "1")))
    found = friction(source, target)
    assert found.source_route is not None
    assert found.target_route is not None
    assert (found.source_route.key, found.target_route.key) == ("lab/ada", "other-lab/bee")
    said = {factor.kind: factor.sentence for factor in found.factors}
    assert said[FactorKind.CREDENTIALS] == "Requests go to Other Lab instead of Lab. Both are also served by Shop."
    assert said[FactorKind.API_SHAPE] == (
        "The wire format changes: Ada on Lab speaks OpenAI Chat Completions, Bee on Other Lab speaks Anthropic Messages."
    )
    assert said[FactorKind.COST] == "The monthly cost rises from $2,400 at Lab to $4,800 at Other Lab."


def test_a_company_that_serves_both_stands_for_both() -> None:
    source = contender(A, offer("here", "ada", price=("1", "1")), offer(SHOP, "ada", price=("3", "3")))
    target = contender(B, offer("there", "bee", price=("1", "1")), offer(SHOP, "bee", price=("2", "2")))
    assert steps(source, target)[0] == "Put bee where requests name the model."
    said = {factor.kind: factor.sentence for factor in friction(source, target).factors}
    assert said[FactorKind.COST] == "The monthly cost at Shop falls from $3,600 to $2,400."


@given(contenders(1, "Ada"), contenders(2, "Bee"))
def test_friction_and_plan_speak_of_the_same_two_routes(one: Contender, other: Contender) -> None:
    there, back = friction(one, other), friction(other, one)
    routes = there.source_route, there.target_route
    assert routes == (back.target_route, back.source_route)
    ends = (End(each.model.slug, each.model, each.offers, is_route=False) for each in (one, other))
    plan = switch_plan(next(ends), next(ends), workload=PAGE, shapes=NO_TABLES, on=TODAY)
    if isinstance(plan, Unavailable):
        assert None in routes
        return
    assert routes == (plan.source.offer.route, plan.target.offer.route)
    priced = all(isinstance(monthly_cost(each, PAGE), MonthlyCost) for each in (one, other))
    shared = ["API_SHAPE", "SDK", *(["COST"] if priced else [])]
    assert [_shown(there.factors, kind) for kind in shared] == [_shown(plan.steps, kind) for kind in shared]


def _shown(found: Iterable[Factor | Step], kind: str) -> list[tuple[str | None, str | None]]:
    return [(each.before, each.after) for each in found if each.kind == kind]


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
