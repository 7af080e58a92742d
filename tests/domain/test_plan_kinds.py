"""Plans between models that generate no text, and between models that themselves refuse parameters of their format."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import monthly_cost
from domain.facts import ApiShape, Contender, Lab, Lifecycle, Model, Provider, Task
from domain.friction import WEIGHTS
from domain.friction_factors import FactorKind, Level, Severity
from domain.plan import route_friction, switch_friction, switch_plan
from domain.plan_steps import End, Standing, Step, StepKind, SwitchPlan
from domain.shapes import Concept
from domain.workload import REFERENCE_PAGE
from schema.shapes import SHAPES
from tests.domain.made_up import capabilities, contender, model, offer, provider, rivals

TODAY = date(2026, 11, 27)
LAB = Lab(1, "lab", "Lab")
MONTH = REFERENCE_PAGE.workload
OPENAI = provider("openai", "OpenAI", api_shape=ApiShape.OPENAI_RESPONSES)
ANTHROPIC = provider("anthropic", "Anthropic", api_shape=ApiShape.ANTHROPIC_MESSAGES)
GOOGLE = provider("google", "Google", api_shape=ApiShape.GOOGLE_GENAI)
MISTRAL = provider("mistral", "Mistral", api_shape=ApiShape.OPENAI_CHAT)
ALIBABA = provider("alibaba-cn", "Alibaba (China)", group="alibaba", api_shape=ApiShape.OPENAI_CHAT)
REASONING = capabilities("REASONING STREAMING STRUCTURED_OUTPUTS FUNCTION_CALLING")


def of(slug: str, at: Provider, id_: int, **facts: object) -> End:
    made = replace(model(id_, slug), slug=slug, capabilities=REASONING, **facts)  # type: ignore[arg-type]
    return End(slug, made, (offer(at, slug, price=("1", "4")),), True)


def plan(source: End, target: End, on: date = TODAY) -> SwitchPlan:
    found = switch_plan(source, target, workload=MONTH, shapes=SHAPES, on=on)
    assert isinstance(found, SwitchPlan)
    return found


def only(found: SwitchPlan, kind: StepKind) -> Step:
    [step] = [each for each in found.steps if each.kind is kind]
    return step


def named(found: SwitchPlan, kind: StepKind) -> set[Concept]:
    return {change.concept for step in found.steps if step.kind is kind for change in step.parameters}


def test_everything_has_to_be_embedded_again() -> None:
    limits = {"task": Task.EMBEDDING, "max_output": 1}
    found = plan(
        of("embed-a", OPENAI, 1, context_window=8_000, **limits),
        of("embed-b", GOOGLE, 2, context_window=8_000, **limits | {"max_output": 3}),
    )
    step = only(found, StepKind.VECTORS)
    assert (step.severity.value, step.sentence) == (
        "HIGH",
        "Vectors of embed-a and embed-b do not mix: each model places texts in a space of its own.",
    )
    assert "Check the dimension" in str(step.action)
    assert not [change for each in found.steps for change in each.parameters]
    assert StepKind.MAX_OUTPUT not in {each.kind for each in found.steps}
    assert only(found, StepKind.PARAMETERS_UNKNOWN).sentence.startswith("Parameters of requests for embedding are not")
    tested = only(found, StepKind.RETEST).sentence
    assert "what your own queries find" in tested
    assert "tool calls" not in tested


def test_the_same_embedding_model_elsewhere_keeps_its_vectors() -> None:
    source = of("embed-a", OPENAI, 1, task=Task.EMBEDDING)
    found = plan(source, of("embed-a", GOOGLE, 1, task=Task.EMBEDDING))
    assert StepKind.VECTORS not in {each.kind for each in found.steps}


def test_bills_of_images_are_said_not_to_be_compared() -> None:
    one, other = (replace(model(id_, slug), task=Task.IMAGE_GENERATION) for id_, slug in ((1, "one"), (2, "other")))
    ends = [End(each.slug, each, (offer(at, each.slug),), True) for each, at in ((one, OPENAI), (other, GOOGLE))]
    found = plan(ends[0], ends[1])
    assert only(found, StepKind.BILLING).sentence.startswith("The costs are not compared: ")
    assert "images from your own prompts" in only(found, StepKind.RETEST).sentence


@pytest.mark.parametrize(
    ("_case", "source", "target", "removed"),
    [
        ("within one format", ("claude-opus-4-6", ANTHROPIC), ("claude-opus-5-5", ANTHROPIC), {"TEMPERATURE", "TOP_P", "TOP_K"}),
        ("neither takes it", ("claude-opus-5", ANTHROPIC), ("claude-opus-5-5", ANTHROPIC), set()),
        ("both take it", ("claude-opus-4-5", ANTHROPIC), ("claude-opus-4-6", ANTHROPIC), set()),
        ("between formats", ("gpt-4.1", OPENAI), ("claude-opus-5-5", ANTHROPIC), {"TEMPERATURE", "TOP_P"}),
        ("neither takes it in its format", ("gpt-5", OPENAI), ("claude-opus-5-5", ANTHROPIC), set()),
        ("who leaves may have set it", ("gpt-6-sol", OPENAI), ("claude-opus-5-5", ANTHROPIC), {"TEMPERATURE", "TOP_P"}),
        ("a budget instead of a level", ("gemini-3.8-flash", GOOGLE), ("claude-haiku-4-5", ANTHROPIC), {"SEED", "TOP_P"}),
        ("one of the two at a time", ("claude-3.5-haiku", ANTHROPIC), ("claude-haiku-4-5", ANTHROPIC), {"TOP_P"}),
        ("as before at each of its kind", ("claude-haiku-4-5", ANTHROPIC), ("claude-sonnet-4-5", ANTHROPIC), set()),
        ("who sent one of the two", ("claude-haiku-4-5", ANTHROPIC), ("claude-haiku-5-5", ANTHROPIC), {"TEMPERATURE", "TOP_P", "TOP_K"}),
        ("unless set otherwise", ("claude-opus-4-6", ANTHROPIC), ("gpt-6-sol", OPENAI), {"TEMPERATURE", "TOP_P", "TOP_K", "STOP"}),
        ("unless set as before", ("gpt-5.1", OPENAI), ("gpt-6-sol", OPENAI), set()),
        ("which cannot be set there", ("gpt-5.1", OPENAI), ("gpt-6.1-sol", OPENAI), {"TEMPERATURE", "TOP_P"}),
    ],
)  # fmt: skip
def test_what_a_model_refuses_is_removed(
    _case: str, source: tuple[str, Provider], target: tuple[str, Provider], removed: set[str]
) -> None:
    found = plan(of(*source, 1), of(*target, 2))
    assert named(found, StepKind.PARAMETERS_REMOVED) == removed


def test_a_refusal_names_model_document_and_setting() -> None:
    step = only(plan(of("claude-opus-4-6", ANTHROPIC, 1), of("gpt-6-sol", OPENAI, 2)), StepKind.PARAMETERS_REMOVED)
    assert step.sentence == (
        "OpenAI Responses has no parameter for stop sequences and top-k. gpt-6-sol takes no temperature (unless reasoning effort is none) or top_p (unless reasoning effort is none), as a "
        "document on the model says."
    )
    assert any("When reasoning effort is not none" in each.as_written for each in step.references)


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("claude-haiku-4-5", "Setting both returns a 400 error on Claude Haiku 4.5."),
        ("claude-sonnet-4-5", "nur temperature ODER top_p"),
        ("claude-opus-4-1", "Claude Opus 4.1 has the same constraint and returns 400"),
        ("claude-opus-4-5", "Received Model Group=claude-opus-4-5-20251101"),
        ("claude-opus-4-6", "Adds `claude-opus-4-6`"),
        ("claude-sonnet-4-6", "claude agents like sonnet 4.6"),
    ],
)
def test_temperature_and_top_p_may_not_go_together(target: str, said: str) -> None:
    step = only(plan(of("claude-3.5-haiku", ANTHROPIC, 1), of(target, ANTHROPIC, 2)), StepKind.PARAMETERS_REMOVED)
    assert (step.severity.value, step.before, step.after, step.sentence, step.action) == (
        "MEDIUM",
        "top_p",
        "none (unless temperature is not sent)",
        f"{target} takes no top_p (unless temperature is not sent), as a document on the model says.",
        "Stop sending top_p (unless temperature is not sent), and find another way to do what it did.",
    )
    assert any(said in each.as_written for each in step.references)


def test_a_model_that_no_document_lists_is_given_no_effort() -> None:
    found = plan(of("gemini-3.8-flash", GOOGLE, 1), of("claude-unheard-of", ANTHROPIC, 2))
    assert named(found, StepKind.PARAMETERS_UNKNOWN) == {Concept.REASONING}


def test_documents_of_another_company_are_assumed() -> None:
    found = plan(of("mistral-large-3", MISTRAL, 1), of("qwen", ALIBABA, 2))
    step = only(found, StepKind.PARAMETERS_RENAMED)
    assert all(change.assumed for change in step.parameters)
    assert step.sentence.endswith(
        "Assumed, not known: the documents are by the maker of OpenAI Chat Completions, and the compatible API of Alibaba "
        "(China) may differ."
    )
    assert str(step.action).startswith("Check it in the documentation of Alibaba (China) first. ")
    own = SHAPES.of("openai", ApiShape.OPENAI_CHAT)
    assert not any(cell.assumed for cell in own.values())


def test_a_message_is_not_renamed() -> None:
    assert all(
        str(cell.name).rpartition(".")[2] != "role" for cells in SHAPES.cells.values() for cell in cells.values()
    )


GOING = {"lifecycle": Lifecycle.AVAILABLE, "retires_on": date(2026, 8, 5)}


@pytest.mark.parametrize(
    ("_case", "on", "source", "target", "level"),
    [
        (
            "before the day",
            date(2026, 8, 4),
            "Finish before 2026-08-05.",
            "ada on OpenAI is due to be shut down on 2026-08-05.",
            False,
        ),
        (
            "on the day",
            date(2026, 8, 5),
            "Move before anything else.",
            "ada on OpenAI is retired: it was to be shut down on 2026-08-05.",
            True,
        ),
    ],
)
def test_a_day_that_has_come_is_past(_case: str, on: date, source: str, target: str, level: bool) -> None:
    going, stays = of("ada", OPENAI, 1, **GOING), of("bee", OPENAI, 2)
    assert only(plan(going, stays, on), StepKind.SOURCE_RETIRING).action == source
    there = plan(stays, going, on)
    assert only(there, StepKind.TARGET_RETIRING).sentence == target
    assert (there.level is Level.BLOCKED) is level


def test_a_model_that_is_retired_is_so_on_a_route_that_says_nothing_of_it() -> None:
    gone = replace(model(2, "Bee"), lifecycle=Lifecycle.RETIRED)
    listed = End("bee", gone, (offer(OPENAI, "bee", lifecycle=Lifecycle.AVAILABLE),), True)
    later = End("bee", gone, (offer(OPENAI, "bee", lifecycle=Lifecycle.AVAILABLE, retires_on=date(2027, 1, 1)),), True)
    source = of("ada", OPENAI, 1)
    assert only(plan(source, listed), StepKind.TARGET_RETIRING).severity.value == "BLOCKER"
    assert only(plan(source, later), StepKind.TARGET_RETIRING).severity.value == "HIGH"


def test_who_leaves_a_later_model_is_not_sent_to_one_in_between() -> None:
    def lab(slug: str, released: str, **facts: object) -> Model:
        made = replace(model(len(slug), slug), slug=slug, released=released, **facts)  # type: ignore[arg-type]
        return replace(made, lab=LAB)

    old = lab("old", "2024-02-29", lifecycle=Lifecycle.RETIRED, successor="between")
    ends = [End(each.slug, each, (offer(OPENAI, each.slug),), True) for each in (lab("newest", "2026-09-22"), old)]
    assert only(plan(ends[0], ends[1]), StepKind.TARGET_RETIRING).action == "Look for a target that stays."
    ends[0] = End("oldest", lab("oldest", "2023-01-01"), (offer(OPENAI, "oldest"),), True)
    assert only(plan(ends[0], ends[1]), StepKind.TARGET_RETIRING).action == "Consider its successor, between, instead."


def test_one_move_has_one_number() -> None:
    one = contender(model(1, "Ada"), offer(OPENAI, "ada", price=("1", "4"), first_party=True))
    other = contender(model(2, "Bee"), offer(ANTHROPIC, "bee", price=("3", "9"), first_party=True))
    costs = monthly_cost(one, MONTH), monthly_cost(other, MONTH)
    compared = switch_friction(one, other, workload=MONTH, costs=costs, shapes=SHAPES, on=TODAY)
    ends = [End(each.model.slug, each.model, each.offers, False) for each in (one, other)]
    planned = plan(ends[0], ends[1])
    stands = [Standing(end.asked, end.model, end.offer, end.cost, None) for end in (planned.source, planned.target)]
    cheaper = route_friction(*stands, workload=MONTH, shapes=SHAPES, on=TODAY)
    assert planned.score > 0
    assert {(each.score, each.level) for each in (compared, cheaper)} == {(planned.score, planned.level)}
    assert compared.steps == cheaper.steps == tuple(step.action for step in planned.steps if step.action is not None)
    assert set(planned.used) <= set(compared.used)


@given(rivals(), st.data())
def test_the_factors_are_the_steps_that_weigh(of: tuple[Contender, ...], data: st.DataObject) -> None:
    """So that a list of factors never says less, or other things, than the plan beside it and its score."""
    one, other = (data.draw(st.sampled_from(of)) for _ in range(2))
    costs = monthly_cost(one, MONTH), monthly_cost(other, MONTH)
    found = switch_friction(one, other, workload=MONTH, costs=costs, shapes=SHAPES, on=TODAY)
    if found.plan is None:
        return
    told = [factor.sentence for factor in found.factors]
    for step in found.plan.steps:
        if WEIGHTS[step.severity] > WEIGHTS[Severity.LOW]:
            assert any(sentence.startswith(step.sentence) for sentence in told)
    actions = {step.action for step in found.plan.steps}
    assert {factor.step for factor in found.factors} <= actions
    assert min(100, sum(WEIGHTS[factor.severity] for factor in found.factors)) <= found.score


@pytest.mark.parametrize(
    ("_case", "ada", "bee", "kind", "more"),
    [
        ("another one", ("lab", "shop"), ("den", "shop"), FactorKind.CREDENTIALS, "Both are also served by Shop."),
        ("that of an end", ("lab", "den"), ("den",), FactorKind.CREDENTIALS, "Both are served by Den."),
        ("none", ("lab", "shop"), ("den",), FactorKind.ROUTE_OVERLAP, "No provider serves both."),
    ],
)
def test_who_serves_both_is_told_beside_another_company(
    _case: str, ada: tuple[str, ...], bee: tuple[str, ...], kind: FactorKind, more: str
) -> None:
    one = contender(model(1, "Ada"), *(offer(at, "ada", price=("1", "4"), first_party=at == "lab") for at in ada))
    other = contender(model(2, "Bee"), *(offer(at, "bee", price=("3", "9"), first_party=at == "den") for at in bee))
    costs = monthly_cost(one, MONTH), monthly_cost(other, MONTH)
    found = switch_friction(one, other, workload=MONTH, costs=costs, shapes=SHAPES, on=TODAY)
    [factor] = [each for each in found.factors if each.kind in (FactorKind.CREDENTIALS, FactorKind.ROUTE_OVERLAP)]
    assert (factor.kind, factor.severity) == (kind, Severity.HIGH)
    assert factor.sentence == f"Requests go to Den instead of Lab. {more}"


@pytest.mark.parametrize(
    ("_case", "own", "sentence"),
    [
        ("by its maker", None, "Bee on OpenAI is deprecated: its maker advises against new use."),
        (
            "by its host",
            Lifecycle.DEPRECATED,
            "Bee on OpenAI is deprecated: OpenAI advises against new use.",
        ),
    ],
)
def test_who_advises_against_a_target(_case: str, own: Lifecycle | None, sentence: str) -> None:
    """Also where the host's own list says that it is available."""
    stands = Lifecycle.UNKNOWN if own else Lifecycle.DEPRECATED
    bee = offer(OPENAI, "bee", lifecycle=own or Lifecycle.AVAILABLE)
    ends = (
        End("ada", model(1, "Ada"), (offer(OPENAI, "ada"),), True),
        End("bee", replace(model(2, "Bee"), lifecycle=stands), (bee,), True),
    )
    step = only(plan(*ends), StepKind.TARGET_RETIRING)
    assert (step.severity, step.sentence) == (Severity.HIGH, sentence)


def test_what_only_the_targets_route_states_is_noted() -> None:
    one = End("ada", model(1, "Ada", capabilities=capabilities("VISION")), (offer(OPENAI, "ada"),), True)
    bee = offer(ANTHROPIC, "bee", capabilities=capabilities("VISION"))
    denied = End("bee", model(2, "Bee", capabilities=capabilities(no="VISION")), (bee,), True)
    note = f"Vision is stated of {bee.route.key} alone; of Bee itself it is denied."
    assert note in plan(one, denied).notes
    agreed = End("bee", model(2, "Bee", capabilities=capabilities("VISION")), (bee,), True)
    without = End("ada", model(1, "Ada"), (offer(OPENAI, "ada"),), True)
    assert note not in (*plan(one, agreed).notes, *plan(without, denied).notes)


def test_the_checklist_of_models_without_routes_is_in_the_order_of_a_plan() -> None:
    one = contender(replace(model(1, "Ada"), context_window=9_000_000, license=None))
    other = contender(replace(model(2, "Bee"), context_window=8_000_000, lifecycle=Lifecycle.RETIRED))
    costs = monthly_cost(one, MONTH), monthly_cost(other, MONTH)
    found = switch_friction(one, other, workload=MONTH, costs=costs, shapes=SHAPES, on=TODAY)
    assert found.plan is None
    assert found.steps[0] == "Look for a target that stays."
    assert found.steps[-1].startswith("Find out about Bee: ")


def test_what_a_model_refuses_in_its_makers_format_it_refuses_in_every_one() -> None:
    bedrock = provider("amazon-bedrock", "Amazon Bedrock", api_shape=ApiShape.BEDROCK)
    target = of("claude-sonnet-5", bedrock, 2)
    found = plan(of("claude-haiku-4-5", ANTHROPIC, 1), target)
    removed = only(found, StepKind.PARAMETERS_REMOVED)
    assert {Concept.TEMPERATURE, Concept.TOP_P} <= {change.concept for change in removed.parameters}
    assert not any(
        change.concept is Concept.TEMPERATURE
        for step in plan(of("claude-sonnet-5", ANTHROPIC, 2), target).steps
        for change in step.parameters
    )
