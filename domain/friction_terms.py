"""Whether one may and should switch: lifecycle, licence and commercial use.

Each rule yields the factors that it finds between a source and a target.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.dates import Announced, DatePrecision
from domain.facts import CommercialUse, Lifecycle, Model, Openness
from domain.friction_factors import REFERENCE, Factor, FactorKind, Severity, Side
from domain.lifecycle import shutdown
from domain.rules import Rule
from domain.signals import newest
from domain.wording import in_sentence, in_words, label


def target_retiring(source: Side, target: Side) -> Iterator[Factor]:
    """A retired target blocks, as does one whose announced shutdown day has come. A deprecated one, or one with a shutdown
    date, is a high risk; a preview is a low one. Its successor is named, unless the source is a later model of the same lab."""
    model = target.model
    end = _end(model)
    used = (target.ref("lifecycle"), target.ref("retires_on")) if end else (target.ref("lifecycle"),)
    until = f" {end.words}" if end else ""
    if model.lifecycle is Lifecycle.RETIRED:
        severity, sentence = Severity.BLOCKER, f"{target.name} is retired{_past(end, target)}."
        until = ""
    elif end:
        severity, sentence = (Severity.HIGH, f"{target.name} is due to be shut down{until}.")
    elif model.lifecycle is Lifecycle.DEPRECATED:
        severity, sentence = (Severity.HIGH, f"{target.name} is deprecated: {_who(target)} advises against new use.")
    elif model.lifecycle is Lifecycle.PREVIEW:
        severity, sentence = (Severity.LOW, f"{target.name} is a preview and may change without much notice.")
    else:
        return
    step = "Pin the version and watch for changes." if severity is Severity.LOW else "Look for a target that stays."
    if severity is not Severity.LOW and model.successor and not _later(source.model, model):
        step = f"Consider its successor, {model.successor}, instead."
    yield Factor(
        FactorKind.TARGET_RETIRING,
        severity,
        sentence,
        "friction.target-retiring",
        before=None if source.model.lifecycle is Lifecycle.UNKNOWN else label(source.model.lifecycle),
        after=f"shut down{until}" if until else label(model.lifecycle),
        step=step,
        used=used,
    )


def _who(side: Side) -> str:
    """Who says so: of a route its provider."""
    own = side.offer if "lifecycle" in side.from_route else None
    return "its maker" if own is None else own.route.provider.name


def _later(source: Model, target: Model) -> bool:
    """Whether who leaves the source leaves a later model of the lab already."""
    if source.slug == target.successor:
        return True
    if source.lab is None or target.lab is None or source.lab.slug != target.lab.slug:
        return False
    days = {"source": source.released, "target": target.released}
    return newest({end: str(day) for end, day in days.items() if day is not None}) == ("source",)


def _past(end: Announced | None, side: Side) -> str:
    return f": it was to be shut down {end.words}" if end is not None and end.has_come(side.on) else ""


def _end(model: Model) -> Announced | None:
    """The announced shutdown; a day before which there is none announces nothing."""
    end = shutdown(model)
    return end if end is not None and end.is_end else None


def source_retiring(source: Side, target: Side) -> Iterator[Factor]:
    """A model that is retired, deprecated or has a shutdown date is left in any case: that sets the date of the whole move, and
    adds no work to it, a DEADLINE."""
    model = source.model
    ending = model.lifecycle in (Lifecycle.DEPRECATED, Lifecycle.RETIRED)
    end = _end(model)
    if not (ending or end):
        return
    if model.lifecycle is Lifecycle.RETIRED:
        sentence, step = (
            f"{source.name} is retired{_past(end, source)}, so a move has to be made in any case.",
            "Move before anything else.",
        )
    elif end:
        sentence = f"{source.name} is due to be shut down {end.words}, so a move is due by then."
        step = f"Finish before {end.day.isoformat() if end.precision is DatePrecision.DAY else end.words[3:]}."
    else:
        sentence = f"{source.name} is deprecated, so a move is due sooner or later."
        step = "Set a day of your own, because none is announced."
    yield Factor(
        FactorKind.SOURCE_RETIRING,
        Severity.DEADLINE,
        sentence,
        "friction.source-retiring",
        before=label(model.lifecycle) if ending else "shutdown announced",
        step=step,
        used=(source.ref("lifecycle"), source.ref("retires_on")) if end else (source.ref("lifecycle"),),
    )


_FREEDOM = {Openness.PROPRIETARY: 0, Openness.OPEN_WEIGHTS: 1, Openness.OPEN_SOURCE: 2}


def license_change(source: Side, target: Side) -> Iterator[Factor]:
    """Less open is MEDIUM, more open a BENEFIT; another licence of the same openness is LOW."""
    before, after = source.model, target.model
    if before.openness in _FREEDOM and after.openness in _FREEDOM and before.openness is not after.openness:
        less = _FREEDOM[after.openness] < _FREEDOM[before.openness]
        sentence = f"{target.model.name} {_openness(after)}; {source.model.name} {_openness(before)}."
        step = "Review the licence terms." if less else None
        if less and after.openness is Openness.PROPRIETARY:
            step = "Review the terms of service, and drop any plan to host the weights yourself."
        yield Factor(
            FactorKind.LICENSE,
            Severity.MEDIUM if less else Severity.BENEFIT,
            sentence,
            "friction.license",
            before=label(before.openness),
            after=label(after.openness),
            step=step,
            used=(source.ref("openness"), target.ref("openness")),
        )
    elif before.license and after.license and before.license.key != after.license.key:
        yield Factor(
            FactorKind.LICENSE,
            Severity.LOW,
            f"The licence changes from {before.license.name} to {after.license.name}.",
            "friction.license",
            before=before.license.name,
            after=after.license.name,
            step=f"Read the terms of {after.license.name}.",
            used=(source.ref("license"), target.ref("license")),
        )


def _openness(model: Model) -> str:
    verb = "has" if model.openness is Openness.OPEN_WEIGHTS else "is"
    words = label(model.openness)
    named = f" ({model.license.name})" if model.license and model.license.name.casefold() != words.casefold() else ""
    return f"{verb} {in_sentence(model.openness)}{named}"


_COMMERCIAL = {CommercialUse.NOT_ALLOWED: 0, CommercialUse.CONDITIONS: 1, CommercialUse.ALLOWED: 2}
_COMMERCIAL_WORDS = {
    CommercialUse.NOT_ALLOWED: "may not be used commercially",
    CommercialUse.CONDITIONS: "may be used commercially under conditions",
    CommercialUse.ALLOWED: "may be used commercially",
}


def commercial_use(source: Side, target: Side) -> Iterator[Factor]:
    """Losing the right to commercial use blocks; new conditions are MEDIUM; more freedom is a BENEFIT."""
    before, after = source.model.commercial_use, target.model.commercial_use
    if before not in _COMMERCIAL or after not in _COMMERCIAL or before is after:
        return
    less = _COMMERCIAL[after] < _COMMERCIAL[before]
    severity = Severity.MEDIUM if less else Severity.BENEFIT
    if less and after is CommercialUse.NOT_ALLOWED:
        severity = Severity.BLOCKER
    yield Factor(
        FactorKind.COMMERCIAL_USE,
        severity,
        f"{target.model.name} {_COMMERCIAL_WORDS[after]}; {source.model.name} {_COMMERCIAL_WORDS[before]}.",
        "friction.commercial-use",
        before=label(before),
        after=label(after),
        step="Check the conditions against your use before moving traffic." if less else None,
        used=(source.ref("commercial_use"), target.ref("commercial_use")),
    )


RULES: tuple[Rule, ...] = (
    Rule("friction.target-retiring", "Target retiring", in_words(target_retiring), REFERENCE),
    Rule("friction.source-retiring", "Source retiring", in_words(source_retiring), REFERENCE),
    Rule("friction.license", "Licence or openness changes", in_words(license_change), REFERENCE),
    Rule("friction.commercial-use", "Commercial use changes", in_words(commercial_use), REFERENCE),
)
