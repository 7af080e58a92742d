"""Every pair of APIs in the table of parameters: a value is only sent on as it is to what takes the same kind of value."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import pytest

from domain.facts import ApiShape
from domain.parameter_words import becomes, described
from domain.shapes import Cells, ChangeOfParameter, Concept, ParameterChange, ValueKind, parameter_changes
from schema.shapes import SHAPES

COMPANIES = sorted({company for company, _ in SHAPES.dialects} | set(SHAPES.makers.values()) | {"somebody"})
MODELS = [None, *sorted({model for model, _ in SHAPES.models})]
SIDES: list[tuple[str, ApiShape, str | None]] = [
    (company, shape, model)
    for shape in SHAPES.cells
    for company in COMPANIES
    if company == SHAPES.makers[shape] or (company, shape) in SHAPES.dialects or company == "somebody"
    for model in MODELS
    if model is None or (model, shape) in SHAPES.models
]


def _cells(side: tuple[str, ApiShape, str | None], *, as_source: bool) -> Cells:
    company, shape, model = side
    return SHAPES.of(company, shape, model, made=SHAPES.settings(shape, model) if as_source else ())


def _changes() -> Iterator[ParameterChange]:
    """What differs between any two sides, each such difference once."""
    targets = [_cells(side, as_source=False) for side in SIDES]
    seen = set()
    for source, after in product([_cells(side, as_source=True) for side in SIDES], targets):
        for change in parameter_changes(source, after):
            if change not in seen:
                seen.add(change)
                yield change


CHANGES = list(_changes())


def _of(*kinds: ChangeOfParameter) -> list[ParameterChange]:
    found = [each for each in CHANGES if each.change in kinds]
    assert found
    return found


def test_of_every_parameter_the_kind_of_value_is_known() -> None:
    found = [cells for table in (SHAPES.cells, SHAPES.dialects, SHAPES.models) for cells in table.values()]
    for parameter in (each for cells in found for each in cells.values()):
        assert (parameter.takes is ValueKind.UNKNOWN) == (parameter.name is None), parameter


def test_what_keeps_its_values_takes_the_same_kind_on_both_sides() -> None:
    for each in _of(ChangeOfParameter.RENAMED, ChangeOfParameter.KEPT):
        assert each.before
        assert each.after
        assert each.before.takes is each.after.takes, becomes(each)
        if each.before.takes in (ValueKind.CHOICE, ValueKind.OBJECT):
            assert set(each.before.values) == set(each.after.values), becomes(each)
        assert [part.name for part in each.before.beside] == [part.name for part in each.after.beside], becomes(each)


def test_where_values_differ_a_reader_sees_how() -> None:
    for each in _of(ChangeOfParameter.VALUES):
        assert each.before
        assert each.after
        assert described(each.before) != described(each.after), becomes(each)


def test_unknown_is_what_nobody_filled_and_what_has_no_list() -> None:
    for each in _of(ChangeOfParameter.UNKNOWN):
        if each.before is not None and each.after is not None:
            parts = (*each.before.all, *each.after.all)
            assert any(part.takes in (ValueKind.CHOICE, ValueKind.OBJECT) and not part.values for part in parts), (
                becomes(each)
            )


@pytest.mark.parametrize(
    ("_case", "side", "concept", "name"),
    [
        ("any value of it is refused", ("anthropic", "ANTHROPIC_MESSAGES", "claude-opus-5-5"), "TOP_K", None),
        ("the last model that takes it", ("anthropic", "ANTHROPIC_MESSAGES", "claude-opus-4-6"), "TOP_K", "top_k"),
        ("of its own", ("google", "GOOGLE_GENAI", "gemini-2.5-pro"), "TOP_K", "generationConfig.topK"),
        ("a client warns of it", ("openai", "OPENAI_RESPONSES", "gpt-5.1"), "TOP_K", None),
        ("not without thinking", ("openai", "OPENAI_RESPONSES", "gpt-5"), "TEMPERATURE", None),
    ],
)
def test_what_documents_say_of_a_parameter(
    _case: str, side: tuple[str, str, str], concept: str, name: str | None
) -> None:
    company, shape, model = side
    assert SHAPES.of(company, ApiShape(shape), model)[Concept(concept)].name == name


@pytest.mark.parametrize(
    ("source", "target", "concept", "said"),
    [
        (
            ("google", "GOOGLE_GENAI", "gemini-2.5-pro"),
            ("google", "GOOGLE_GENAI", None),
            "REASONING",
            "generationConfig.thinkingConfig.thinkingBudget (a number of tokens) becomes "
            "generationConfig.thinkingConfig.thinkingLevel (MINIMAL, LOW, MEDIUM, or HIGH)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-opus-4-5"),
            ("google", "GOOGLE_GENAI", "gemini-2.5-flash"),
            "REASONING",
            "thinking ({type: enabled, budget_tokens} or {type: disabled}) and output_config.effort (low, medium, or high) become "
            "generationConfig.thinkingConfig.thinkingBudget (a number of tokens)",
        ),
        (
            ("google", "GOOGLE_GENAI", "gemini-2.5-pro"),
            ("openai", "OPENAI_CHAT", None),
            "REASONING",
            "generationConfig.thinkingConfig.thinkingBudget (a number of tokens) becomes "
            "reasoning_effort (none, minimal, low, medium, high, xhigh, or max)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", None),
            ("google", "GOOGLE_GENAI", None),
            "PROMPT_CACHE",
            "cache_control ({type: ephemeral, ttl: 5m or 1h}) becomes cachedContent (the name of what an earlier request made)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", None),
            ("openai", "OPENAI_CHAT", None),
            "PROMPT_CACHE",
            "cache_control ({type: ephemeral, ttl: 5m or 1h}) becomes prompt_cache_retention (in_memory or 24h)",
        ),
        (
            ("alibaba", "OPENAI_CHAT", None),
            ("deepseek", "OPENAI_CHAT", None),
            "REASONING",
            "enable_thinking (true or false) becomes thinking ({type: enabled} or {type: disabled}) and "
            "reasoning_effort (low, high, or max)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-sonnet-4-5"),
            ("openai", "OPENAI_RESPONSES", "gpt-5.1"),
            "REASONING",
            "thinking ({type: enabled, budget_tokens} or {type: disabled}) becomes reasoning.effort (none, low, medium, or high)",
        ),
        (
            ("openai", "OPENAI_RESPONSES", "gpt-5.1"),
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-sonnet-4-5"),
            "REASONING",
            "reasoning.effort (none, low, medium, or high) becomes thinking ({type: enabled, budget_tokens} or {type: disabled})",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-sonnet-4-5"),
            ("google", "GOOGLE_GENAI", "gemini-2.5-pro"),
            "REASONING",
            "thinking ({type: enabled, budget_tokens} or {type: disabled}) becomes "
            "generationConfig.thinkingConfig.thinkingBudget (a number of tokens)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-haiku-4-5"),
            ("openai", "OPENAI_RESPONSES", "gpt-5.4"),
            "REASONING",
            "thinking ({type: enabled, budget_tokens} or {type: disabled}) becomes "
            "reasoning.effort (none, low, medium, high, or xhigh)",
        ),
        (
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-sonnet-4-5"),
            ("anthropic", "ANTHROPIC_MESSAGES", "claude-opus-4-6"),
            "REASONING",
            "thinking ({type: enabled, budget_tokens} or {type: disabled}) becomes thinking ({type: adaptive}, {type: disabled}, "
            "or the deprecated {type: enabled, budget_tokens}) and output_config.effort (low, medium, high, or max)",
        ),
    ],
)
def test_another_vocabulary_is_said_with_what_each_side_takes(
    source: tuple[str, str, str | None], target: tuple[str, str, str | None], concept: str, said: str
) -> None:
    before, after = (
        _cells((company, ApiShape(shape), model), as_source=place == 0)
        for place, (company, shape, model) in enumerate((source, target))
    )
    [change] = (each for each in parameter_changes(before, after) if each.concept is Concept(concept))
    assert (change.change, becomes(change)) == (ChangeOfParameter.VALUES, said)
