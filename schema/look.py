"""What the plan has read for one operation, and how the fields of the answer look at it: through the lens of their root field."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias

from graphql import GraphQLError
from strawberry import Info as StrawberryInfo

from db.queries import Page
from db.said import Said
from domain.facts import Contender, FactRef, Lab, License, Model, NotLoaded, Offer, Price, Provider, Route
from domain.known import Known
from domain.lens import DEFAULT, Lens
from domain.lifecycle import Retirement, Succession
from domain.plan_steps import End
from domain.provenance import Amount, Evidence, Testimony, amount_of, evidence, fields_weighed
from domain.sheets import Place, parse_field
from domain.shown import evidence_of, shown
from domain.statements import Value
from schema.beside import Wanted
from schema.groups import Group
from schema.other_ways import OtherWays
from schema.ranking import Ranked

Key: TypeAlias = Hashable


@dataclass(slots=True)
class Facts:
    """What the plan has read for one operation, and the day for which it was asked. `by_field` says through which lens a root
    field looks; a field that is not in it looks through the default one."""

    today: date
    loaded: dict[tuple[Group, Lens, Key], Any] = field(default_factory=dict)
    by_field: dict[str, Lens] = field(default_factory=dict)
    record_key: bytes | None = None
    """With what records are signed where it is not the catalogue's own key."""
    wanted: Wanted = field(default_factory=Wanted)
    """Whether somebody still waits for the answer."""
    _index: _Index | None = None
    _by_lens: dict[Lens, Known] = field(default_factory=dict)
    _by_thing: dict[Lens, dict[tuple[str, int], list[Said]]] = field(default_factory=dict)

    def get(self, group: Group, key: Key, lens: Lens = DEFAULT) -> Any:
        """The facts of a key; None where the read found none. Raises what the read was refused with, and NotLoaded where no
        field declared the need."""
        try:
            found = self.loaded[group, lens, key]
        except KeyError:
            raise NotLoaded(f"{group} of {key}") from None
        if isinstance(found, GraphQLError):
            raise found
        return found

    def look(self, path: Any) -> Look:
        """The facts as the root field above a place of the answer shows them."""
        if not self.by_field:
            return Look(self, DEFAULT)
        while path.prev is not None:
            path = path.prev
        return Look(self, self.by_field.get(path.key, DEFAULT))

    def name_of(self, fact: FactRef) -> str | None:
        """The slug of the model, provider or lab, or the key of the route, that a fact is about; None where it was not read. A
        price of the caller's own is of a route."""
        return self._known().names.get(("route" if fact.kind == "override" else fact.kind, fact.id))

    def model(self, slug: str, lens: Lens) -> Model:
        """A model that was read, by its slug. NotLoaded where no field declared the need."""
        try:
            return self._known().models[lens, slug]
        except KeyError:
            raise NotLoaded(f"model {slug}") from None

    def subject_of(self, fact: FactRef, lens: Lens) -> Model | Route | None:
        """The model or route that a fact is about, as far as it was read; None for prices and for facts of other things."""
        if fact.field.startswith("price."):
            return None
        return self._known().subjects.get((lens, fact.kind, fact.id))

    def said_of(self, fact: FactRef, lens: Lens) -> Sequence[Testimony]:
        """What is said of the model, route or provider of a fact, as far as it was read and can be its evidence; of a model also
        through its routes."""
        sheet = fact.field.startswith("price")  # whose amounts are held against each other, and say why they are asked
        if fact.kind == "model":
            said = self.loaded.get((Group.TESTIMONY, lens, fact.id))
            return () if said is None else said.in_fields(fields_weighed(fact.field))
        thing, fields = (fact.kind, fact.id), None if sheet else fields_weighed(fact.field)
        return tuple(each for said in self._saying(lens).get(thing, ()) for each in said.about(thing, fields))

    def all_state(self, fact: FactRef, value: Value, lens: Lens) -> bool:
        """Whether whatever may be the evidence of a fact of a route states this value, and nothing else."""
        if fact.kind != "route":
            return False
        thing, fields = (fact.kind, fact.id), fields_weighed(fact.field)
        return all(said.all_state(thing, fields, fact.field, value) for said in self._saying(lens).get(thing, ()))

    def _saying(self, lens: Lens) -> Mapping[tuple[str, int], Sequence[Said]]:
        """Where something is said of a thing, found when it is first asked for."""
        if lens not in self._by_thing:
            by_thing = self._by_thing[lens] = defaultdict(list)
            for (group, through, _), found in self.loaded.items():
                if group in (Group.TESTIMONY, Group.ROUTE_TESTIMONY) and through == lens and isinstance(found, Said):
                    for thing in found.things:
                        by_thing[thing].append(found)
        return self._by_thing[lens]

    def amount_of(self, fact: FactRef, lens: Lens) -> Amount | None:
        """What the price sheet of today that was read shows for a fact; None for facts that are no amount of one."""
        place, unit = parse_field(fact.field) or (None, "")
        sheet = None if place is None else self._known().sheets.get((lens, fact.id, place))
        return None if sheet is None else amount_of(sheet, unit, lens.day(self.today))

    def known(self, lens: Lens) -> Known:
        """What was read through a lens and what decisions can use, by natural name; made when it is first asked for."""
        if lens not in self._by_lens:
            made = self._by_lens[lens] = Known()
            for (group, through, _), found in self.loaded.items():
                if through == lens and group in _USABLE:
                    made.note(found.recordable if isinstance(found, Ranked | OtherWays) else found)
        return self._by_lens[lens]

    def _known(self) -> _Index:
        """The index over all that was read, made when it is first asked for."""
        if self._index is None:
            self._index = _Index()
            for (group, lens, _), found in self.loaded.items():
                if group is not Group.PRICE_HISTORY:  # whose sheets do not all hold now
                    self._index.note(lens, found)
        return self._index


_USABLE = frozenset(
    {
        *(Group.MODELS, Group.MODEL, Group.ROUTES, Group.OFFERS, Group.RESULTS, Group.ROUTE, Group.PRICES, Group.ENDS),
        *(Group.RANKING, Group.OTHER_WAYS),
    }
)
"""Groups whose facts decisions use."""


@dataclass(slots=True)
class _Index:
    """What was read, by name and number."""

    names: dict[tuple[str, int], str] = field(default_factory=dict)
    models: dict[tuple[Lens, str], Model] = field(default_factory=dict)
    subjects: dict[tuple[Lens, str, int], Model | Route] = field(default_factory=dict)
    sheets: dict[tuple[Lens, int, Place], Price] = field(default_factory=dict)

    def note(self, lens: Lens, found: Any) -> None:
        match found:
            case Model():
                self.names["model", found.id] = found.slug
                self.note(lens, (found.lab, found.license))
                # The first one: what stands near a model is read later, and is not seen through its lens.
                self.models.setdefault((lens, found.slug), found)
                self.subjects.setdefault((lens, "model", found.id), found)
            case Lab():
                self.names["lab", found.id] = found.slug
            case License():
                self.names["license", found.id] = found.key
            case Provider():
                self.names["provider", found.id] = found.slug
            case Route():
                self.names["route", found.id] = found.key
                self.subjects.setdefault((lens, "route", found.id), found)
                self.note(lens, found.provider)
            case Offer():
                self.note(lens, found.route)
                self.note(lens, found.prices)
            case Price():
                place = Place(found.mode, found.above, found.currency)
                self.sheets.setdefault((lens, found.route_id, place), found)
            case Contender():
                self.note(lens, (found.model, found.loaded_offers))
            case End():
                self.note(lens, (found.model, *found.offers))
            case Retirement():
                self.names[found.fact.kind, found.fact.id] = found.of
            case Succession():
                self.note(lens, tuple(found.models.values()))
            case Page() | Ranked() | OtherWays():
                self.note(lens, found.items)
            case tuple():
                for each in found:
                    self.note(lens, each)


@dataclass(frozen=True, slots=True)
class Look:
    """Facts through one lens."""

    facts: Facts
    lens: Lens

    @property
    def today(self) -> date:
        """The day as of which it looks."""
        return self.lens.day(self.facts.today)

    def get(self, group: Group, key: Key) -> Any:
        return self.facts.get(group, key, self.lens)

    def model(self, slug: str) -> Model:
        return self.facts.model(slug, self.lens)

    def evidence(self, fact: FactRef) -> Evidence | None:
        """The evidence of a fact that a decision used, from what was read."""
        return self._evidence(fact, self.facts.said_of(fact, self.lens))

    def dispute(self, fact: FactRef) -> Evidence | None:
        """The same, where somebody states otherwise. Of most facts nobody does: nobody states anything, or all state what is shown."""
        subject = self.facts.subject_of(fact, self.lens)
        value = None if subject is None else shown(subject, fact.field)
        if value is not None and self.facts.all_state(fact, value, self.lens):
            return None
        said = self.facts.said_of(fact, self.lens)
        found = self._evidence(fact, said) if said else None
        return found if found is not None and found.dissenting else None

    def _evidence(self, fact: FactRef, said: Sequence[Testimony]) -> Evidence | None:
        subject = self.facts.subject_of(fact, self.lens)
        if subject is not None:
            return evidence_of(subject, fact.field, said)
        return evidence(fact, said, amount=self.facts.amount_of(fact, self.lens))

    def known(self) -> Known:
        """What was read and what decisions can use, by natural name."""
        return self.facts.known(self.lens)

    @property
    def record_key(self) -> bytes:
        """With what records are signed."""
        return self.facts.record_key or bytes(self.get(Group.RECORD_KEY, ""))

    def has(self, group: Group, key: Key) -> bool:
        """Whether the group was read for the key."""
        return (group, self.lens, key) in self.facts.loaded


Info = StrawberryInfo[Facts, None]


def look(info: Info) -> Look:
    """The facts through the lens of the root field above."""
    return info.context.look(info.path)
