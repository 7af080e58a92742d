"""`replay`: a record comes back, and the same question is asked of the catalogue of today."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import facts
from domain.decided import Decided, decided
from domain.facts import Unavailable
from domain.lens import Lens
from domain.records import Kind, Record, UnusableRecord, read_record
from domain.replay import Outcome, Part, Replayed, replayed
from schema.enums import described
from schema.evidence import Evidence, Rule, rule_of
from schema.groups import ALL, Group
from schema.look import Info, Key, Look, look
from schema.needs import Need, needs
from schema.questions import OF_RESULTS, Asked, OfCatalogue, OfRoutes, asked_again
from schema.recording import SAID, refused
from schema.scalars import Value

described(
    Kind,
    "What a record is the record of.",
    {
        "VERDICT": "Which of several models is the safer pick.",
        "MONTHLY_COST": "What a month costs with a model, and on which route it costs least.",
        "ROUTE_COST": "What a month costs on one route.",
        "SWITCH_FRICTION": "How hard a switch between two models is.",
        "SWITCH_PLAN": "What to do to switch.",
        "BREAK_EVEN": "Where the cheaper of two routes changes.",
        "BENCHMARKS": "Which benchmark results of several models may be compared, and who leads.",
        "CAPABILITY_MATRIX": "On which routes of a model several capabilities can be had together.",
        "RECOMMENDATION": "Which models or routes fit best.",
        "CHEAPER_SWITCHES": "What would do the same for less.",
        "FALLBACKS": "What takes over when a route fails.",
    },
    name="RecordKind",
)
described(
    Outcome,
    "What became of a decision.",
    {
        "HOLDS": "The same question has the same answer.",
        "TURNED": "It has another answer.",
        "UNDECIDABLE": "It cannot be decided any more: something is gone, or a fact is missing.",
    },
    name="ReplayOutcome",
)
described(
    Part,
    "What a changed fact has to do with it.",
    {
        "DECISIVE": "With this fact alone as it was, the old answer comes back.",
        "NOT_ALONE": "With this fact alone as it was, the answer of today stays what it is.",
        "NOT_TRIED": "Not tried: it cannot be put back by itself, or the whole catalogue was asked.",
        "NEWLY_USED": "Only the decision of today uses it; what it was then is not in the record.",
    },
    name="PartOfFact",
)


@lru_cache(maxsize=64)
def _read(text: str) -> tuple[Record, Asked] | UnusableRecord:
    try:
        record = read_record(text, None)
        return record, asked_again(record)
    except UnusableRecord as error:
        return error


def _opened(text: str) -> tuple[Record, Asked]:
    """What a text records. Raises GraphQLError."""
    found = _read(text)
    if isinstance(found, UnusableRecord):
        raise refused(found)
    return found


def classes_recorded(text: str) -> int:
    """How many request classes the month of a record has; 1 where it is about none, or is refused before anything is computed."""
    found = _read(text)
    month = None if isinstance(found, UnusableRecord) else found[0].question.workload
    return 1 if month is None else len(month.classes)


class Replaying:
    """A record that is asked again, as a parent of the plan and as what the fields of the answer show."""

    def __init__(self, seen: Look, record: Record, asked: Asked) -> None:
        self.seen, self.record, self.asked = seen, record, asked

    @cached_property
    def recorded_models(self) -> list[facts.Model]:
        """The models that it is about, as far as they are found."""
        found = [self.seen.get(Group.MODELS, slug) for slug in self.asked.models]
        for group, key in self.asked.first:
            if group is Group.ENDS and (end := self.seen.get(group, key)) is not None:
                found.append(end.model)
        return [model for model in found if model is not None]

    @property
    def routes(self) -> list[facts.Route]:
        """The routes that it names, as far as they are found."""
        if not isinstance(self.asked, OfRoutes):
            return []
        return [route for _, key in self.asked.first if (route := self.seen.get(Group.ROUTE, key)) is not None]

    @cached_property
    def now(self) -> Replayed:
        again = None if isinstance(self.asked, OfCatalogue) else self._decided
        return replayed(self.record, self._decided(lambda found: found), self.seen.known(), again)

    def _decided(self, alter: Any) -> Decided:
        self.seen.facts.wanted.check()
        try:
            found = self.asked.found(self.seen, alter)
        except GraphQLError as refusal:  # what is in use, or a source of the lens, is not there any more
            found = Unavailable("NOT_TRACKED", refusal.message)
        return decided(found, int(self.record.question.terms.get("first", 10)))


def _need_of_root(group: Group) -> Need:
    def keys(_: Any, given: Mapping[str, Any]) -> Iterable[Key]:
        return [key for wanted, key in _opened(given["record"])[1].first if wanted is group]

    return Need(group, keys)


def _lens(given: Mapping[str, Any]) -> Lens | None:
    try:
        return _opened(given["record"])[0].lens
    except GraphQLError:
        return None


def _priced(one: Replaying, _: Mapping[str, Any]) -> Iterable[int]:
    return (
        [] if one.asked.first and one.asked.first[0][0] is Group.ENDS else [model.id for model in one.recorded_models]
    )


_DECIDED = needs(
    Need(Group.OFFERS, _priced),
    Need(
        Group.RESULTS,
        lambda one, _: [model.id for model in one.recorded_models if one.record.question.kind in OF_RESULTS],
    ),
    Need(Group.PRICES, lambda one, _: [route.id for route in one.routes]),
    Need(Group.MODEL, lambda one, _: [route.model_id for route in one.routes if route.model_id is not None]),
)
"""What a decision of today rests on, whatever kind it is of."""

ASKED = needs(
    *map(_need_of_root, (Group.MODELS, Group.ROUTE, Group.ENDS, Group.RANKING, Group.OTHER_WAYS)),
    Need(Group.RECORD_KEY, lambda _, given: (ALL,) if _opened(given["record"]) else ()),
    to=lambda seen, _, given: [Replaying(seen, *_opened(given["record"]))],
    through=_lens,
)
"""Metadata of the root field."""


@strawberry.type(description="A fact that is another one than in a record, or that only the decision of today uses.")
class FactDifference:
    kind: str = strawberry.field(description="What it is about: `model`, `route`, `provider`, `lab` or `license`.")
    of: str = strawberry.field(
        description="Which one: the slug of a model, provider or lab, the key of a route or licence."
    )
    field: str = strawberry.field(
        description="Name of the field, such as `context_window` or `price.STANDARD.0.output`."
    )
    part: Part = strawberry.field(description="What it has to do with the decision.")

    @strawberry.field(description="Its value in the record; null where it was unknown then, or is not in the record.")
    def before(self: Any) -> Value | None:
        return None if self.before is None else self.before.value

    @strawberry.field(description="Whose value that was: the short name of the source; null where nobody's.")
    def before_source(self: Any) -> str | None:
        return None if self.before is None else self.before.source

    @strawberry.field(description="Where it stood: the first digits of the document's SHA-256, `#`, the place in it.")
    def before_place(self: Any) -> str | None:
        return None if self.before is None else self.before.place

    @strawberry.field(description="Its value today; null where it is unknown now, or its subject is not found.")
    def after(self: Any) -> Value | None:
        return self.after

    @strawberry.field(
        description="Who says so today and who does not; null where no source says.", metadata=needs(*SAID)
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        found: Any = None if self.fact is None else look(info).evidence(self.fact)
        return found


@strawberry.type(description="A decision asked again: whether it holds, and what is different.")
class Replay:
    @strawberry.field(description="What became of it.", metadata=_DECIDED)
    def outcome(self: Any) -> Outcome:
        return self.now.outcome

    @strawberry.field(description="The outcome and what brought it about, in words.", metadata=_DECIDED)
    def sentence(self: Any) -> str:
        return self.now.sentence

    @strawberry.field(description="What the record says was decided, in words.")
    def before(self: Any) -> str:
        return self.record.sentence

    @strawberry.field(description="What is decided today, in words, or why nothing is.", metadata=_DECIDED)
    def after(self: Any) -> str:
        return self.now.now.sentence

    @strawberry.field(
        description="Every used fact that is another one now; where the decision no longer holds, also the facts that only today's "
        "uses.",
        metadata=_DECIDED,
    )
    def changes(self: Any) -> list[FactDifference]:
        found: Any = list(self.now.changes)
        return found

    @strawberry.field(description="What kind of decision it is.")
    def kind(self: Any) -> Kind:
        return self.record.question.kind

    @strawberry.field(description="Slugs of the models and keys of the routes that were asked about.")
    def asked(self: Any) -> list[str]:
        return list(self.record.question.refs)

    @strawberry.field(description="The catalogue revision that answered then; null before the first.")
    def revision(self: Any) -> int | None:
        return self.record.revision

    @strawberry.field(description="SHA-256 over all that was accepted then; null before the first revision.")
    def catalog_digest(self: Any) -> str | None:
        return self.record.catalog

    @strawberry.field(description="The day as of which it was decided.")
    def day(self: Any) -> date:
        return self.record.day

    @strawberry.field(
        description="The lens through which was looked, then and now, in words; null: all sources, as of now."
    )
    def lens(self: Any) -> str | None:
        return str(self.record.lens) or None

    @strawberry.field(description="Version of the rules that decided then; `methodology` has today's.")
    def rules_version(self: Any) -> str:
        return self.record.rules_version

    @strawberry.field(
        description="Ids of the rules behind it whose text is another one now, or that are gone.", metadata=_DECIDED
    )
    def rules_changed(self: Any) -> list[str]:
        return list(self.now.rules_changed)

    @strawberry.field(description="The rule of replays.")
    def rule(self: Any) -> Rule:
        return rule_of("records.replay")


def replay_of(info: Info, text: str) -> Any:
    """The record, once it is known to be ours. Raises GraphQLError BAD_RECORD, TAMPERED_RECORD or RECORD_TOO_NEW."""
    _, asked = _opened(text)
    try:
        record = read_record(text, look(info).record_key)
    except UnusableRecord as error:
        raise refused(error) from None
    return Replaying(look(info), record, asked)


@strawberry.type(description="What is asked again.")
class Replays:
    @strawberry.field(
        description="Whether a decision that you kept still holds: the question of the record is asked again, through its lens, of "
        "the catalogue of today. Nothing of it is stored.",
        metadata=ASKED,
    )
    def replay(
        self,
        info: Info,
        record: Annotated[str, strawberry.argument(description="From a `record` field, as it is: `llmref1.…`.")],
    ) -> Replay:
        return replay_of(info, record)
