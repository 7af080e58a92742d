"""Recommendations as GraphQL shows them: what is needed goes in, what fits, might fit and just misses comes out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Annotated, Any

import strawberry

from domain import facts, recommend, scales
from domain.capabilities import doubts
from domain.pareto import Placed
from domain.recommend import Of
from domain.required import Constraint, Floor, Requirements, State
from domain.retired import notes
from domain.scorecard import SignalKey
from schema.catalog import Model, Route
from schema.costs import Workload
from schema.decisions import Weight
from schema.enums import described
from schema.errors import bad_input
from schema.evidence import Fact, Rule, rule_of
from schema.filters import given as given_
from schema.groups import Group
from schema.lifecycle import ENDS, NOTES, AnnouncedEnd, end_of
from schema.look import Info, Look, look
from schema.needs import Need, needs
from schema.overrides import TERMS, OverridesInput, overrides_given, own_terms
from schema.paging import After, Connection, Few, First, Listed, page_size, window
from schema.ranking import Ranked, RankingAsked, Shown
from schema.ranking_record import RecordedRanking
from schema.rules import USED, rule_field
from schema.workloads import WeightInput, WorkloadInput, weights_of, workload_of

described(
    Of,
    "What is ranked.",
    {"MODELS": "Each model once, by the route that suits it best.", "ROUTES": "Every route by itself."},
    name="RecommendationOf",
)
described(
    State,
    "Whether a requirement is met.",
    {"MET": "A source says so.", "FAILED": "A source says that it is not.", "UNKNOWN": "No source says."},
    name="RequirementState",
)
described(
    Constraint,
    "What can be required.",
    {
        "TASK": "What it is made for.",
        "CAPABILITY": "Something that it can do.",
        "INPUT": "What goes in.",
        "OUTPUT": "What comes out.",
        "CONTEXT_WINDOW": "Tokens of prompt and answer together.",
        "MAX_OUTPUT": "Tokens of one answer.",
        "COMPETES": "Whether the workload has a cost on the route at all.",
        "MONTHLY_COST": "What the workload costs in a month.",
        "INPUT_PRICE": "Price of input tokens.",
        "OUTPUT_PRICE": "Price of output tokens.",
        "OPENNESS": "Open source, open weights or proprietary.",
        "LICENSE": "Terms of the weights.",
        "COMMERCIAL_USE": "Whether you may earn money with it.",
        "LAB": "Who made it.",
        "PROVIDER": "Who serves it.",
        "PROVIDER_KIND": "What kind of business serves it.",
        "REGION": "Where it is served.",
        "API_SHAPE": "Which wire format its provider speaks.",
        "RELEASED": "When it was released.",
        "LIFECYCLE": "How long it stays in service.",
        "BENCHMARK": "A score.",
    },
)


@strawberry.input(description="The least score on a benchmark; the most where less is better.")
class FloorInput:
    benchmark: str = strawberry.field(description="Slug of the benchmark; `benchmarks` lists them.")
    score: Decimal = strawberry.field(description="The score, as sources publish it.")


@strawberry.input(
    description="What you need. All hold together; several values of one are alternatives, except for capabilities and modalities, "
    "of which all are needed. A fact that nobody sources meets nothing. A name that nobody has is refused: UNKNOWN_LAB, "
    "UNKNOWN_PROVIDER, UNKNOWN_BENCHMARK, UNKNOWN_LICENSE."
)
class RequirementsInput:
    tasks: list[facts.Task] | None = strawberry.field(
        default=None, description="What it is made for; without it TEXT_GENERATION, with an empty list anything."
    )
    capabilities: list[facts.CapabilityKind] | None = strawberry.field(
        default=None,
        description="All of these, by the route's own account, or its model's where the route says nothing.",
    )
    inputs: list[facts.Modality] | None = strawberry.field(default=None, description="All of these go in.")
    outputs: list[facts.Modality] | None = strawberry.field(default=None, description="All of these come out.")
    min_context: int | None = strawberry.field(default=None, description="Context window of at least so many tokens.")
    min_output: int | None = strawberry.field(default=None, description="One answer of at least so many tokens.")
    max_monthly_cost: Decimal | None = strawberry.field(
        default=None, description="At most so many USD a month at the workload."
    )
    max_input_price: Decimal | None = strawberry.field(
        default=None, description="At most so many USD per million input tokens."
    )
    max_output_price: Decimal | None = strawberry.field(
        default=None, description="At most so many USD per million output tokens."
    )
    openness: list[facts.Openness] | None = strawberry.field(default=None, description="Open source, open weights …")
    licenses: list[str] | None = strawberry.field(default=None, description="Keys or SPDX ids of licences.")
    commercial_use: list[facts.CommercialUse] | None = strawberry.field(
        default=None, description="Whether you may earn money with it."
    )
    labs: list[str] | None = strawberry.field(default=None, description="Only of these labs, by slug.")
    not_labs: list[str] | None = strawberry.field(default=None, description="Of none of these labs, by slug.")
    providers: list[str] | None = strawberry.field(
        default=None, description="Only at these providers, by their slug or that of the company behind them."
    )
    not_providers: list[str] | None = strawberry.field(
        default=None, description="At none of these providers, by their slug or that of the company behind them."
    )
    provider_kinds: list[facts.ProviderKind] | None = strawberry.field(default=None, description="Kinds of providers.")
    regions: list[str] | None = strawberry.field(
        default=None, description="Served in one of these: `eu` also means `eu-west-1`."
    )
    released_after: date | None = strawberry.field(
        default=None, description="Released later than this day for certain."
    )
    lives_until: date | None = strawberry.field(
        default=None,
        description="In service until this day, as sources say. Without it nothing fits that is announced to be shut down within 90 "
        "days (rule `lifecycle.served-until`); today's day leaves out only what is gone.",
    )
    benchmarks: list[FloorInput] | None = strawberry.field(default=None, description="Scores that it has to reach.")


_NAMES = ("licenses", "labs", "not_labs", "providers", "not_providers", "regions")


def requirements_of(given: RequirementsInput | None) -> Requirements:
    """Raises GraphQLError BAD_USER_INPUT."""
    wanted = given_(given)
    for name in _NAMES:
        if name in wanted:
            wanted[name] = tuple(str(each).strip().lower() for each in wanted[name])
    if "benchmarks" in wanted:
        wanted["benchmarks"] = tuple(Floor(each.benchmark, each.score) for each in wanted["benchmarks"])
    for name, value in wanted.items():
        if name.startswith(("min_", "max_")) and value <= 0:
            raise bad_input(f"`{name}` must be above 0; leave it out.")
    return Requirements(**wanted)


def ranking_asked(
    requirements: RequirementsInput | None = None,
    workload: WorkloadInput | None = None,
    weights: list[WeightInput] | None = None,
    of: Of = Of.MODELS,
    overrides: OverridesInput | None = None,
) -> RankingAsked:
    """The question that arguments ask. Raises GraphQLError BAD_USER_INPUT."""
    own = weights_of(weights, scales.chosen_weights) or {}
    wanted, terms = requirements_of(requirements), own_terms(overrides)
    return RankingAsked(wanted, workload_of(workload), tuple(sorted(own.items())), of, terms)


def _model(_: Look, shown: Any, __: Any) -> list[facts.Model]:
    return [shown.model]


@strawberry.type(description="One requirement on one route.")
class Requirement:
    constraint: Constraint = strawberry.field(description="What is required.")
    state: State = strawberry.field(description="Whether it is met.")
    wanted: str = strawberry.field(description="What is wanted, in words.")
    found: str = strawberry.field(description="What there is, in words.")
    ratio: Decimal | None = strawberry.field(
        description="By how many times it is off; null where it is met or no number."
    )
    sentence: str = strawberry.field(description="The same in words.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()


@strawberry.type(description="What one row adds to a score.")
class RankingReason:
    signal: SignalKey = strawberry.field(description="The row of the scorecard.")
    weight: int = strawberry.field(description="How much the row counts.")
    points: int | None = strawberry.field(
        description="0 to 1,000 on the row's own scale; null where it is not sourced yet."
    )
    display: str = strawberry.field(description="What it has.")
    used: list[Fact] = strawberry.field(description=USED)


@strawberry.type(
    description="A model on the route that suits it best, or one route, as far as it meets what is required."
)
class Recommendation:
    rank: int | None = strawberry.field(description="1 is the best, equal scores share it; null where it does not fit.")
    model: Model = strawberry.field(description="Which model.")
    route: Route = strawberry.field(description="Where.")
    unmet: list[Requirement] = strawberry.field(
        description="What it does not meet, or what nobody states of it.", metadata=needs(to=_model)
    )

    @strawberry.field(description="0 to 100: the weighed points, unknowns as nothing; null where it does not fit.")
    def score(self: Any) -> Decimal | None:
        return None if self.rank is None else _hundredths(self.one.score, self.ranked)

    @strawberry.field(description="The score if everything that is unknown were the best; null where it does not fit.")
    def at_best(self: Any) -> Decimal | None:
        return None if self.rank is None else _hundredths(self.one.at_best, self.ranked)

    @strawberry.field(description="USD a month at the workload, exact; null where it is not known.")
    def monthly_cost(self: Any) -> Decimal | None:
        return self.one.cost

    @strawberry.field(description="The cost to show: `$270`, `not sourced yet`, or `does not compete` at the workload.")
    def display(self: Any) -> str:
        return recommend.display(self.one)

    @strawberry.field(
        description=f"{NOTES} Also that a required capability is stated of the route alone, while it is denied of its model."
    )
    def notes(self: Any) -> list[str]:
        one = self.one
        told = notes(one.alone.contender, one.offer, self.ranked.asked.workload)
        return [*told, *doubts(self.ranked.ranking.wanted.capabilities, one.model, one.route)]

    @strawberry.field(description=ENDS, metadata=needs(to=_model))
    def end(self: Any) -> AnnouncedEnd | None:
        return end_of(self)

    @strawberry.field(description="The same in words.")
    def sentence(self: Any) -> str:
        return recommend.sentence(self.one, self.ranked.ranking.whole)

    @strawberry.field(
        description="Why it has its score, row by row, the unknown rows too; empty where it does not fit.",
        metadata=needs(to=_model),
    )
    def reasons(self: Any) -> list[RankingReason]:
        return [] if self.rank is None else _weighed(self)

    @strawberry.field(description="Every requirement, met or not.", metadata=needs(to=_model))
    def requirements(self: Any) -> list[Requirement]:
        return self.ranked.ranking.checks(self.one)


def _weighed(shown: Shown) -> Any:
    """The measures of a candidate, each with the weight of its row."""
    ranking = shown.ranked.ranking
    return [
        SimpleNamespace(
            signal=each.signal,
            weight=ranking.weights[each.signal],
            points=each.points,
            display=each.display,
            used=each.used,
        )
        for each in ranking.measures(shown.one)
    ]


def _hundredths(score: int, ranked: Ranked) -> Decimal:
    return (Decimal(score * 100) / ranked.ranking.whole).quantize(Decimal("0.01"))


class _Member:
    """A candidate on, or behind, the front."""

    def __init__(self, shown: Shown, placed: Placed, beaten_by: Shown | None) -> None:
        self.candidate, self.value, self.dominated_by = shown, placed.point.value, beaten_by


@strawberry.type(description="A candidate on the front, or behind it.")
class ParetoMember:
    candidate: Recommendation = strawberry.field(description="Which one.")
    value: Decimal = strawberry.field(
        description="What is measured, more is better: of a metric of which less is better it is the negative."
    )
    dominated_by: Recommendation | None = strawberry.field(
        description="A member of the front that costs no more and has no less; null on the front."
    )


@strawberry.type(description="What nobody beats on monthly cost and on one more measure at once.")
class ParetoFront:
    members: list[ParetoMember] = strawberry.field(description="By cost, the cheapest first.")
    left_out: int = strawberry.field(description="How many of what fits have no such value that may be compared.")
    measured: str = strawberry.field(description="What is measured, and under which conditions.")
    rule: Rule = rule_field()


def _front(ranked: Ranked, benchmark: str | None = None, dominated: bool = False, first: int = 20) -> Any:
    found = ranked.front(benchmark)
    shown = {placed.point.key: Shown(one, ranked) for placed, one in found.placed}
    members = [
        _Member(shown[placed.point.key], placed, shown[placed.dominated_by] if placed.dominated_by else None)
        for placed, _ in found.placed
        if dominated or placed.dominated_by is None
    ]
    few = members[: page_size(first)]
    return SimpleNamespace(members=few, left_out=found.left_out, measured=found.measured, rule=found.rule)


def _page(ranked: Ranked, first: int | None = None, after: str | None = None) -> Listed[Shown]:
    within = window("RANKING", first, after, None, None)
    return Listed("RANKING", page=ranked.page(within.after, within.size), total=len(ranked.ranking.fits))


@strawberry.type(description="What fits your needs, what might once a fact is sourced, and what just misses.")
class Recommendations(RecordedRanking):
    @strawberry.field(
        description="What meets everything, the best score first. Cursors hold for one catalogue revision and day; later they are "
        "refused with CURSOR_EXPIRED.",
        metadata=needs(to=lambda _, ranked, given: [_page(ranked, **given)]),
    )
    def fits(self: Any, first: First = None, after: After = None) -> Connection[Recommendation]:
        return _page(self, first, after)

    @strawberry.field(
        description="What fails nothing, but lacks facts: the fewest first.",
        metadata=needs(to=lambda _, ranked, given: ranked.shown(ranked.ranking.unsourced[: page_size(given["first"])])),
    )
    def unsourced(self: Any, first: Few = 10) -> list[Recommendation]:
        return self.shown(self.ranking.unsourced[: page_size(first)])

    @strawberry.field(
        description="What fails exactly one requirement and lacks no fact, nearest first: by how many times it is off, then what is "
        "no number. What another lab makes, or another provider serves, than was asked for is none.",
        metadata=needs(to=lambda _, ranked, given: ranked.shown(ranked.ranking.near[: page_size(given["first"])])),
    )
    def near_misses(self: Any, first: Few = 10) -> list[Recommendation]:
        return self.shown(self.ranking.near[: page_size(first)])

    @strawberry.field(
        description="What nobody beats on monthly cost and on a benchmark, or on the number of capabilities, among what fits.",
        metadata=needs(to=lambda _, ranked, given: [_front(ranked, **given)]),
    )
    def pareto_front(
        self: Any,
        benchmark: Annotated[
            str | None, strawberry.argument(description="Slug of a benchmark; without it the number of capabilities.")
        ] = None,
        dominated: Annotated[bool, strawberry.argument(description="Also those behind the front.")] = False,
        first: Few = 20,
    ) -> ParetoFront:
        return _front(self, benchmark, dominated, first)

    @strawberry.field(description="How many fit.")
    def fit_count(self: Any) -> int:
        return len(self.ranking.fits)

    @strawberry.field(description="How many lack facts only.")
    def unsourced_count(self: Any) -> int:
        return len(self.ranking.unsourced)

    @strawberry.field(description="How many near misses there are.")
    def near_miss_count(self: Any) -> int:
        return len(self.ranking.near)

    @strawberry.field(
        description="How many more were looked at and are left out: they miss more than one thing, or are of another lab or provider."
    )
    def left_out(self: Any) -> int:
        return self.ranking.left

    @strawberry.field(description="The month of use behind the costs.")
    def workload(self: Any) -> Workload:
        return self.asked.workload

    @strawberry.field(description="What each row counted: the published weights with your own over them.")
    def weights(self: Any) -> list[Weight]:
        return [Weight(signal=key, weight=weight) for key, weight in self.ranking.weights.items()]

    @strawberry.field(description="The catalogue revision that was ranked; null before the first.")
    def revision(self: Any) -> int | None:
        return self.revision

    @strawberry.field(description="The rule of the ranking.")
    def rule(self: Any) -> Rule:
        return rule_of(self.ranking.rule)


ASKED = needs(
    Need(Group.RANKING, lambda _, given: (ranking_asked(**given),)),
    TERMS,
    to=lambda seen, _, given: [seen.get(Group.RANKING, ranking_asked(**given))],
)
"""Metadata of the root field."""


def recommended(info: Info, **given: Any) -> Any:
    """The ranking that was asked for."""
    overrides_given(look(info), given["overrides"])
    return look(info).get(Group.RANKING, ranking_asked(**given))
