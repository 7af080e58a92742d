"""Which model is the safer pick, or that nobody can say: qualification first, then the weighed scorecard.

A winner never loses the weighed scorecard, and every row that it loses is listed as speaking against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from domain.alternatives import Alternative, alternatives
from domain.billing import billed_units, complete_price, price_ref
from domain.comparability import Comparability, ComparabilityLevel
from domain.compared import Compared
from domain.facts import Contender, FactRef, Lifecycle, Openness
from domain.lifecycle import deprecation, shutdown
from domain.overrides import bar_of, unsettled, unsettled_in_words
from domain.own_routes import OWN_ROUTES, Turn, told, turns
from domain.retired import called, caveats, retired
from domain.rules import Rule
from domain.scorecard import SIGNALS, Need, Signal, SignalKey
from domain.tasks import TOKEN_TASKS
from domain.units import display_percent
from domain.wording import NOT_SOURCED, in_words, listed
from domain.workload import Workload

THRESHOLD_PERCENT = 15
"""The lead in points that a verdict needs, in percent of the sum of all weights."""
MAX_WEIGHT = 1000

DEFAULT_WEIGHTS: Mapping[SignalKey, int] = MappingProxyType({key: rule.weight for key, rule in SIGNALS.items()})
"""What each row weighs unless the caller says otherwise."""

NEEDS: frozenset[Need] = frozenset(Need)
"""The fact groups of a verdict: all of them."""


@dataclass(frozen=True, slots=True)
class Qualification:
    """Whether a model can be the safer pick. `lacks` are sentences, with the facts behind all of them in `against`."""

    model: str
    qualifies: bool
    lacks: tuple[str, ...]
    support: tuple[FactRef, ...]
    against: tuple[FactRef, ...]
    rule: str


@dataclass(frozen=True, slots=True)
class Claim:
    """One argument. `favours` are the slugs that it speaks for; `support` and `against` are facts for and against the
    winner, or for those whom it favours where there is no winner or it says nothing of that. `signal` is its row of the
    scorecard, if it has one."""

    rule: str
    sentence: str
    favours: tuple[str, ...]
    weight: int
    signal: SignalKey | None
    support: tuple[FactRef, ...]
    against: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """`winner` is a model slug or None, which is UNDECIDED. `reason`: ONLY_ONE_QUALIFIES, MARGIN, or, undecided,
    NOT_COMPARABLE, NONE_QUALIFIES, SCORECARD_DISAGREES or MARGIN_TOO_SMALL. `margin` is the lead of the first over
    the second in shares of the sum of all weights."""

    winner: str | None
    reason: str
    sentence: str
    claims: tuple[Claim, ...]
    qualifications: tuple[Qualification, ...]
    points: Mapping[str, int]
    margin: Decimal
    threshold: Decimal
    weights: Mapping[SignalKey, int]
    alternatives: tuple[Alternative, ...]
    comparability: Comparability
    rules: tuple[str, ...]
    used: tuple[FactRef, ...]

    @property
    def decided(self) -> bool:
        """There is a winner."""
        return self.winner is not None

    @property
    def speaks_against(self) -> tuple[Claim, ...]:
        """The claims against the winner; empty without a winner."""
        return tuple(claim for claim in self.claims if claim.against)


def chosen_weights(own: Mapping[SignalKey, int] | None) -> Mapping[SignalKey, int]:
    """The published weights with the caller's own over them. Raises ValueError for a weight outside 0 to 1,000 and
    for rows that only describe, whose weight is always 0."""
    for key, weight in (own or {}).items():
        if not 0 <= weight <= MAX_WEIGHT:
            raise ValueError(f"the weight of {key} must be between 0 and {MAX_WEIGHT:,}, not {weight:,}")
        if weight and not SIGNALS[key].leads:
            raise ValueError(f"{key} only describes and cannot be weighed")
    return MappingProxyType({**DEFAULT_WEIGHTS, **(own or {})})


def qualification(contender: Contender) -> Qualification:
    """To be the safer pick a model must not be deprecated, retired or announced to be, have at least one live metered
    route with a complete price that does not look wrong, and its context window (where its task has one) and license
    must be known; of proprietary models it is enough to know that they are, as few publish a license. Needs the offers."""
    model = contender.model
    facts: list[tuple[bool, str, tuple[FactRef, ...]]] = []

    ending = model.lifecycle in (Lifecycle.DEPRECATED, Lifecycle.RETIRED)
    announced = (("deprecated_on", deprecation(model)), ("retires_on", shutdown(model)))
    dated = [field for field, day in announced if day is not None and day.is_end]
    ends = tuple(FactRef("model", model.id, field) for field in ("lifecycle", *dated))
    facts.append(
        (
            not ending and not dated,
            f"{model.name} {_leaves(contender)}",
            ends,
        )
    )

    price = next((price for offer in contender.live if (price := complete_price(offer, model.task))), None)
    if price is None:
        facts.append((False, _unpriced(contender), _unsettled(contender)))
    else:
        facts.append((True, "", tuple(price_ref(price, unit) for unit in billed_units(price))))

    if model.task in TOKEN_TASKS:
        context = (FactRef("model", model.id, "context_window"),)
        facts.append(
            (model.context_window is not None, f"the context window of {model.name} is {NOT_SOURCED}", context)
        )
    # Closed weights have no license to know beyond that.
    licensed = model.license is not None or model.openness is Openness.PROPRIETARY
    terms = (FactRef("model", model.id, "license" if model.license else "openness"),)
    facts.append((licensed, f"the license of {model.name} is {NOT_SOURCED}", terms))

    return Qualification(
        model=model.slug,
        qualifies=all(holds for holds, _, _ in facts),
        lacks=tuple(text for holds, text, _ in facts if not holds),
        support=tuple(ref for holds, _, refs in facts if holds for ref in refs),
        against=tuple(ref for holds, _, refs in facts if not holds for ref in refs),
        rule=QUALIFY.id,
    )


def _leaves(contender: Contender) -> str:
    gone = retired(contender) if contender.model.lifecycle is Lifecycle.RETIRED else None
    return "is on its way out" if gone is None else f"was {gone.text}"


def _unsettled(contender: Contender) -> tuple[FactRef, ...]:
    """What would say whether a route with a complete price may be used."""
    offers = (offer for offer in unsettled(contender) if complete_price(offer, contender.model.task))
    return tuple(dict.fromkeys(ref for offer in offers if (bar := bar_of(offer)) for ref in bar.used))


def _unpriced(contender: Contender) -> str:
    name = contender.model.name
    if _unsettled(contender):
        return (
            f"no source says that a live metered route of {name} with a complete price {unsettled_in_words(contender)}"
        )
    yours = " that you may use" if contender.barred else ""
    return f"no live metered route of {name}{yours} has a complete price"


def outcome(
    points: Mapping[str, int], *, qualified: Sequence[str], comparable: bool, total_weight: int
) -> tuple[str | None, str]:
    """Not comparable or none qualified: undecided. A model with more points than every qualified one: undecided. One
    qualified: it wins. Several: the one with the most points wins when its lead over the next qualified one is more
    than the threshold, in percent of the sum of all weights; else undecided. Returns the winner's slug or None, and
    the reason."""
    if not comparable:
        return None, "NOT_COMPARABLE"
    if not qualified:
        return None, "NONE_QUALIFIES"
    first, *others = sorted(qualified, key=lambda slug: -points[slug])
    if max(points.values()) > points[first]:
        return None, "SCORECARD_DISAGREES"
    if not others:
        return first, "ONLY_ONE_QUALIFIES"
    if (points[first] - points[others[0]]) * 100 > THRESHOLD_PERCENT * total_weight:
        return first, "MARGIN"
    return None, "MARGIN_TOO_SMALL"


def weigh(signals: Sequence[Signal], slugs: Sequence[str], weights: Mapping[SignalKey, int]) -> Mapping[str, int]:
    """A row's weight goes to each model that leads it; a row without a leader gives nothing to anybody."""
    return MappingProxyType(
        {slug: sum(weights[signal.key] for signal in signals if slug in signal.leaders) for slug in slugs}
    )


def verdict(
    contenders: Sequence[Contender],
    workload: Workload,
    weights: Mapping[SignalKey, int] | None = None,
    *,
    compared: Compared | None = None,
) -> Verdict:
    """The safer pick of two or more models, by the published weights or the caller's own (see `chosen_weights`).
    Needs all fact groups."""
    chosen = chosen_weights(weights)
    compared = compared or Compared(contenders, workload)
    signals = compared.scorecard()
    qualifications = tuple(qualification(each) for each in contenders)
    comparable = compared.comparability
    names = {each.model.slug: each.model.name for each in contenders}
    points = weigh(signals, tuple(names), chosen)
    total = sum(chosen.values())
    winner, reason = outcome(
        points,
        qualified=[each.model for each in qualifications if each.qualifies],
        comparable=comparable.level is not ComparabilityLevel.NOT_COMPARABLE,
        total_weight=total,
    )
    turned = turns(compared.costs)
    claims = (*_claims(names, qualifications, signals, chosen, winner), *_turned(names, turned, winner))
    word = (ref for each in contenders if each.model.slug == winner for said in caveats(each) for ref in said.used)
    first, second, *_ = *sorted(points.values(), reverse=True), 0, 0
    return Verdict(
        winner=winner,
        reason=reason,
        sentence=_sentence(
            names,
            pick="".join(called(each) for each in contenders if each.model.slug == winner),
            reason=reason,
            winner=winner,
            points=points,
            qualifications=qualifications,
            comparable=comparable,
        ),
        claims=claims,
        qualifications=qualifications,
        points=points,
        margin=Decimal(first - second) / (total or 1),
        threshold=Decimal(THRESHOLD_PERCENT) / 100,
        weights=chosen,
        alternatives=()
        if reason == "NOT_COMPARABLE"
        else tuple(alternatives(contenders, signals, chosen, winner, turned)),
        comparability=comparable,
        rules=(COMPARED.id, QUALIFY.id, OUTCOME.id, WEIGH.id),
        used=tuple(dict.fromkeys((*(ref for claim in claims for ref in (*claim.support, *claim.against)), *word))),
    )


def _claims(
    names: Mapping[str, str],
    qualifications: Sequence[Qualification],
    signals: Sequence[Signal],
    weights: Mapping[SignalKey, int],
    winner: str | None,
) -> Iterator[Claim]:
    """The arguments, for whomever they speak: what qualifies or disqualifies, then each row that has a leader."""

    def claim(
        rule: str, sentence: str, favours: tuple[str, ...], signal: Signal | None, used: tuple[FactRef, ...]
    ) -> Claim:
        favourable = winner is None or winner in favours
        return Claim(
            rule=rule,
            sentence=sentence,
            favours=favours,
            weight=weights[signal.key] if signal else 0,
            signal=signal.key if signal else None,
            support=used if favourable else (),
            against=() if favourable else used,
        )

    fit = tuple(each.model for each in qualifications if each.qualifies)
    for each in qualifications:
        if each.qualifies:
            yield claim(
                QUALIFY.id,
                f"{names[each.model]} meets every condition of a safer pick.",
                (each.model,),
                None,
                each.support,
            )
        else:
            sentence = f"{names[each.model]} does not qualify: {'; '.join(each.lacks)}."
            yield claim(QUALIFY.id, sentence, fit, None, each.against)
    for signal in signals:
        if signal.leaders:
            values = "; ".join(f"{names[cell.model]} {cell.display}" for cell in signal.cells)
            yield claim(signal.rule, f"{signal.label}: {values}.", signal.leaders, signal, signal.used)


def _turned(names: Mapping[str, str], found: Sequence[Turn], winner: str | None) -> Iterator[Claim]:
    """Where the labs' own routes turn the order of costs: first against the winner, then for it, then of others."""
    against = [each for each in found if each.dearer.slug == winner]
    others = [each for each in found if winner not in (each.cheaper.slug, each.dearer.slug)]
    for some in (against, [each for each in found if each.cheaper.slug == winner], others):
        for sentence, told_of in told(some, names):
            favours = tuple(dict.fromkeys(each.cheaper.slug for each in told_of))
            used = tuple(dict.fromkeys(ref for each in told_of for ref in each.used))
            support, speaks_against = ((), used) if some is against else (used, ())
            yield Claim(OWN_ROUTES.id, sentence, favours, 0, None, support, speaks_against)


def _sentence(
    names: Mapping[str, str],
    *,
    pick: str,
    reason: str,
    winner: str | None,
    points: Mapping[str, int],
    qualifications: Sequence[Qualification],
    comparable: Comparability,
) -> str:
    score = ", ".join(
        f"{names[slug]} {points[slug]}" for slug in sorted(points, key=lambda slug: (-points[slug], slug))
    )
    fit = listed(names[each.model] for each in qualifications if each.qualifies)
    lacks = _lacks([text for each in qualifications for text in each.lacks])
    if winner is not None and reason == "ONLY_ONE_QUALIFIES":
        return f"{pick} is the safer pick: it alone meets every condition of one ({lacks})."
    if winner is not None:
        return f"{pick} is the safer pick by the weighed scorecard ({score})."
    return (
        "Undecided: "
        + {
            "NOT_COMPARABLE": " ".join(each.message for each in comparable.reasons),
            "NONE_QUALIFIES": f"no model meets every condition of a safer pick ({lacks}).",
            "SCORECARD_DISAGREES": f"only {fit} can be the safer pick ({lacks}), but the weighed scorecard favours "
            f"another one ({score}).",
            "MARGIN_TOO_SMALL": f"the weighed scorecard is too close ({score}); a lead must be over "
            f"{display_percent(Decimal(THRESHOLD_PERCENT) / 100)} of all weights.",
        }[reason]
    )


_SHOWN = 4


def _lacks(texts: Sequence[str]) -> str:
    """What keeps models from qualifying, the rest of many as a number: each qualification says it whole."""
    more = len(texts) - _SHOWN
    return "; ".join(texts if more < 2 else [*texts[:_SHOWN], f"and {more} more"])


_PAGE = "docs/methodology.md#verdict"
COMPARED = Rule(
    "verdict.comparable",
    "Comparable models only",
    "Models that are not comparable get no verdict and are no alternatives of each other; every other section is still computed.",
    _PAGE,
)
QUALIFY = Rule("verdict.qualify", "Who can be the safer pick", in_words(qualification), _PAGE)
OUTCOME = Rule("verdict.outcome", "Winner or undecided", in_words(outcome), _PAGE)
WEIGH = Rule("verdict.weigh", "Weighed scorecard", in_words(weigh), _PAGE)
RULES = (COMPARED, QUALIFY, OUTCOME, WEIGH)
