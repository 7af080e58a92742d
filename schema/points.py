"""What an operation costs at most, in points, known before anything is read: an object is a point, a list as many as it may
have, and what takes long to find out costs more. One walk, linear in the length of the document.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NamedTuple

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
from strawberry import UNSET

from domain.moves import CostAxis
from domain.sensitivity import MOST_POINTS
from schema.comparison import Question, question_of
from schema.ids import decode
from schema.introspection import OBJECTS_A_POINT, ROOTS, objects, points_of
from schema.nodes import lens_of
from schema.paging import MOST, MOST_ROUTES, USUAL
from schema.replays import classes_recorded
from schema.selection import Given, SelectedField
from schema.weights import (
    COUNT,
    FACTS_A_CELL,
    FILTER,
    FOR_EACH,
    LENGTHS,
    LENGTHS_A_CLASS,
    LENGTHS_A_MODEL,
    OF_ALL_MODELS,
    ON_COSTS,
    OTHER_LENGTH,
    RESOLVE_LETTERS,
    SEARCH,
    SEARCH_LETTER,
    WEIGHTS,
    WORKS,
    Work,
    times,
)
from schema.workloads import classes_in

MAX_POINTS = 10_000


class Around(NamedTuple):
    """What decides how much a field costs besides itself: how many models the comparison has that it is in, how many items the page,
    how many request classes the month of use, and how many facts are behind a cell of the table."""

    models: int = 1
    page: int = 1
    classes: int = 1
    facts: int = OTHER_LENGTH


@dataclass(slots=True)
class Points:
    """Estimates one operation."""

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    variables: VariableValues
    _known: dict[tuple[int, str, Around], int] = field(default_factory=dict)
    """Of selections below one root field."""
    _works: set[Work] = field(default_factory=set)
    """What the fields below one root field rest on."""

    def of(self, operation: OperationDefinitionNode) -> int:
        """Points of an operation."""
        root = self.schema.get_root_type(operation.operation)
        assert root is not None
        return self._selection(operation.selection_set, root, Around())

    def _selection(self, selected: SelectionSetNode, kind: Any, around: Around) -> int:
        key = (id(selected), kind.name, around)
        if key not in self._known:
            self._known[key] = 0  # while it is measured; validation refuses a fragment that spreads itself
            self._known[key] = sum(self._node(node, kind, around) for node in selected.selections)
        return self._known[key]

    def _node(self, node: Any, kind: Any, around: Around) -> int:
        if isinstance(node, FieldNode):
            return self._field(node, kind, around)
        found = self.fragments[node.name.value] if isinstance(node, FragmentSpreadNode) else node
        assert isinstance(found, InlineFragmentNode | FragmentDefinitionNode)
        condition = found.type_condition
        narrowed = self.schema.get_type(condition.name.value) if condition else kind
        return self._selection(found.selection_set, narrowed, around)

    def _field(self, node: FieldNode, kind: Any, around: Around) -> int:
        definition: GraphQLField | None = getattr(kind, "fields", {}).get(node.name.value)
        if definition is None:  # __typename, or introspection at the root
            return self._introspection(node)
        below = get_named_type(definition.type)
        given = self._arguments(definition, node)
        name = f"{kind.name}.{node.name.value}"
        self._works.update(WORKS.get(name, ()))
        is_root = kind is self.schema.query_type
        if is_root or "workload" in definition.args:
            around = around._replace(classes=request_classes(node.name.value, given))
        weight = weight_of(kind.name, name, around)
        if name in FOR_EACH:
            weight *= max(1, min(given.get("first", 1), MOST))
        if is_root:
            weight += _search(node.name.value, given)
            weight += COUNT if self._counts(node.selection_set, set()) else 0
        if not is_composite_type(below) or node.selection_set is None:
            return weight
        if is_root:
            around = around._replace(models=compared_models(node.name.value, given))
            self._known.clear()
            self._works.clear()
        size = list_length(definition, kind.name, node.name.value, given, around)
        around = around._replace(
            page=_page(given) if is_paged(below.name) else 1, facts=FACTS_A_CELL.get(name, around.facts)
        )
        each = 1 + self._selection(node.selection_set, below, around)
        return weight + size * (each + self._worked(node.name.value, given, around) if is_root else each)

    def _counts(self, selected: SelectionSetNode | None, seen: set[str]) -> bool:
        for node in () if selected is None else selected.selections:
            if isinstance(node, FieldNode):
                if node.name.value == TOTAL:
                    return True
            elif isinstance(node, InlineFragmentNode):
                if self._counts(node.selection_set, seen):
                    return True
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                if self._counts(self.fragments[node.name.value].selection_set, seen):
                    return True
        return False

    def _worked(self, name: str, given: Mapping[str, Any], around: Around) -> int:
        """What the comparison below a root field is charged for the works that its fields share."""
        works = self._works if name in COMPARING else set()
        return sum(work.points(around.models, around.classes) for work in works) + looked(name, given, around.models)

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


def weight_of(kind: str, name: str, around: Around) -> int:
    """What a field of a type costs itself; `name` is that of both."""
    weight = WEIGHTS.get(name, 0)
    if kind in OF_ALL_MODELS:
        weight *= around.models
    return weight * times(around.classes) if name in ON_COSTS else weight


TOTAL = "totalCount"


def _search(name: str, given: Mapping[str, Any]) -> int:
    if name == "resolve":
        return len(str(given.get("ref"))) // RESOLVE_LETTERS
    where = given.get("where")  # as it was sent, or as resolvers get it
    conditions = where if isinstance(where, Mapping) else vars(where) if where is not None else {}
    text = conditions.get("text")
    if isinstance(text, str) and text:
        return max(SEARCH, SEARCH_LETTER * len(text))
    return FILTER if any(each is not None and each is not UNSET for each in conditions.values()) else 0


def searched(roots: Iterable[SelectedField], given: Given) -> int:
    """What the searches and the counts of an operation cost, which read whatever their answers hold."""
    found = 0
    for root in roots:
        if root.definition is None:
            continue
        with suppress(GraphQLError):  # the resolver says so
            if root.name == "resolve" or "where" in root.definition.args:
                found += _search(root.name, given.of(root))
            if any(each.name == TOTAL for kind in root.possible() for each in root.below(kind).fields):
                found += COUNT
    return found


_OF_MODELS = frozenset(
    {"cells", "models", "monthlyCosts", "availability", "points", "qualifications", "tradeoffs", "costs", "curves"}
)
"""Lists below a comparison with one item for each model."""
_OF_ROUTES = frozenset({"MonthlyCost.ranked", "CapabilityMatrix.routes"})
"""Lists of which more may be asked for, as they have no pages and may not leave out a route."""
_OF_PAIRS = {"switchFriction": 1, "costDeltas": 2}
"""Lists with one item for every so many ordered pairs of models."""


def is_paged(kind: str) -> bool:
    """Whether the lists of a type have as many items as the field asks for that gives it."""
    return kind.endswith("Connection") or kind == "ParetoFront"


def list_length(definition: GraphQLField, kind: str, name: str, given: Mapping[str, Any], around: Around) -> int:
    """How many objects a field of a type has at most, by its arguments and what it is in; 1 where it is no list."""
    models = around.models
    declared = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    if not isinstance(declared, GraphQLList):
        return 1
    if is_paged(kind):
        return around.page
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
    if f"{kind}.{name}" == "Cell.used":
        return around.facts
    if (each := LENGTHS_A_MODEL.get(f"{kind}.{name}")) is not None:
        return each * models
    if (each := LENGTHS_A_CLASS.get(f"{kind}.{name}")) is not None:
        return each * around.classes
    return LENGTHS.get(f"{kind}.{name}", OTHER_LENGTH)


COMPARING = frozenset({"comparison", "node", "nodes"})
"""Root fields below which a comparison may be."""


def compared_models(name: str, given: Mapping[str, Any]) -> int:
    """How many models a comparison below a root field has, or routes or capabilities that are set side by side; 1 where there is
    none."""
    if name == "comparison":
        return len(given.get("models") or ())
    if name == "breakEven":
        return len(given.get("routes") or ())
    if name == "capabilityMatrix":
        return len(set(given.get("capabilities") or ()))
    asked = map(_question, ids_of(given)) if name in COMPARING else ()
    return max((len(each.refs) for each in asked if each is not None), default=1)


def request_classes(name: str, given: Mapping[str, Any]) -> int:
    """How many request classes the month has that a field is asked for."""
    if name == "replay":
        return classes_recorded(str(given.get("record")))
    if name in COMPARING and "workload" not in given and (asked := ids_of(given)):
        return max((len(each.workload.classes) for each in map(_question, asked) if each is not None), default=1)
    return classes_in(given.get("workload"))


def ids_of(given: Mapping[str, Any]) -> list[str]:
    """The ids that a root field is given."""
    return [given["id"]] if "id" in given else list(given.get("ids") or ())


def _question(id_: str) -> Question | None:
    try:
        return question_of(id_) if decode(id_)[0] == "Comparison" else None
    except GraphQLError:  # the resolver is going to say so
        return None


def looked(name: str, given: Mapping[str, Any], models: int) -> int:
    """What it takes to look through the lens of a root field."""
    lens = lens_of(given) if name == "node" else given.get("lens")
    if not lens or (name == "node" and lens.is_default):
        return 0
    return Work.LENS.points(_SEEN.get(name, models))


_SEEN = {"switchPlan": 2, "capabilityMatrix": 1}
"""How many models are seen below a root field that is no comparison."""


def _page(given: Mapping[str, Any]) -> int:
    asked = [size for size in (given.get("first"), given.get("last")) if isinstance(size, int)]
    return max(0, min(asked[0], MOST)) if asked else USUAL
