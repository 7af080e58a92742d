"""Cheaper switches and fallbacks as GraphQL shows them: what else would do the same, for whom it is, and what nobody knows."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import facts, switches
from domain.benchmarks import BenchmarkRow
from domain.capabilities import doubts
from domain.fallbacks import Backup, Fallbacks, Parties, Role, Unproven, holds_less
from domain.friction import SwitchFriction as Friction
from domain.friction_factors import Level
from domain.quality import Quality
from domain.retired import notes
from domain.switches import Cheaper, Saving
from domain.units import display_usd, display_usd_difference
from domain.workload import Workload as Month
from schema.catalog import Model, Route
from schema.costs import Unavailable, Workload
from schema.decisions import Factor
from schema.ends import end_key
from schema.enums import described
from schema.errors import bad_input
from schema.evidence import Fact, Rule
from schema.groups import Group
from schema.ids import Identified, is_a
from schema.lifecycle import ENDS, NOTES, AnnouncedEnd, end_of
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.other_ways import FallbacksAsked, OtherWays, SwitchesAsked
from schema.overrides import TERMS, OverridesInput, overrides_given, own_terms
from schema.paging import Few, page_size
from schema.questions import of_other_ways
from schema.recording import record_field
from schema.rules import USED, rule_field, rules_field
from schema.shapes import SHAPES
from schema.workloads import WorkloadInput, workload_of

described(
    Role,
    "What a company does for an answer.",
    {"LAB": "It made the model.", "HOST": "It is called, and paid.", "UPSTREAM": "It computes the answer."},
    name="PartyRole",
)

_MONEY = "USD a month at the workload, exact."
MOST_BACKUPS = 10


def _models(_: Look, one: Any, __: Any) -> list[facts.Model]:
    return [one.model]


class _Found:
    """A candidate with its model and route at hand."""

    def __init__(
        self,
        one: Saving | Backup | Unproven,
        workload: Month,
        needed: Sequence[facts.CapabilityKind],
        of: Fallbacks | None = None,
    ) -> None:
        self.one, self.model, self.route = one, one.contender.model, one.offer.route
        self.costed_at, self._needed, self._of = workload, needed, of

    @property
    def notes(self) -> Sequence[str]:
        less = () if self._of is None else holds_less(self._of, self.model, self.route)
        found = notes(self.one.contender, self.one.offer, self.costed_at)
        return (*found, *doubts(self._needed, self.model, self.route), *less)

    def __getattr__(self, name: str) -> Any:
        if name == "one":
            raise AttributeError(name)
        return getattr(self.one, name)


class _Move(_Found):
    """A cheaper switch, whose friction is found when it is asked for."""

    def __init__(self, cheaper: Cheaper, one: Saving) -> None:
        super().__init__(one, cheaper.workload, cheaper.kept)
        self._cheaper = cheaper
        self.in_use = cheaper.source.contender.model.slug

    def friction_on(self, day: date) -> Friction:
        return self._cheaper.friction(self.one, shapes=SHAPES, on=day)  # type: ignore[arg-type]


described(
    Quality,
    "How good a model is beside another one, by the benchmark results of both that may be compared.",
    {
        "AT_LEAST_AS_GOOD": "It trails in none, on three benchmarks or more; or it is the same model, served alike.",
        "MIXED": "Each leads in some, on three benchmarks or more.",
        "UNKNOWN": "Neither good nor bad: measured alike on fewer than three benchmarks, or served as a variant (quantised, eco, turbo …) "
        "that nobody measured.",
        "WORSE": "It leads in none and trails in some.",
    },
    name="Quality",
)


@strawberry.type(description="What the model in use and a candidate scored, measured the same way.")
class ScorePair:
    benchmark: str = strawberry.field(description="Stable short name of the benchmark.")
    name: str = strawberry.field(description="The benchmark's name as it is shown.")
    metric: str = strawberry.field(description="The unit of the scores, such as percent of tasks solved.")
    less_is_better: bool = strawberry.field(description="Whether the lower score leads.")
    in_use: Decimal = strawberry.field(description="What the model in use scored.")
    candidate: Decimal = strawberry.field(description="What the candidate scored.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


class _Scores:
    """A row of benchmarks as the score now and the score then."""

    def __init__(self, row: BenchmarkRow, in_use: str, candidate: str) -> None:
        self.row, self.in_use, self.candidate = row, row.results[in_use].score, row.results[candidate].score

    def __getattr__(self, name: str) -> Any:
        if name == "row":
            raise AttributeError(name)
        return getattr(self.row, name)


@strawberry.type(description="How hard a move is.")
class SwitchCost:
    level: Level = strawberry.field(description="By the published weights of the steps.")
    score: int = strawberry.field(
        description="0 to 100: that of the switch plan between the two routes, the sum of the weights of its steps."
    )
    factors: list[Factor] = strawberry.field(description="Everything that changes.")
    steps: list[str] = strawberry.field(description="What has to be done, in order.")
    rule: Rule = rule_field()

    @strawberry.field(description="Capabilities that are there now and not afterwards.")
    def lost(self: Any) -> list[facts.CapabilityKind]:
        return list(switches.lost(self))

    @strawberry.field(
        description="Capabilities that are there now, and of which nobody says whether they are afterwards."
    )
    def doubtful(self: Any) -> list[facts.CapabilityKind]:
        return list(switches.doubtful(self))


@strawberry.type(description="Something that does the same for less.")
class CheaperSwitch:
    model: Model = strawberry.field(description="Which model.")
    route: Route = strawberry.field(
        description="Its route at the company in use, else its lab's own, else the cheapest, of those that cost less."
    )
    total: Decimal = strawberry.field(description=_MONEY)
    saving: Decimal = strawberry.field(description="USD a month less than now, exact.")
    notes: list[str] = strawberry.field(description=NOTES)

    @strawberry.field(
        description="The same to show: `$270, $30 less`; the difference is rounded by rule `units.display`."
    )
    def display(self: Any) -> str:
        return f"{display_usd(self.total)}, {display_usd_difference(self.total + self.saving, self.total)} less"

    @strawberry.field(description=ENDS, metadata=needs(to=_models))
    def end(self: Any) -> AnnouncedEnd | None:
        return end_of(self)

    @strawberry.field(description="How good it is beside the model in use, as far as that is measured.")
    def quality(self: Any) -> Quality:
        return self.quality

    @strawberry.field(
        description="The benchmark results of both that may be compared; empty where there are none.",
        metadata=needs(to=_models),
    )
    def scores(self: Any) -> list[ScorePair]:
        found: Any = [_Scores(row, self.in_use, self.model.slug) for row in self.rows]
        return found

    @strawberry.field(description="How hard the move is and what it would lose.", metadata=needs(to=_models))
    def friction(self: Any, info: Info) -> SwitchCost:
        found: Any = self.friction_on(look(info).today)
        return found


@strawberry.type(
    description="What would do the same month for less: first what is measured as at least as good, then what is better in some and "
    "worse in others, what nobody measured, last what is worse."
)
class CheaperSwitches:
    route: Route = strawberry.field(
        description="What it is compared with: of a model its lab's own route if it has a cost, else its cheapest one."
    )
    total: Decimal = strawberry.field(description="What it costs now: " + _MONEY)
    kept: list[facts.CapabilityKind] = strawberry.field(description="What every candidate has, as sources say.")
    workload: Workload = strawberry.field(description="The month of use.")
    unpriced: int = strawberry.field(description="How many more do the same, but nobody says what they cost.")
    rules: list[Rule] = rules_field()
    record: str = record_field()

    is_type_of = is_a(Cheaper)

    @strawberry.field(description="How many there are.")
    def count(self: Any) -> int:
        return len(self.savings)

    @strawberry.field(
        description="The candidates, what is measured as at least as good first.",
        metadata=needs(to=lambda _, cheaper, given: _moves(cheaper, given["first"])),
    )
    def switches(self: Any, first: Few = 10) -> list[CheaperSwitch]:
        return _moves(self, first)


def _moves(cheaper: Cheaper, first: int) -> Any:
    return [_Move(cheaper, each) for each in cheaper.savings[: page_size(first)]]


@strawberry.type(description="A company that an answer depends on.")
class Party:
    role: Role = strawberry.field(description="What it does.")
    company: str | None = strawberry.field(description="Its slug; null where nobody says who it is.")


def _parties(found: Parties) -> list[Party]:
    return [Party(role=role, company=found.by_role.get(role)) for role in Role]


@strawberry.type(description="A route that takes over when another one fails.")
class BackupRoute:
    model: Model = strawberry.field(description="Which model.")
    route: Route = strawberry.field(description="Where.")
    total: Decimal = strawberry.field(description="The whole month on it: " + _MONEY)
    at_share: Decimal = strawberry.field(description="The month when it takes the failover share, USD, exact.")
    notes: list[str] = strawberry.field(description=NOTES)
    extra: Decimal = strawberry.field(description="How much more that is than without a failover; negative is less.")
    used: list[Fact] = strawberry.field(description=USED, metadata=needs(to=_models))

    @strawberry.field(description="The cost at the failover share, to show.")
    def display(self: Any) -> str:
        return display_usd(self.at_share)

    @strawberry.field(description=ENDS, metadata=needs(to=_models))
    def end(self: Any) -> AnnouncedEnd | None:
        return end_of(self)

    @strawberry.field(description="Who stands behind it.")
    def parties(self: Any) -> list[Party]:
        return _parties(self.parties)


@strawberry.type(description="A route that might be independent; nobody says who all stands behind it.")
class UnprovenBackup:
    model: Model = strawberry.field(description="Which model.")
    route: Route = strawberry.field(description="Where.")
    total: Decimal = strawberry.field(description="The whole month on it: " + _MONEY)
    notes: list[str] = strawberry.field(description=NOTES)

    @strawberry.field(description=ENDS, metadata=needs(to=_models))
    def end(self: Any) -> AnnouncedEnd | None:
        return end_of(self)

    @strawberry.field(description="Who stands behind it, as far as that is known.")
    def parties(self: Any) -> list[Party]:
        return _parties(self.parties)


@strawberry.type(description="Backups that have no company in common with what they back up, nor with each other.")
class FallbackSet:
    route: Route = strawberry.field(
        description="What is backed up: of a model its lab's own route if it has a cost, else its cheapest one."
    )
    total: Decimal = strawberry.field(description="What it costs now: " + _MONEY)
    share: Decimal = strawberry.field(description="The share of requests that a backup takes.")
    required: list[facts.CapabilityKind] = strawberry.field(description="What every backup has.")
    rules: list[Rule] = rules_field()
    record: str = record_field()

    is_type_of = is_a(Fallbacks)

    @strawberry.field(description="Who stands behind what is backed up.")
    def parties(self: Any) -> list[Party]:
        return _parties(self.parties)

    @strawberry.field(
        description="The backups, the nearest in cost first.",
        metadata=needs(to=lambda _, found, __: _backups(found, found.backups)),
    )
    def backups(self: Any) -> list[BackupRoute]:
        return _backups(self, self.backups)

    @strawberry.field(
        description="What would do, if only it were known who stands behind it; the nearest in cost first.",
        metadata=needs(to=lambda _, found, given: _backups(found, found.unproven[: page_size(given["first"])])),
    )
    def unproven(self: Any, first: Few = 5) -> list[UnprovenBackup]:
        return _backups(self, self.unproven[: page_size(first)])

    @strawberry.field(description="How many of those there are.")
    def unproven_count(self: Any) -> int:
        return len(self.unproven)


def _backups(of: Fallbacks, found: Sequence[Backup | Unproven]) -> Any:
    return [_Found(each, of.workload, of.required, of) for each in found]


CheaperSwitchesResult = Annotated[
    CheaperSwitches | Unavailable,
    strawberry.union("CheaperSwitchesResult", description="What costs less, or why nobody can say."),
]
FallbacksResult = Annotated[
    FallbackSet | Unavailable,
    strawberry.union("FallbacksResult", description="Independent backups, or why nobody can say."),
]


def switches_asked(
    source: str,
    workload: WorkloadInput | None = None,
    keep: list[facts.CapabilityKind] | None = None,
    overrides: OverridesInput | None = None,
    lives_until: date | None = None,
) -> SwitchesAsked:
    """The question that arguments ask. Raises GraphQLError BAD_REF or BAD_USER_INPUT."""
    kept = None if keep is None else tuple(keep)
    return SwitchesAsked(end_key(source), workload_of(workload), kept, own_terms(overrides), lives_until)


def fallbacks_asked(
    source: str,
    workload: WorkloadInput | None = None,
    failover_share: Decimal = Decimal("0.05"),
    capabilities: list[facts.CapabilityKind] | None = None,
    first: int = 3,
    overrides: OverridesInput | None = None,
    lives_until: date | None = None,
) -> FallbacksAsked:
    """The question that arguments ask. Raises GraphQLError BAD_REF, BAD_USER_INPUT or BAD_PAGE."""
    if not failover_share.is_finite() or not 0 <= failover_share <= 1:
        raise bad_input(f"A failover share is between 0 and 1, not {failover_share}.")
    if not 1 <= first <= MOST_BACKUPS:
        raise GraphQLError(f"Ask for 1 to {MOST_BACKUPS} backups, not {first}.", extensions={"code": "BAD_PAGE"})
    required = None if capabilities is None else tuple(capabilities)
    terms = own_terms(overrides)
    return FallbacksAsked(end_key(source), workload_of(workload), failover_share, required, first, terms, lives_until)


class _Answer(Identified):
    """What was found, with what its record asks again and the models of which that has facts."""

    def __init__(self, ways: OtherWays) -> None:
        assert ways.source is not None
        super().__init__(ways.found, "OtherWays", ways.source.name, of_other_ways(ways.asked, ways.source))

    @property
    def recorded_models(self) -> list[facts.Model]:
        listed = self.decision.savings[:10] if isinstance(self.decision, Cheaper) else self.decision.backups
        return [self.decision.source.contender.model, *(each.contender.model for each in listed)]

    @classmethod
    def of(cls, ways: OtherWays) -> Any:
        """Without a record where there is no answer."""
        return ways.found if isinstance(ways.found, facts.Unavailable) else cls(ways)


def _asked(made: Any) -> dict[str, object]:
    return needs(
        Need(Group.OTHER_WAYS, lambda _, given: (made(**given),)),
        TERMS,
        to=lambda seen, _, given: [_Answer.of(seen.get(Group.OTHER_WAYS, made(**given)))],
    )


SWITCHES = _asked(switches_asked)
FALLBACKS = _asked(fallbacks_asked)
"""Metadata of the root fields."""


def cheaper_switches(info: Info, **given: Any) -> Any:
    """What was found for the arguments."""
    overrides_given(look(info), given["overrides"])
    return _Answer.of(look(info).get(Group.OTHER_WAYS, switches_asked(**given)))


def fallback_set(info: Info, **given: Any) -> Any:
    """What was found for the arguments."""
    overrides_given(look(info), given["overrides"])
    return _Answer.of(look(info).get(Group.OTHER_WAYS, fallbacks_asked(**given)))
