"""What an operation costs at most, in points, known before anything is read: an object is a point, a list as many as it may
have, and what takes long to find out costs more. One walk, linear in the length of the document.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLField,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
)
from graphql.execution.values import VariableValues, get_argument_values

from domain.moves import CostAxis
from domain.sensitivity import MOST_POINTS
from schema.comparison import MOST as MOST_COMPARED
from schema.introspection import OBJECTS_A_POINT, ROOTS, objects, points_of
from schema.paging import MOST, MOST_ROUTES, USUAL

MAX_POINTS = 10_000

WEIGHTS: Mapping[str, int] = {
    "Model.disputes": 100,
    "Model.evidence": 2,
    "Model.monthlyCost": 15,
    "Route.monthlyCost": 2,
    "MonthlyCost.sensitivity": 5,
    "MonthlyCost.curve": 50,
    "RouteComparison.breakEvens": 100,
    "RouteComparison.curves": 50,
    "Model.bestFor": 5,
    "Comparison.flips": 250,
    "Comparison.verdict": 3,
    "Comparison.monthlyCosts": 3,
    "Verdict.decisiveUnknowns": 30,
    "Verdict.robustness": 30,
    "Comparison.continueComparing": 100,
    "Provenance.disputes": 100,
    "Provenance.sources": 100,
    "Fact.evidence": 10,
    "Cell.disputes": 1,
    "Query.switchPlan": 30,
    "Query.recommend": 2_000,
    "Query.cheaperSwitches": 2_000,
    "Query.fallbacks": 2_000,
    "Query.replay": 2_500,
    "Verdict.record": 100,
    "MonthlyCost.record": 100,
    "RouteCost.record": 20,
    "SwitchFriction.record": 100,
    "SwitchPlan.record": 100,
    "BreakEven.record": 20,
    "Recommendations.record": 50,
    "CheaperSwitches.record": 500,
    "FallbackSet.record": 500,
    "CheaperSwitch.friction": 10,
    "Recommendations.paretoFront": 100,
}
"""Points of a field itself, where it takes more than an attribute; those of a comparison count for each of its models, and of
`FOR_EACH` for each of the first ones that are asked for."""

FOR_EACH = frozenset({"Recommendations.record"})
"""Fields that read all that is said of each of their `first`."""

LENGTHS: Mapping[str, int] = {
    "Price.otherUnits": 2,
    "Price.hours": 2,
    "Route.prices": 5,
    "Route.priceHistory": 6,
    "Model.results": 30,
    "Model.capabilities": 17,
    "Route.capabilities": 17,
    "Methodology.rules": 200,
    "Methodology.presets": 10,
    "Methodology.weights": 15,
    "Comparison.specs": 12,
    "Comparison.capabilities": 17,
    "Scorecard.signals": 15,
    "RouteCost.lines": 6,
    "Cell.disputes": 1,
    "ContinueComparing.neighbours": 1,  # `first` of the list above has counted them
    "MonthlyCost.sensitivity": 3,
    "Verdict.claims": 17,
    "Verdict.weights": 15,
    "Query.sources": 10,
    "PricesChanged.changes": MOST,
    "SwitchPlan.steps": 20,
    "PlanStep.parameters": 14,
    "Parameter.beside": 1,
    "PlanStep.references": 14,
    "Recommendations.weights": 9,
    "SwitchCost.factors": 15,
    "CapabilityMatrix.routes": 100,
    "Recommendation.reasons": 9,
    "Recommendation.requirements": 20,
    "Replay.changes": 50,
    "BestFor.used": 40,
    "BreakEven.used": 10,
    "CatalogRevision.counts": 15,
    "CatalogRevision.sources": 10,
    "CostDelta.used": 30,
    "Evidence.agreeing": 20,
    "Model.fit": 10,
    "Paragraph.used": 15,
    "Sentence.used": 10,
    "SharedBenchmarks.used": 50,
}
"""How many items a list without paging usually has at most; any other has `OTHER_LENGTH`."""

OTHER_LENGTH = 5

_OF_MODELS = frozenset(
    {"cells", "models", "monthlyCosts", "availability", "points", "qualifications", "tradeoffs", "costs", "curves"}
)
"""Lists below a comparison with one item for each model."""
_OF_ROUTES = frozenset({"MonthlyCost.ranked", "CapabilityMatrix.routes"})
"""Lists of which more may be asked for, as they have no pages and may not leave out a route."""
_OF_PAIRS = {"switchFriction": 1, "costDeltas": 2}
"""Lists with one item for every so many ordered pairs of models."""


@dataclass(slots=True)
class Points:
    """Estimates one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    _known: dict[tuple[int, str, int, int], int] = field(default_factory=dict)

    def of(self, operation: OperationDefinitionNode) -> int:
        """Points of an operation."""
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return self._selection(operation.selection_set, root, models=1, page=1)

    def _selection(self, selected: SelectionSetNode, kind: Any, *, models: int, page: int) -> int:
        key = (id(selected), kind.name, models, page)
        if key not in self._known:
            self._known[key] = 0  # while it is measured; validation refuses a fragment that spreads itself
            self._known[key] = sum(self._node(node, kind, models, page) for node in selected.selections)
        return self._known[key]

    def _node(self, node: Any, kind: Any, models: int, page: int) -> int:
        if isinstance(node, FieldNode):
            return self._field(node, kind, models, page)
        found = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(found, InlineFragmentNode | FragmentDefinitionNode)
        condition = found.type_condition
        narrowed = self.schema.get_type(condition.name.value) if condition else kind
        return self._selection(found.selection_set, narrowed, models=models, page=page)

    def _field(self, node: FieldNode, kind: Any, models: int, page: int) -> int:
        definition: GraphQLField | None = getattr(kind, "fields", {}).get(node.name.value)
        if definition is None:  # __typename, or introspection at the root
            return self._introspection(node)
        below = get_named_type(definition.type)
        given = self._arguments(definition, node)
        if kind is self.schema.query_type:
            models = most_models(node.name.value, given)
        name = f"{kind.name}.{node.name.value}"
        weight = WEIGHTS.get(name, 0) * models * (max(1, min(given.get("first", 1), MOST)) if name in FOR_EACH else 1)
        if not is_composite_type(below) or node.selection_set is None:
            return weight
        size = list_length(definition, kind.name, node.name.value, given, models, page)
        page = _page(given) if is_paged(below.name) else 1
        return weight + size * (1 + self._selection(node.selection_set, below, models=models, page=page))

    def _introspection(self, node: FieldNode) -> int:
        if node.name.value not in ROOTS:
            return 0
        enough = MAX_POINTS * OBJECTS_A_POINT
        found = objects(self.schema, node, self.fragments, self.variables, enough=enough)
        return points_of(found)

    def _arguments(self, definition: GraphQLField, node: FieldNode) -> Mapping[str, Any]:
        if not definition.args:
            return {}
        try:
            return get_argument_values(definition, node, self.variables)
        except GraphQLError:  # the resolver is going to say so
            return {}


def is_paged(kind: str) -> bool:
    """Whether the lists of a type have as many items as the field asks for that gives it."""
    return kind.endswith("Connection") or kind == "ParetoFront"


def list_length(
    definition: GraphQLField, kind: str, name: str, given: Mapping[str, Any], models: int, page: int
) -> int:
    """How many objects a field of a type has at most, by its arguments, the models of the comparison above it and the page of the
    connection that it is in; 1 where it is no list."""
    declared = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    if not isinstance(declared, GraphQLList):
        return 1
    if is_paged(kind):
        return page
    if isinstance(given.get("first"), int):
        most = MOST_ROUTES if f"{kind}.{name}" in _OF_ROUTES else MOST
        return max(0, min(given["first"], most)) * (models if name == "continueComparing" else 1)
    if isinstance(given.get("ids"), list):
        return len(given["ids"])
    if isinstance(given.get("points"), int) and name != "curves":
        return max(0, min(given["points"], MOST_POINTS))
    if name == "breakEvens":
        return models * (models - 1) // 2 * len(CostAxis)
    if f"{kind}.{name}" == "RouteCurve.points":
        return MOST_POINTS
    if name in _OF_MODELS:
        return models
    if name in _OF_PAIRS:
        return models * (models - 1) // _OF_PAIRS[name]
    return LENGTHS.get(f"{kind}.{name}", OTHER_LENGTH)


def most_models(name: str, given: Mapping[str, Any]) -> int:
    """How many models a comparison below a root field may have: what is behind an id is not looked at here."""
    if name == "comparison":
        return len(given.get("models") or ())
    if name == "breakEven":
        return len(given.get("routes") or ())
    return MOST_COMPARED if name in ("node", "nodes") else 1


def _page(given: Mapping[str, Any]) -> int:
    asked = [size for size in (given.get("first"), given.get("last")) if isinstance(size, int)]
    return max(0, min(asked[0], MOST)) if asked else USUAL
