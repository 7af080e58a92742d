"""From what sources say to what we accept: one value per field, by a named rule, with those that agree and those that do not.

Sources of one lineage copy each other, so the newest of them speaks for all and only different lineages dispute.
No answer depends on the order in which statements come.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from domain.dates import announced
from domain.exactness import MORE_EXACT, more_exact, same_date
from domain.release import SERVED_EARLIER, served_earlier
from domain.rules import Rule
from domain.statements import Value

_PAGE = "docs/methodology.md#facts"
CURATED = Rule(
    "reconcile.curated",
    "Curated reference",
    "A value of our own curated files wins: each names a document that somebody opened and that says so.",
    _PAGE,
)
REFERENCE_PAGE = Rule(
    "reconcile.reference-page",
    "Reviewed page",
    "For facts of a model, the reviewed reference page wins over automatic catalogues. Its prices and limits of routes "
    "are old by their date and win nothing against a fresher document. Its No to a capability counts only where nobody "
    "says yes: it prints No also for what the model's own lab announces.",
    _PAGE,
)
LAB_ENTRY = Rule(
    "reconcile.lab-entry",
    "The model's own entry",
    "An entry about the model itself wins over what its routes say: a provider may cut the window or lack an ability.",
    _PAGE,
)
FIRST_PARTY = Rule(
    "reconcile.first-party",
    "The lab's own route",
    "Without an entry of its own, a model is what its lab's own provider serves.",
    _PAGE,
)
ROUTE_MAJORITY = Rule(
    "reconcile.route-majority",
    "Most routes",
    "Otherwise each route has one vote. A tie goes to the value that more independent lineages state, then to the newest.",
    _PAGE,
)
FILLED_IN = Rule(
    "reconcile.filled-in",
    "Filled-in output limit",
    "Many catalogues fill in the context window where they do not know how much a model writes. Where only hosts say, that value "
    "wins as the output limit only if at least as many routes state it as state a smaller one; else the smaller ones are counted.",
    _PAGE,
)
LAST_TO_GO = Rule(
    "reconcile.last-to-go",
    "The last to go",
    "A lab's ids of one model go one by one. Without an entry of its own, a model is as alive as the id of its lab that lives "
    "longest, by the newest document of each lineage.",
    _PAGE,
)
MOVING = Rule(
    "reconcile.moving-names",
    "Moving names",
    "A listing under a moving name (`…-latest`) may describe an earlier target: of a model it says something only where nobody "
    "else does.",
    _PAGE,
)
LIMITS = Rule(
    "reconcile.limits",
    "Limits of a model",
    "A host may serve less than a model can. Its limits are disputed only by those who know the model, as far as one of them "
    "speaks: entries about it and its lab's own routes.",
    _PAGE,
)
OWN_SOURCE = Rule(
    "reconcile.own-source",
    "The provider's own list",
    "For a route, the list that its provider publishes itself wins over catalogues that describe the provider.",
    _PAGE,
)
MAJORITY = Rule(
    "reconcile.majority",
    "Majority of lineages",
    "Where three or more independent lineages speak, the value that more than half of them state wins.",
    _PAGE,
)
PRECEDENCE = Rule(
    "reconcile.precedence",
    "Order of lineages",
    "Without a majority: models.dev, then genai-prices, OpenRouter, LiteLLM, then any other, newest first. The first "
    "reads providers' pages by hand and is corrected in public; the last lags and keeps removed entries.",
    _PAGE,
)
NEWEST = Rule(
    "reconcile.newest",
    "Newest of a lineage",
    "Documents of one lineage copy each other: the newest one that speaks of a field supersedes the older ones.",
    _PAGE,
)
DISPUTE = Rule(
    "reconcile.dispute",
    "Who disputes",
    "A fact is disputed where another lineage than those that state the accepted value states another one. Who states both of "
    "different hosts, or two amounts of one route at once, tells apart what we do not, and disputes nothing.",
    _PAGE,
)
RULES = (
    *(
        CURATED,
        REFERENCE_PAGE,
        LAB_ENTRY,
        FIRST_PARTY,
        ROUTE_MAJORITY,
        SERVED_EARLIER,
        FILLED_IN,
        LAST_TO_GO,
        MOVING,
        LIMITS,
        OWN_SOURCE,
        MAJORITY,
    ),
    *(PRECEDENCE, NEWEST, DISPUTE),
)

CURATED_SOURCE = "curated"
PAGE_SOURCE = "reference-page"
LINEAGES: tuple[str, ...] = ("models.dev", "genai-prices", "openrouter", "litellm")
_ANNOUNCED = frozenset(["deprecated_on", "retires_on"])
_LIFECYCLE_FIELDS = frozenset(["lifecycle", "deprecated_on", "retires_on"])
_LIMIT_FIELDS = frozenset(["context_window", "max_output", "max_input"])

HELD_AGAINST: Mapping[str, str] = {"max_output": "context_window"}
"""Fields whose claims are judged by those of another field."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One statement that counts, as reconciling needs it.

    `observed_on` is the day of the newest document of the source that still says it, `since` the day of the first one;
    `until` is set where a newer document of the source no longer says it. `route` is None for what is said of
    the model itself. `own`: the lab's own entry (model) or the provider's own list (route). `first_party`: the
    route's provider is the model's lab. `moving`: the route is listed under a name that has had other targets.
    """

    statement: int
    source: str
    lineage: str
    field: str
    value: Value
    observed_on: date | None = None
    since: date | None = None
    until: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    route: str | None = None
    provider: str | None = None
    own: bool = False
    first_party: bool = False
    url: str | None = None
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Accepted:
    """The accepted value of one field and why. Both tuples hold statement ids in ascending order."""

    value: Value
    rule: str
    source: str
    agreeing: tuple[int, ...]
    dissenting: tuple[int, ...]


Key = Callable[[Claim], Hashable]


canonical: Callable[[Value], str] = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode
"""The value as JSON text that is the same for equal values."""


def value_key(claim: Claim) -> str:
    """What makes the values of two claims equal."""
    return key_of_value(claim.field, claim.value)


def key_of_value(field: str, value: Value) -> str:
    """What makes two values of a field equal: amounts by number, announced days by day and precision, texts without case and outer space, everything else as JSON."""
    if isinstance(value, str):
        if field.startswith("price."):
            return str(Decimal(value).normalize())
        if field in _ANNOUNCED and (day := announced(value)) is not None:
            return day.text
        return value.strip().casefold()
    if isinstance(value, list):
        return canonical(sorted(value))
    return canonical(value)


def _age(claim: Claim) -> tuple[date, date, str, int]:
    """Orders claims by age; equal days by source and statement, so that the order of arrival decides nothing."""
    return (claim.observed_on or date.min, claim.valid_from or date.min, claim.source, claim.statement)


def newest(claims: Iterable[Claim], group: Key) -> list[Claim]:
    """The newest claim of each group (rule `reconcile.newest`), oldest group member gone."""
    found: dict[Hashable, Claim] = {}
    for claim in claims:
        name = group(claim)
        if name not in found or _age(claim) > _age(found[name]):
            found[name] = claim
    return list(found.values())


def _rank(claim: Claim) -> tuple[int, int, tuple[date, date, str, int]]:
    """Sorts the claim of the strongest lineage to the end."""
    known = claim.lineage in LINEAGES
    return (int(known), -LINEAGES.index(claim.lineage) if known else 0, _age(claim))


def choose_for_route(claims: Sequence[Claim], key: Key = value_key) -> tuple[Claim, Rule]:
    """The claim that wins among those of one route and one field, which must not be empty, and the rule that decided."""
    curated = [claim for claim in claims if claim.source == CURATED_SOURCE]
    if curated:
        return max(curated, key=_age), CURATED
    speakers = newest(claims, lambda claim: claim.lineage)
    own = [claim for claim in speakers if claim.own]
    if own:
        return max(own, key=_age), OWN_SOURCE
    if len(speakers) == 1:
        return speakers[0], NEWEST
    if len(speakers) >= 3:
        votes: dict[Hashable, list[Claim]] = {}
        for claim in speakers:
            votes.setdefault(key(claim), []).append(claim)
        best = max(votes.values(), key=len)
        if 2 * len(best) > len(speakers):
            return max(best, key=_rank), MAJORITY
    return max(speakers, key=_rank), PRECEDENCE


def _without_contradicted_no(claims: Sequence[Claim]) -> Sequence[Claim]:
    """Without the reference page's No to a capability, where somebody says yes (rule `reconcile.reference-page`)."""
    if not any(claim.value is True for claim in claims):
        return claims
    return [
        claim
        for claim in claims
        if not (claim.source == PAGE_SOURCE and claim.value is False and claim.field.startswith("capability."))
    ]


def choose_for_model(claims: Sequence[Claim], key: Key = value_key) -> tuple[Claim, Rule]:
    """The claim that wins among those of a model and its routes for one field, which must not be empty."""
    claims = _without_contradicted_no(claims)
    entries = [claim for claim in claims if claim.route is None]
    for source, rule in ((CURATED_SOURCE, CURATED), (PAGE_SOURCE, REFERENCE_PAGE)):
        named = [claim for claim in entries if claim.source == source]
        if named:
            return max(named, key=_age), rule
    if entries:
        own = [claim for claim in entries if claim.own]
        return max(newest(own or entries, lambda claim: claim.lineage), key=_rank), LAB_ENTRY
    routes: dict[str, list[Claim]] = {}
    for claim in claims:
        routes.setdefault(claim.route or "", []).append(claim)
    ballots = [said[0] if len(said) == 1 else choose_for_route(said, key)[0] for said in routes.values()]
    first = [claim for claim in ballots if claim.first_party]
    rule = FIRST_PARTY if first else ROUTE_MAJORITY
    votes: dict[Hashable, list[Claim]] = {}
    for claim in first or ballots:
        votes.setdefault(key(claim), []).append(claim)

    def weight(voters: Iterable[Claim]) -> tuple[int, int, tuple[date, date, str, int]]:
        several = list(voters)
        return (len(several), len({claim.lineage for claim in several}), max(_age(claim) for claim in several))

    chosen = max(max(votes.values(), key=weight), key=_rank)
    if first and chosen.field == "released":
        day = served_earlier([str(claim.value) for claim in ballots], str(chosen.value))
        if day is not None:
            return max((claim for claim in ballots if claim.value == day), key=_rank), SERVED_EARLIER
    return chosen, rule


def _not_filled_in(claims: Sequence[Claim], window: int) -> tuple[Claim, Rule] | None:
    """The output limit that wins where most routes state a smaller one than the context window; None where they do not."""
    routes: dict[str, list[Claim]] = {}
    for claim in claims:
        routes.setdefault(claim.route or "", []).append(claim)
    less = [isinstance(said.value, int) and said.value < window for said, _ in map(choose_for_route, routes.values())]
    if 2 * sum(less) <= len(less):
        return None
    smaller = [claim for claim in claims if isinstance(claim.value, int) and claim.value < window]
    return choose_for_model(smaller)[0], FILLED_IN


_LIVES = ("RETIRED", "DEPRECATED", "PREVIEW", "AVAILABLE")


def _last_to_go(claims: Sequence[Claim]) -> Claim:
    """The claim that wins among those of a lab's own routes about the life of its model (rule `reconcile.last-to-go`)."""

    def life(claim: Claim) -> tuple[str, tuple[date, date, str, int]]:
        # A day by when it has come for certain, after all others one that never does; a word by how much life it leaves.
        said = str(claim.value)
        if (day := announced(said)) is not None:
            said = f"{int(not day.is_end)}{day.day.isoformat()}"
        return (str(_LIVES.index(said)) if said in _LIVES else said, _age(claim))

    days: dict[str, date] = {}
    for claim in claims:
        days[claim.lineage] = max(days.get(claim.lineage, date.min), claim.observed_on or date.min)
    of_lineage: dict[str, list[Claim]] = {}
    for claim in claims:
        if (claim.observed_on or date.min) == days[claim.lineage]:
            of_lineage.setdefault(claim.lineage, []).append(claim)
    return max((max(said, key=life) for said in of_lineage.values()), key=_rank)


def accept(field: str, claims: Collection[Claim], *, of_route: bool = False) -> Accepted | None:
    """The accepted value of a model's field (or, with `of_route`, of one route's), or None where nobody says. `claims` may be
    about other fields too; an output limit is held against the context window (rule `reconcile.filled-in`).

    Agreeing are all current statements of the same value, of a date also less exactly; dissenting those of another value that speak for their lineage.
    """
    current = [claim for claim in claims if claim.field == field and claim.until is None]
    if not of_route and field in _LIFECYCLE_FIELDS:
        # A reseller stops offering a model when it likes; only its maker says that the model itself goes away.
        current = [claim for claim in current if claim.route is None or claim.first_party]
    if not of_route:
        current = [claim for claim in current if not claim.moving] or current
    if not current:
        return None
    lasting = not of_route and field in _LIFECYCLE_FIELDS and all(claim.route is not None for claim in current)
    choose = choose_for_route if of_route else choose_for_model
    if len(current) == 1:  # as most are: nothing is held against anything
        only, rule = (_last_to_go(current), LAST_TO_GO) if lasting else choose(current)
        return Accepted(only.value, rule.id, only.source, (only.statement,), ())
    keys = {id(claim): value_key(claim) for claim in current}  # each is asked for again and again
    key: Key = lambda claim: keys[id(claim)]  # noqa: E731
    winner, rule = (_last_to_go(current), LAST_TO_GO) if lasting else choose(current, key)
    if field == "max_output" and rule is ROUTE_MAJORITY:
        window = accept("context_window", claims)
        if window is not None and isinstance(window.value, int) and window.value == winner.value:
            winner, rule = _not_filled_in(current, window.value) or (winner, rule)
    if rule is not LAST_TO_GO:
        winner, rule = _more_exact(winner, rule, current, choose)
    same = key(winner)

    def alike(claim: Claim) -> bool:
        return key(claim) == same or same_date(field, claim.value, winner.value)

    speaking = newest(current, lambda claim: (claim.lineage, claim.route))
    if not of_route and field in _LIMIT_FIELDS:
        speaking = [claim for claim in speaking if claim.route is None or claim.first_party] or speaking
    return Accepted(
        winner.value,
        rule.id,
        winner.source,
        tuple(sorted(claim.statement for claim in current if alike(claim))),
        tuple(sorted(claim.statement for claim in speaking if not alike(claim))),
    )


def _more_exact(
    winner: Claim, rule: Rule, claims: Sequence[Claim], choose: Callable[[Sequence[Claim]], tuple[Claim, Rule]]
) -> tuple[Claim, Rule]:
    """The claim that gives the winning date most exactly (rule `reconcile.more-exact`)."""
    finer = [claim for claim in claims if more_exact(claim.field, claim.value, winner.value)]
    return _more_exact(choose(finer)[0], MORE_EXACT, claims, choose) if finer else (winner, rule)


def accept_all(claims: Iterable[Claim], *, of_route: bool = False) -> dict[str, Accepted]:
    """`accept` for every field that is not of a price sheet or a benchmark, in the order of names."""
    by_field: dict[str, list[Claim]] = {}
    for claim in claims:
        if not claim.field.startswith(("price.", "hours.", "benchmark.")):
            by_field.setdefault(claim.field, []).append(claim)
    beside = {field: by_field.get(other, []) for field, other in HELD_AGAINST.items()}
    found = {
        field: accept(field, [*said, *beside.get(field, ())], of_route=of_route)
        for field, said in sorted(by_field.items())
    }
    return {field: accepted for field, accepted in found.items() if accepted is not None}


def is_disputed(found: Accepted, claims: Iterable[Claim]) -> bool:
    """Whether an independent source disagrees (rule `reconcile.dispute`)."""
    if not found.dissenting:
        return False
    lineages = {claim.statement: claim.lineage for claim in claims}
    return not {lineages[each] for each in found.dissenting} <= {lineages[each] for each in found.agreeing}
