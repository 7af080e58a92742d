"""Capabilities together on a route: the route's word before its model's, and nothing out of silence."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conditional import Scope, combinations
from domain.facts import ApiShape, CapabilityKind, Contender, Presence, Task
from domain.shapes import Concept, Parameter, Reference, Shapes
from tests.domain.made_up import capabilities, contenders, model, offer, provider

KINDS = (CapabilityKind.FUNCTION_CALLING, CapabilityKind.STRUCTURED_OUTPUTS)
NOTHING = Shapes({})
BOTH = "FUNCTION_CALLING STRUCTURED_OUTPUTS"


@pytest.mark.parametrize(
    ("_case", "of_model", "of_route", "presence", "scope", "contradicted"),
    [
        ("the route says yes to both", "", (BOTH, ""), Presence.YES, Scope.ROUTE, []),
        ("the model says yes, the route nothing", BOTH, ("", ""), Presence.YES, Scope.MODEL, []),
        ("one by the route, one by the model", BOTH, ("FUNCTION_CALLING", ""), Presence.YES, Scope.MODEL, []),
        ("the model says yes, the route no", BOTH, ("", "STRUCTURED_OUTPUTS"), Presence.NO, Scope.ROUTE, ["STRUCTURED_OUTPUTS"]),
        ("nobody speaks of one", "FUNCTION_CALLING", ("", ""), Presence.UNKNOWN, Scope.NOBODY, []),
        ("denied weighs more than unknown", "", ("", "FUNCTION_CALLING"), Presence.NO, Scope.ROUTE, []),
        ("a route that has more than its model", "", ("FUNCTION_CALLING", ""), Presence.UNKNOWN, Scope.NOBODY, []),
    ],
)  # fmt: skip
def test_together(
    _case: str, of_model: str, of_route: tuple[str, str], presence: Presence, scope: Scope, contradicted: list[str]
) -> None:
    route = offer("host", capabilities=capabilities(of_route[0], no=of_route[1])).route
    (found,) = combinations(model(1, "Ada", capabilities=capabilities(of_model)), [route], KINDS, NOTHING)
    assert (found.presence, found.scope) == (presence, scope)
    assert [cell.kind for cell in found.cells if cell.contradicts] == contradicted


def test_the_surest_come_first() -> None:
    ada = model(1, "Ada", capabilities=capabilities(BOTH))
    says = {"own": (BOTH, ""), "by-model": ("", ""), "denies": ("", BOTH), "an-own": (BOTH, "")}
    routes = [offer(name, capabilities=capabilities(yes, no=no)).route for name, (yes, no) in says.items()]
    gone = offer("gone", capabilities=capabilities(BOTH), live=False).route
    found = combinations(ada, [*routes, gone], KINDS, NOTHING)
    assert [each.route.provider.slug for each in found] == ["an-own", "own", "by-model", "denies"]


STREAM = Parameter(Concept.STREAMING, "stream", (), Reference("https://example.com", date(2026, 11, 27), "as it says"))
WITHOUT = replace(STREAM, name=None)
CHAT, OTHER = ApiShape.OPENAI_CHAT, ApiShape.BEDROCK


@pytest.mark.parametrize(
    ("_case", "cells", "of_route", "task", "said"),
    [
        ("its format streams", {CHAT: STREAM}, ("", ""), Task.TEXT_GENERATION, ("YES", "API_SHAPE", False)),
        ("a further format streams", {OTHER: STREAM}, ("", ""), Task.TEXT_GENERATION, ("YES", "API_SHAPE", False)),
        ("nobody looked", {}, ("", ""), Task.TEXT_GENERATION, ("UNKNOWN", "NOBODY", False)),
        ("one format does not, nobody looked at the other", {CHAT: WITHOUT}, ("", ""), Task.TEXT_GENERATION, ("UNKNOWN", "NOBODY", False)),
        ("no format does", {CHAT: WITHOUT, OTHER: WITHOUT}, ("", ""), Task.TEXT_GENERATION, ("NO", "API_SHAPE", False)),
        ("the route says so too", {CHAT: STREAM}, ("STREAMING", ""), Task.TEXT_GENERATION, ("YES", "ROUTE", False)),
        ("the route denies it", {CHAT: STREAM}, ("", "STREAMING"), Task.TEXT_GENERATION, ("NO", "ROUTE", True)),
        ("no text comes out", {CHAT: STREAM}, ("", ""), Task.EMBEDDING, ("UNKNOWN", "NOBODY", False)),
    ],
)  # fmt: skip
def test_streaming_is_known_from_the_format(
    _case: str, cells: dict[ApiShape, Parameter], of_route: tuple[str, str], task: Task, said: tuple[str, str, bool]
) -> None:
    host = provider("host", api_shape=CHAT, more_endpoints=((OTHER, "https://b.example"),))
    route = offer(host, capabilities=capabilities(of_route[0], no=of_route[1])).route
    shapes = Shapes({shape: {Concept.STREAMING: cell} for shape, cell in cells.items()})
    (found,) = combinations(model(1, "Ada", task=task), [route], [CapabilityKind.STREAMING], shapes)
    (cell,) = found.cells
    assert (cell.presence, cell.scope, cell.contradicts) == said
    assert (found.presence, found.scope) == said[:2]
    assert bool(cell.references) == (cell.by_shape is not Presence.UNKNOWN)


def test_a_combination_is_as_sure_as_its_widest_scope() -> None:
    host = provider("host", api_shape=CHAT)
    route = offer(host, capabilities=capabilities(BOTH)).route
    shapes = Shapes({CHAT: {Concept.STREAMING: STREAM}})
    (found,) = combinations(
        model(1, "Ada", task=Task.TEXT_GENERATION), [route], (*KINDS, CapabilityKind.STREAMING), shapes
    )
    assert (found.presence, found.scope) == (Presence.YES, Scope.API_SHAPE)


@given(contenders(1, "Ada"), st.sets(st.sampled_from(CapabilityKind), min_size=1, max_size=4))
def test_silence_is_never_a_yes_and_more_is_never_easier(of: Contender, kinds: set[CapabilityKind]) -> None:
    routes = [each.route for each in of.offers]
    found = {each.route.key: each for each in combinations(of.model, routes, tuple(kinds), NOTHING)}
    assert set(found) == {route.key for route in routes if route.live}
    for each in found.values():
        assert (each.presence is Presence.YES) == all(cell.presence is Presence.YES for cell in each.cells)
        assert (each.scope is Scope.NOBODY) == (each.presence is Presence.UNKNOWN)
    fewer = {each.route.key: each for each in combinations(of.model, routes, tuple(sorted(kinds))[1:], NOTHING)}
    for key, each in found.items():
        assert each.presence is not Presence.YES or not fewer[key].cells or fewer[key].presence is Presence.YES
