"""Switch plans: steps in the order of doing, lost one way is gained the other way, the unknown is never lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import plan_parameters
from domain.facts import ApiShape, CapabilityKind, Lifecycle, Model, Offer, PriceBasis, Unavailable
from domain.friction import WEIGHTS
from domain.friction_factors import Level
from domain.plan import RULES, switch_plan
from domain.plan_steps import End, StepKind, SwitchPlan
from domain.shapes import Concept, Parameter, Reference, Shapes, ValueKind
from domain.standing import standing, standings
from domain.workload import LONG_DOCUMENT, REFERENCE_PAGE, Workload
from tests.domain.made_up import capabilities, model, models, offer, offers, provider

MONTH = REFERENCE_PAGE.workload
TODAY = date(2026, 11, 27)
READ = Reference("https://example.com/api", date(2026, 11, 26), "as it says")


def cell(concept: Concept, name: str | None, *values: str) -> Parameter:
    return Parameter(concept, name, values, READ, takes=ValueKind.CHOICE if values else ValueKind.NUMBER)


SHAPES = Shapes(
    {
        ApiShape.OPENAI_CHAT: {
            each.concept: each
            for each in (
                cell(Concept.MAX_OUTPUT, "max_completion_tokens"),
                cell(Concept.REASONING, "reasoning_effort", "low", "high"),
                cell(Concept.SEED, "seed"),
                cell(Concept.STOP, "stop"),
            )
        },
        ApiShape.ANTHROPIC_MESSAGES: {
            each.concept: each
            for each in (
                cell(Concept.MAX_OUTPUT, "max_tokens"),
                cell(Concept.REASONING, "output_config.effort", "low", "max"),
                cell(Concept.SEED, None),
            )
        },
    }
)
OPENAI = provider(
    "openai", "OpenAI", api_shape=ApiShape.OPENAI_CHAT, base_url="https://api.example/v1", credentials=("KEY",)
)
ANTHROPIC = provider("anthropic", "Anthropic", api_shape=ApiShape.ANTHROPIC_MESSAGES, docs_url="https://docs.example")
ADA = model(1, "Ada", context_window=400_000, max_output=64_000)
BEE = model(2, "Bee", context_window=200_000, max_output=64_000)


OTHERWISE = "Name the key of a route to have another one."


def at(dollars: str, where: str, name: str, *, own: bool = False) -> tuple[Offer]:
    """One priced offer."""
    return (offer(where, name, price=(dollars, str(4 * int(dollars))), first_party=own),)


def of_route(one: Offer, known: Model | None = None) -> End:
    return End(one.route.key, known, (one,), True)


def plan(source: End, target: End, workload: Workload = MONTH) -> SwitchPlan:
    found = switch_plan(source, target, workload=workload, shapes=SHAPES, on=TODAY)
    assert isinstance(found, SwitchPlan)
    return found


THERE = plan(
    of_route(offer(OPENAI, "ada", price=("1", "4")), ADA), of_route(offer(ANTHROPIC, "bee", price=("3", "12")), BEE)
)


def test_a_plan_in_the_order_of_doing() -> None:
    assert [(step.kind.value, step.severity.value, step.before, step.after) for step in THERE.steps] == [
        ("CREDENTIALS", "HIGH", "OpenAI", "Anthropic"),
        ("MODEL_ID", "LOW", "ada", "bee"),
        ("API_SHAPE", "MEDIUM", "OpenAI Chat Completions", "Anthropic Messages"),
        ("PARAMETERS_REMOVED", "MEDIUM", "seed", "none"),
        ("PARAMETERS_RENAMED", "LOW", "max_completion_tokens", "max_tokens"),
        ("PARAMETERS_VALUES", "LOW", "reasoning_effort", "output_config.effort"),
        ("PARAMETERS_UNKNOWN", "LOW", "stop", "not documented"),
        ("CONTEXT_WINDOW", "MEDIUM", "400k", "200k"),
        ("COST", "HIGH", "$1,800", "$5,400"),
        ("DATA_TERMS", "LOW", "OpenAI", "Anthropic"),
        ("EVIDENCE_GAP", "MEDIUM", None, None),
        ("EVIDENCE_GAP", "LOW", None, None),
        ("RETEST", "LOW", None, None),
    ]
    assert (THERE.level, THERE.score) == (Level.HIGH, 100)
    assert THERE.notes == (
        "Wire format that is assumed: OpenAI Chat Completions at the source, Anthropic Messages at the target.",
    )


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        (
            "CREDENTIALS",
            "Open an account with Anthropic and point the client to it (base URL not sourced yet; credentials not sourced yet). "
            "Documentation: https://docs.example",
        ),
        ("MODEL_ID", "Put bee where requests name the model."),
        ("PARAMETERS_REMOVED", "Stop sending seed, and find another way to do what it did."),
        ("PARAMETERS_VALUES", "Map every value that you send in reasoning_effort to what the target takes."),
        ("PARAMETERS_UNKNOWN", "Look up what becomes of stop."),
    ],
)
def test_what_to_do(kind: str, action: str) -> None:
    assert [step.action for step in THERE.steps if step.kind == kind] == [action]


def test_steps_on_parameters_name_their_documents() -> None:
    [step] = (step for step in THERE.steps if step.kind is StepKind.PARAMETERS_RENAMED)
    assert step.references == (READ,)
    assert [change.concept for change in step.parameters] == [Concept.MAX_OUTPUT]
    assert step.rule == "plan.parameter-steps"


def test_what_to_test_again_follows_from_the_other_steps() -> None:
    assert THERE.steps[-1].sentence == (
        "Test again before moving traffic: answers and prompts, on your own evaluations, requests, streaming and error handling, "
        "reasoning effort, your longest requests, and the bill of a day. Send every parameter that you use once: a model may refuse "
        "what its format has, and where no document says so of single models, no step here does."
    )


def test_another_provider_of_the_same_model_and_shape() -> None:
    host = provider("host", api_shape=ApiShape.OPENAI_CHAT)
    found = plan(of_route(offer(OPENAI, "ada"), ADA), of_route(offer(host, "ada"), ADA))
    assert [step.kind.value for step in found.steps] == [
        "CREDENTIALS",
        "PARAMETERS_KEPT",
        "DATA_TERMS",
        "EVIDENCE_GAP",
        "EVIDENCE_GAP",
        "RETEST",
    ]
    assert "a sample of answers" in found.steps[-1].sentence


@pytest.mark.parametrize(
    ("_case", "old", "new", "kinds"),
    [
        ("another entry of one company", provider("g", group="g"), provider("g-eu", group="g"), [("CREDENTIALS", "LOW")]),
        ("another company", provider("g"), provider("h"), [("CREDENTIALS", "HIGH")]),
        ("the same provider", provider("g"), provider("g"), []),
    ],
)  # fmt: skip
def test_whose_credentials(_case: str, old: object, new: object, kinds: list[tuple[str, str]]) -> None:
    found = plan(of_route(offer(old, "ada")), of_route(offer(new, "bee")))  # type: ignore[arg-type]
    assert [(step.kind, step.severity) for step in found.steps if step.kind is StepKind.CREDENTIALS] == kinds


def test_an_unknown_shape_is_said_not_compared() -> None:
    found = plan(of_route(offer(OPENAI, "ada")), of_route(offer(provider("host"), "ada")))
    [step] = (step for step in found.steps if step.kind is StepKind.PARAMETERS_UNKNOWN)
    assert step.sentence == "No table of parameters for the API of Host, so that parameters are not compared."
    assert (step.before, step.after) == ("OpenAI Chat Completions", None)


@pytest.mark.parametrize(
    ("_case", "old", "new", "steps"),
    [
        ("both metered", PriceBasis.METERED, PriceBasis.METERED, []),
        ("to a subscription", PriceBasis.METERED, PriceBasis.INCLUDED, ["The basis of the price changes from metered to included in a plan."]),
        ("nobody knows", PriceBasis.METERED, PriceBasis.UNKNOWN, []),
    ],
)  # fmt: skip
def test_the_basis_of_the_price(_case: str, old: PriceBasis, new: PriceBasis, steps: list[str]) -> None:
    found = plan(of_route(offer(OPENAI, "ada", price_basis=old)), of_route(offer(OPENAI, "bee", price_basis=new)))
    assert [step.sentence for step in found.steps if step.kind is StepKind.BILLING] == steps


def test_a_request_that_does_not_fit_blocks() -> None:
    small = replace(BEE, context_window=8_000)
    found = plan(of_route(offer(OPENAI, "ada"), ADA), of_route(offer(OPENAI, "bee"), small), LONG_DOCUMENT.workload)
    assert found.level is Level.BLOCKED


@pytest.mark.parametrize(
    ("_case", "given", "key", "note"),
    [
        (
            "the lab's own, even where a reseller is cheaper",
            (offer("lab", "ada", price=("2", "8"), first_party=True), offer("cheap", "ada", price=("1", "4"))),
            "lab/ada",
            f"Ada stands for its route lab/ada, its lab's own: REFERENCE_PAGE costs $3,600 a month on it. {OTHERWISE}",
        ),
        (
            "the cheapest where the lab's own has no cost",
            (offer("lab", "ada", first_party=True), *at("1", "near", "ada"), *at("2", "far", "ada")),
            "near/ada",
            f"Ada stands for its route near/ada, the cheapest one, as no route of its lab's own has a cost: REFERENCE_PAGE costs $1,800 a month on it. {OTHERWISE}",
        ),
        (
            "the lab's own where nothing has a cost",
            (offer("alpha", "ada"), offer("lab", "ada", first_party=True)),
            "lab/ada",
            "Ada stands for its route lab/ada, because no route of it has a cost at this workload.",
        ),
        (
            "what is gone does not stand for it",
            (offer("gone", "ada", price=("1", "1"), live=False), offer("here", "ada", price=("2", "8"))),
            "here/ada",
            f"Ada stands for its route here/ada, the cheapest one, as no route of its lab's own has a cost: REFERENCE_PAGE costs $3,600 a month on it. {OTHERWISE}",
        ),
    ],
)
def test_which_route_stands_for_a_model(_case: str, given: tuple[Offer, ...], key: str, note: str) -> None:
    found = standing(End("ada", ADA, given, False), MONTH)
    assert not isinstance(found, Unavailable)
    assert (found.offer.route.key, found.note) == (key, note)


@pytest.mark.parametrize(
    ("_case", "ada", "bee", "keys"),
    [
        ("each lab's own", (*at("9", "lab", "ada", own=True), *at("1", "shop", "ada")), (*at("9", "den", "bee", own=True), *at("1", "shop", "bee")), ("lab/ada", "den/bee")),
        ("the company of the other one's own", at("9", "lab", "ada", own=True), (*at("9", "lab", "bee"), *at("1", "shop", "bee")), ("lab/ada", "lab/bee")),
        ("a company that serves both", (*at("1", "here", "ada"), *at("3", "shop", "ada")), (*at("1", "there", "bee"), *at("3", "shop", "bee")), ("shop/ada", "shop/bee")),
        ("of those the cheapest for both together", (*at("1", "one", "ada"), *at("3", "two", "ada")), (*at("9", "one", "bee"), *at("3", "two", "bee")), ("two/ada", "two/bee")),
        ("the cheapest each", at("1", "here", "ada"), (*at("2", "there", "bee"), *at("3", "shop", "bee")), ("here/ada", "there/bee")),
    ],
)  # fmt: skip
def test_which_routes_stand_for_two_models(
    _case: str, ada: tuple[Offer, ...], bee: tuple[Offer, ...], keys: tuple[str, str]
) -> None:
    ends = End("ada", ADA, ada, False), End("bee", BEE, bee, False)
    there, back = standings(*ends, MONTH), standings(ends[1], ends[0], MONTH)
    assert tuple(each.offer.route.key for each in there if not isinstance(each, Unavailable)) == keys
    assert there == back[::-1]


def test_a_model_stays_with_the_company_of_the_route_at_the_other_end() -> None:
    (used,) = at("5", "shop", "ada")
    offers = (*at("9", "lab", "bee", own=True), *at("4", "shop", "bee"), *at("1", "cheap", "bee"))
    found = standings(of_route(used, ADA), End("bee", BEE, offers, False), MONTH)[1]
    assert not isinstance(found, Unavailable)
    assert found.offer.route.key == "shop/bee"
    assert str(found.note).startswith("Bee stands for its route shop/bee, at Shop like the other end: ")


def test_a_retired_model_is_left_where_its_lab_served_it() -> None:
    gone = replace(ADA, lifecycle=Lifecycle.RETIRED)
    was = offer("lab", "ada", live=False, first_party=True)
    own = replace(was, route=replace(was.route, lifecycle=Lifecycle.RETIRED))
    here, there = (
        End("ada", gone, (own, *at("1", "shop", "ada")), False),
        End("bee", BEE, at("2", "shop", "bee"), False),
    )
    left, _ = standings(here, there, MONTH)
    assert not isinstance(left, Unavailable)
    assert (left.offer, left.note) == (
        own,
        "Ada stands for its route lab/ada, its lab's own, which is retired (it is still listed by Shop). "
        "Name the key of a route to leave another one.",
    )
    back = standings(there, here, MONTH)[1]
    assert not isinstance(back, Unavailable)
    assert back.offer.route.key == "shop/ada"  # nobody moves to what is gone
    alone = standings(replace(here, offers=(own,)), there, MONTH)[0]
    assert not isinstance(alone, Unavailable)
    assert str(alone.note).startswith("Ada stands for its route lab/ada, its lab's own, which is retired. ")


def test_a_model_without_a_live_route_has_no_plan() -> None:
    nowhere = End("ada", ADA, (offer("gone", "ada", live=False),), False)
    found = switch_plan(nowhere, of_route(offer(OPENAI, "bee")), workload=MONTH, shapes=SHAPES, on=TODAY)
    assert found == Unavailable("NO_LIVE_ROUTE", "No live route of Ada is tracked.")


_known = st.none() | models(1, "Ada")
_ends = st.builds(lambda one, known: of_route(one, known), offers(), _known)


@given(_ends)
def test_a_route_has_no_steps_to_itself(end: End) -> None:
    found = plan(end, end)
    assert (found.steps, found.level, found.score) == ((), Level.LOW, 0)


def _about(found: SwitchPlan, kind: StepKind) -> set[StrEnum]:
    return {
        each
        for step in found.steps
        if step.kind is kind
        for each in (*step.capabilities, *step.modalities, *(change.concept for change in step.parameters))
    }


@given(_ends, _ends)
def test_what_is_lost_one_way_is_gained_the_other_way(one: End, other: End) -> None:
    there, back = plan(one, other), plan(other, one)
    for lost, gained in (
        (StepKind.CAPABILITY_LOST, StepKind.CAPABILITY_GAINED),
        (StepKind.MODALITY_LOST, StepKind.MODALITY_GAINED),
    ):
        assert _about(there, lost) == _about(back, gained)
    # What is lost where nobody knows whether the source can do it is gained by nobody for certain.
    assert _about(back, StepKind.PARAMETERS_GAINED) <= _about(there, StepKind.PARAMETERS_REMOVED)


@given(_ends, _ends)
def test_steps_keep_their_order_and_the_score_is_their_sum(one: End, other: End) -> None:
    found = plan(one, other)
    places = [list(StepKind).index(step.kind) for step in found.steps]
    assert places == sorted(places)
    assert found.score == min(100, sum(WEIGHTS[step.severity] for step in found.steps))
    assert {step.kind for step in found.steps[-1:]} <= {StepKind.RETEST}


@given(_ends)
def test_nothing_is_lost_to_what_nobody_knows(one: End) -> None:
    there = plan(one, of_route(offer(provider("nowhere"), "nothing")))
    losses = {StepKind.CAPABILITY_LOST, StepKind.MODALITY_LOST, StepKind.PARAMETERS_REMOVED}
    assert not losses & {step.kind for step in there.steps}


def test_a_capability_that_nobody_mentions_is_unknown() -> None:
    able = replace(ADA, capabilities=capabilities("TOOL_USE VISION"))
    found = plan(of_route(offer(OPENAI, "ada"), able), of_route(offer(OPENAI, "bee"), BEE))
    assert _about(found, StepKind.CAPABILITY_LOST) == set()
    assert _about(found, StepKind.CAPABILITY_UNKNOWN) == {CapabilityKind.TOOL_USE, CapabilityKind.VISION}


def test_every_rule_of_a_step_is_published() -> None:
    ids = {rule.id for rule in (*RULES, *plan_parameters.RULES)}
    assert {step.rule for step in THERE.steps if step.rule.startswith("plan.")} <= ids
