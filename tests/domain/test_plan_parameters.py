"""Parameters of a switch: one format where both ends speak it, and every parameter in one step that agrees with the capabilities."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.endpoints import api_shapes
from domain.facts import ApiShape, CapabilityKind, Provider
from domain.friction_factors import Severity
from domain.plan import switch_plan
from domain.plan_parameters import assumed
from domain.plan_steps import End, Step, StepKind, SwitchPlan
from domain.shapes import Cells, ChangeOfParameter, Concept, Parameter, Reference, Shapes, ValueKind
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import capabilities, model, offer, provider

CHAT, MESSAGES, RESPONSES = ApiShape.OPENAI_CHAT, ApiShape.ANTHROPIC_MESSAGES, ApiShape.OPENAI_RESPONSES
READ = Reference("https://example.com/api", date(2026, 11, 27), "as it says")


def cells(**names: str | None) -> Cells:
    return {Concept(key): Parameter(Concept(key), name, (), READ, takes=ValueKind.TEXT) for key, name in names.items()}


SHAPES = Shapes(
    {
        CHAT: cells(REASONING="reasoning_effort", SEED="seed", TOOLS="tools", MAX_OUTPUT="max_completion_tokens"),
        MESSAGES: cells(
            REASONING="output_config.effort", SEED=None, TOOLS="tools[].input_schema", MAX_OUTPUT="max_tokens"
        ),
    },
    {("mistral", CHAT): cells(SEED="random_seed")},
)
TODAY = date(2026, 11, 27)
ADA, BEE = model(1, "Ada"), model(2, "Bee")
OPENAI = provider("openai", api_shape=RESPONSES, more_endpoints=((CHAT, "https://openai.example/chat"),))
CLAUDE = provider("claude", api_shape=MESSAGES, more_endpoints=((CHAT, "https://claude.example/v1"),))
DEEP = provider("deep", api_shape=CHAT)
MISTRAL = provider("mistral", api_shape=CHAT)
HOST = provider("host", api_shape=MESSAGES)


def plan(
    old: Provider, new: Provider, can: tuple[str, str] = ("", ""), cannot: tuple[str, str] = ("", ""), **of_ada: object
) -> SwitchPlan:
    ada, bee = (
        replace(one, capabilities=capabilities(yes, no=no))
        for one, yes, no in zip((ADA, BEE), can, cannot, strict=True)
    )
    ends = [
        End(f"{at.slug}/{of.slug}", of, (offer(at, of.slug),), True)
        for at, of in ((old, replace(ada, **of_ada)), (new, bee))  # type: ignore[arg-type]
    ]
    found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=SHAPES, on=TODAY)
    assert isinstance(found, SwitchPlan)
    return found


def about(found: SwitchPlan, concept: Concept) -> list[tuple[StepKind, ChangeOfParameter]]:
    return [(step.kind, each.change) for step in found.steps for each in step.parameters if each.concept is concept]


def of(found: SwitchPlan, kind: StepKind) -> Step:
    (step,) = (step for step in found.steps if step.kind is kind)
    return step


@pytest.mark.parametrize(
    ("_case", "old", "new", "required", "shapes"),
    [
        ("both speak the source's own", DEEP, OPENAI, (), (CHAT, CHAT)),
        ("a further one of both", CLAUDE, OPENAI, (), (CHAT, CHAT)),
        ("the target's own", CLAUDE, MISTRAL, (), (CHAT, CHAT)),
        ("none in common", HOST, DEEP, (), (MESSAGES, CHAT)),
        ("the same provider", CLAUDE, CLAUDE, (), (MESSAGES, MESSAGES)),
        ("what is required", CLAUDE, CLAUDE, (CHAT,), (CHAT, CHAT)),
        ("what is required of those that differ", HOST, OPENAI, (CHAT,), (MESSAGES, RESPONSES)),
        ("one of which nobody knows any", DEEP, provider("dark"), (), (CHAT, ApiShape.UNKNOWN)),
        ("formats of their own", provider("x", api_shape=ApiShape.OTHER), provider("y", api_shape=ApiShape.OTHER), (), (ApiShape.OTHER, ApiShape.OTHER)),
    ],
)  # fmt: skip
def test_which_format_is_assumed(
    _case: str, old: Provider, new: Provider, required: tuple[ApiShape, ...], shapes: tuple[ApiShape, ApiShape]
) -> None:
    assert assumed(old, new, required) == shapes


_shapes = st.sampled_from([CHAT, MESSAGES, RESPONSES, ApiShape.UNKNOWN])
_providers = st.builds(
    lambda slug, own, more: provider(
        slug, api_shape=own, more_endpoints=tuple((each, "https://x.example") for each in more)
    ),
    st.sampled_from(["one", "two"]),
    _shapes,
    st.lists(st.sampled_from([CHAT, MESSAGES, RESPONSES]), unique=True, max_size=2),
)


@given(_providers, _providers)
def test_what_both_speak_is_assumed_on_both_sides(old: Provider, new: Provider) -> None:
    before, after = assumed(old, new)
    common = set(api_shapes(old)) & set(api_shapes(new))
    assert before is after if common else (before, after) == (old.api_shape, new.api_shape)
    assert not common or before in common


def test_a_plan_names_the_format_and_its_address() -> None:
    found = plan(DEEP, CLAUDE)
    assert (found.source.api_shape, found.target.api_shape) == (CHAT, CHAT)
    assert "Wire format that is assumed: OpenAI Chat Completions, which Claude speaks besides its own." in found.notes
    assert "base URL https://claude.example/v1" in str(of(found, StepKind.CREDENTIALS).action)
    assert not [step for step in found.steps if step.kind is StepKind.API_SHAPE]


def test_parameters_that_stay_are_said_to_stay_with_their_documents() -> None:
    found = plan(DEEP, MISTRAL)
    step = of(found, StepKind.PARAMETERS_KEPT)
    assert step.sentence.startswith("Both ends speak OpenAI Chat Completions. Parameters keep their names and values: ")
    assert (step.severity, step.references) == (Severity.BENEFIT, (READ,))
    assert about(found, Concept.SEED) == [(StepKind.PARAMETERS_RENAMED, ChangeOfParameter.RENAMED)]
    assert "seed becomes random_seed" in of(found, StepKind.PARAMETERS_RENAMED).sentence


def test_requests_in_the_sources_own_format_are_ported_first() -> None:
    step = of(plan(CLAUDE, OPENAI), StepKind.API_SHAPE)
    assert (step.severity, step.rule) == (Severity.LOW, "plan.shapes")
    assert (
        step.sentence
        == "Claude and Openai both speak OpenAI Chat Completions, which this plan assumes that your requests use."
    )
    assert step.action == (
        "If your requests use Anthropic Messages, port them to OpenAI Chat Completions first (base URL https://claude.example/v1): "
        "max_tokens becomes max_completion_tokens, tools[].input_schema becomes tools, and output_config.effort becomes reasoning_effort."
    )


@pytest.mark.parametrize(
    ("_case", "can", "cannot", "said"),
    [
        ("both can", ("REASONING", "REASONING"), ("", ""), [("PARAMETERS_RENAMED", "RENAMED")]),
        ("the target cannot", ("REASONING", ""), ("", "REASONING"), [("CAPABILITY_LOST", "REMOVED")]),
        ("nobody says whether it can", ("REASONING", ""), ("", ""), [("CAPABILITY_UNKNOWN", "RENAMED")]),
        ("only the target can", ("", "REASONING"), ("REASONING", ""), [("CAPABILITY_GAINED", "GAINED")]),
        ("neither can", ("", ""), ("REASONING", "REASONING"), []),
        ("the target cannot, of the source nobody knows", ("", ""), ("", "REASONING"), [("PARAMETERS_REMOVED", "REMOVED")]),
        ("nobody knows of either", ("", ""), ("", ""), [("PARAMETERS_RENAMED", "RENAMED")]),
    ],
)  # fmt: skip
def test_reasoning_effort_follows_reasoning(
    _case: str, can: tuple[str, str], cannot: tuple[str, str], said: list[tuple[str, str]]
) -> None:
    assert about(plan(HOST, DEEP, can, cannot), Concept.REASONING) == said


def test_what_has_no_counterpart_is_said_with_its_reason() -> None:
    lost = of(plan(DEEP, MISTRAL, ("REASONING", ""), ("", "REASONING")), StepKind.CAPABILITY_LOST)
    assert lost.sentence.endswith("reasoning_effort has no counterpart there.")
    assert str(lost.action).endswith("Stop sending reasoning_effort.")
    removed = of(plan(DEEP, MISTRAL, ("", ""), ("", "REASONING")), StepKind.PARAMETERS_REMOVED)
    assert removed.sentence == "reasoning_effort has no counterpart, because Bee on Mistral does not offer reasoning."


def test_what_nobody_knows_is_said() -> None:
    kept = of(plan(DEEP, MISTRAL), StepKind.PARAMETERS_KEPT)
    assert kept.sentence.endswith("No source says whether Bee on Mistral offers tools and reasoning.")


_abilities = st.sets(st.sampled_from([CapabilityKind.REASONING, CapabilityKind.TOOL_USE, CapabilityKind.VISION]))
_ends = st.sampled_from([OPENAI, CLAUDE, DEEP, MISTRAL, HOST])


@given(_ends, _ends, _abilities, _abilities, _abilities, _abilities)
def test_one_step_speaks_of_a_parameter_and_none_of_what_is_denied(
    old: Provider,
    new: Provider,
    has: set[CapabilityKind],
    lacks: set[CapabilityKind],
    can: set[CapabilityKind],
    cannot: set[CapabilityKind],
) -> None:
    found = plan(old, new, (" ".join(has), " ".join(can)), (" ".join(lacks - has), " ".join(cannot - can)))
    for concept in Concept:
        said = [each for each in about(found, concept) if each[0] is not StepKind.API_SHAPE]
        assert len(said) <= 1
        if concept is Concept.REASONING and CapabilityKind.REASONING in cannot - can:
            assert {change for _, change in said} <= {ChangeOfParameter.REMOVED}


def test_a_deadline_comes_first() -> None:
    found = plan(CLAUDE, OPENAI, retires_on=date(2027, 1, 31))
    assert (found.steps[0].kind, found.steps[0].severity) == (StepKind.SOURCE_RETIRING, Severity.DEADLINE)
    assert found.steps[0].action == "Finish before 2027-01-31."
    assert found.score == min(100, plan(CLAUDE, OPENAI).score)


def test_a_method_to_call_takes_no_value() -> None:
    def streaming(name: str, takes: ValueKind) -> Cells:
        return {Concept.STREAMING: Parameter(Concept.STREAMING, name, (), READ, takes=takes)}

    shapes = Shapes(
        {CHAT: streaming("stream", ValueKind.FLAG), MESSAGES: streaming("method StreamGenerate", ValueKind.METHOD)}
    )
    ends = [End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((DEEP, ADA), (HOST, BEE))]
    found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
    assert isinstance(found, SwitchPlan)
    step = of(found, StepKind.PARAMETERS_VALUES)
    assert (
        step.sentence
        == "Parameters take other values: stream (true or false) becomes method StreamGenerate (a method to call)."
    )
    assert step.action == "Ask for streaming by method StreamGenerate instead of stream."


def test_values_that_nobody_listed_are_not_said_to_stay() -> None:
    effort = Parameter(Concept.REASONING, "effort", (), READ, takes=ValueKind.CHOICE)
    shapes = Shapes(
        {CHAT: {Concept.REASONING: effort}, MESSAGES: {Concept.REASONING: replace(effort, values=("low", "high"))}}
    )
    ends = [End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((DEEP, ADA), (HOST, BEE))]
    found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
    assert isinstance(found, SwitchPlan)
    step = of(found, StepKind.PARAMETERS_UNKNOWN)
    assert step.sentence.startswith("Whether effort takes the same values is not documented.")
    assert step.action == "Look up what becomes of effort."


def test_what_nobody_knows_of_the_source_is_not_said_to_be_new() -> None:
    effort = Parameter(Concept.REASONING, "effort", ("low", "high"), READ, takes=ValueKind.CHOICE)
    shapes = Shapes({CHAT: {}, MESSAGES: {Concept.REASONING: effort}})

    def planned(**can: str) -> SwitchPlan:
        bee = replace(BEE, capabilities=capabilities(**can))
        ends = [
            End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((DEEP, ADA), (HOST, bee))
        ]
        found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
        assert isinstance(found, SwitchPlan)
        return found

    step = of(planned(yes="REASONING"), StepKind.PARAMETERS_UNKNOWN)
    assert step.sentence == (
        "No document that was opened says how OpenAI Chat Completions takes reasoning for Ada; for Bee it is effort (low or high)."
    )
    assert step.action == "If you ask for reasoning today, look up what becomes of that."
    assert (step.before, step.after) == ("not documented", "effort")
    assert about(planned(no="REASONING"), Concept.REASONING) == about(planned(), Concept.REASONING) == []


def test_a_switch_and_a_level_are_one_step() -> None:
    level = Parameter(Concept.REASONING, "effort", ("low", "high"), READ, takes=ValueKind.CHOICE)
    other = replace(READ, url="https://example.com/switch")
    switch = Parameter(Concept.REASONING, "thinking", ("{on}", "{off}"), other, takes=ValueKind.OBJECT, beside=(level,))
    shapes = Shapes(
        {CHAT: {Concept.REASONING: replace(level, name="reasoning_effort")}, MESSAGES: {Concept.REASONING: switch}}
    )
    ends = [End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((HOST, ADA), (DEEP, BEE))]
    found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
    assert isinstance(found, SwitchPlan)
    step = of(found, StepKind.PARAMETERS_VALUES)
    assert step.sentence.startswith(
        "Parameters take other values: thinking ({on} or {off}) and effort (low or high) become reasoning_effort (low or high)."
    )
    assert step.action == "Map every value that you send in thinking and effort to what the target takes."
    assert step.references == (other, READ)


def test_a_setting_that_the_source_needs_too_takes_nothing_away() -> None:
    stop = Parameter(Concept.SEED, None, (), READ, unless="it thinks not")
    seed = Parameter(Concept.SEED, "seed", (), READ, takes=ValueKind.NUMBER)
    ends = [
        End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((DEEP, ADA), (MISTRAL, BEE))
    ]
    for refuse, kind in ((("ada", "bee"), StepKind.PARAMETERS_KEPT), (("bee",), StepKind.PARAMETERS_REMOVED)):
        shapes = Shapes({CHAT: {Concept.SEED: seed}}, models={(slug, CHAT): {Concept.SEED: stop} for slug in refuse})
        found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
        assert isinstance(found, SwitchPlan)
        assert [each for each, _ in about(found, Concept.SEED)] == [kind]


def test_a_step_of_several_parameters_says_once_what_is_assumed() -> None:
    concepts = (Concept.TOOLS, Concept.TOOL_CHOICE)
    names = {CHAT: "chat", MESSAGES: "messages"}
    shapes = Shapes(
        {
            shape: {each: Parameter(each, f"{name}.{each}", (), READ, takes=ValueKind.TEXT) for each in concepts}
            for shape, name in names.items()
        },
        makers={CHAT: "somebody"},
    )
    ada = replace(ADA, capabilities=capabilities("TOOL_USE"))
    ends = [End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((HOST, ada), (DEEP, BEE))]
    found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
    assert isinstance(found, SwitchPlan)
    step = of(found, StepKind.CAPABILITY_UNKNOWN)
    assert step.sentence.endswith(
        "In requests, messages.TOOLS becomes chat.TOOLS. In requests, messages.TOOL_CHOICE becomes chat.TOOL_CHOICE. Assumed, not "
        "known: the documents are by the maker of OpenAI Chat Completions, and the compatible API of Deep may differ."
    )
    assert step.sentence.count("Assumed") == 1


def test_several_parameters_without_a_counterpart_have_none() -> None:
    level = Parameter(Concept.REASONING, "effort", ("low",), READ, takes=ValueKind.CHOICE)
    switch = Parameter(Concept.REASONING, "thinking", ("{on}",), READ, takes=ValueKind.OBJECT, beside=(level,))
    shapes = Shapes({CHAT: {Concept.REASONING: switch}})
    for can, kind in (("REASONING", StepKind.CAPABILITY_LOST), ("", StepKind.PARAMETERS_REMOVED)):
        ada, bee = replace(ADA, capabilities=capabilities(can)), replace(BEE, capabilities=capabilities(no="REASONING"))
        ends = [
            End(f"{at.slug}/{one.slug}", one, (offer(at, one.slug),), True) for at, one in ((DEEP, ada), (MISTRAL, bee))
        ]
        found = switch_plan(*ends, workload=REFERENCE_PAGE.workload, shapes=shapes, on=TODAY)
        assert isinstance(found, SwitchPlan)
        assert "thinking and effort have no counterpart" in of(found, kind).sentence
