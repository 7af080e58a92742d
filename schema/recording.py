"""`record` on a decision: one field for all of them. It writes down the question that the decision carries, what was decided, and the
facts that were used with their evidence; nothing of it is read or computed unless it is selected.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import strawberry
from graphql import GraphQLError

from domain.decided import decided
from domain.facts import Model, Route
from domain.known import Known
from domain.plan_steps import End
from domain.records import Question, Record, UnusableRecord, UsedFact, rules_now, written
from domain.replay import used_facts
from domain.rules import RULES_VERSION
from schema.groups import ALL, Group
from schema.look import Info, Look, look
from schema.needs import Need, needs


def _routes(parent: Any) -> Iterable[Route]:
    """The routes that a parent of the plan is about by themselves."""
    match parent:
        case Route():
            return (parent,)
        case End():
            return [offer.route for offer in parent.offers]
    return parent.routes if hasattr(parent, "routes") else ()


def _models(parent: Any, _: Mapping[str, Any]) -> Iterable[int]:
    """The models whose testimony, with that of their routes, has the evidence."""
    if isinstance(parent, Model):
        return (parent.id,)
    own = [] if isinstance(parent, Route | End) else [model.id for model in parent.recorded_models]
    return dict.fromkeys([*own, *(route.model_id for route in _routes(parent) if route.model_id is not None)])


def _alone(parent: Any, _: Mapping[str, Any]) -> Iterable[int]:
    """The routes of no known model, which have testimony of their own."""
    return () if isinstance(parent, Model) else [route.id for route in _routes(parent) if route.model_id is None]


SAID = (Need(Group.TESTIMONY, _models), Need(Group.ROUTE_TESTIMONY, _alone))
"""What the evidence of the facts of a decision is read from."""
SIGNED = Need(Group.REVISION, lambda *_: (ALL,)), Need(Group.RECORD_KEY, lambda *_: (ALL,))
"""What every record needs besides."""


def record_field(*needed: Need, nullable: bool = False) -> Any:
    """The record of a decision whose `question` says what was asked. `needed`: what the decision itself rests on."""
    text = (
        "The decision as one text that you keep, with what was asked, the lens, the state of the catalogue, the rules and the facts "
        "with their documents. `replay` says later whether it still holds; nothing is stored here."
    )

    def record(self: Any, info: Info) -> str:
        return recorded(look(info), self)

    def record_or_none(self: Any, info: Info) -> str | None:
        asked = getattr(self, "question", None)
        return None if asked is None else recorded(look(info), self)

    metadata = needs(*needed, *SAID, *SIGNED)
    if nullable:
        text += " Null where the cost is part of another decision, which has the record."
        return strawberry.field(record_or_none, description=text, metadata=metadata)
    return strawberry.field(record, description=text, metadata=metadata)


def refused(error: UnusableRecord) -> GraphQLError:
    """The coded error of a record."""
    return GraphQLError(str(error), extensions={"code": error.code})


def recorded(seen: Look, decision: Any) -> str:
    """The text of the record. Raises GraphQLError RECORD_TOO_LARGE."""
    question: Question = decision.question
    made = decided(decision.decision, int(question.terms.get("first", 10)))
    known = seen.known()
    state = seen.get(Group.REVISION, ALL)
    facts = tuple(_with_evidence(each, known, seen) for each in used_facts(made, known))
    record = Record(
        question,
        seen.lens,
        None if state is None else state.number,
        None if state is None else state.digest,
        seen.today,
        RULES_VERSION,
        rules_now(made.rules),
        made.answer,
        made.figures,
        made.sentence,
        facts,
    )
    try:
        return written(record, seen.record_key)
    except UnusableRecord as error:
        raise refused(error) from None


def _with_evidence(fact: UsedFact, known: Known, seen: Look) -> UsedFact:
    ref = known.ref(*fact.name)
    assert ref is not None
    found = seen.evidence(ref)
    first = found.agreeing[0] if found is not None and found.agreeing else None
    place = None if first is None else f"{first.document.sha256[:12]}#{first.locator}"
    source = known.source(ref) or (found.source if found is not None else None)
    return UsedFact(*fact.name, fact.value, source, place)
