"""What the target can do: capabilities, modalities, limits, reasoning control, knowledge, cost, and what nobody says.

Each rule yields the factors that it finds between a source and a target.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from domain.billing import price_ref
from domain.capabilities import capability, presence_of
from domain.cells import applies
from domain.cost import RouteCost
from domain.facts import (
    PAGE_CAPABILITIES,
    CapabilityKind,
    FactRef,
    Modality,
    Model,
    Presence,
    PriceMode,
    Unavailable,
)
from domain.friction_factors import REFERENCE, Factor, FactorKind, Severity, Side
from domain.rules import Rule
from domain.signals import Direction, leading, newest
from domain.tasks import PROMPT_ONLY
from domain.units import display_tokens, display_usd
from domain.wording import in_sentence, in_words, label, listed

_TOOLING = frozenset(
    {
        CapabilityKind.IDE_INTEGRATION,
        CapabilityKind.PARALLEL_AGENTS,
        CapabilityKind.PROMPT_CACHING,
        CapabilityKind.BATCH,
    }
)
"""What eases or cheapens the work around a model; losing it changes no answer."""


def capabilities(source: Side, target: Side) -> Iterator[Factor]:
    """A capability is lost where the source is YES and the target NO, gained the other way round. YES against UNKNOWN
    is neither: it is said as unknown. A loss is HIGH, MEDIUM when only tooling around the model is lost."""
    for kind, severity, before, after, sentence, step in (
        (
            FactorKind.CAPABILITY_LOST,
            Severity.HIGH,
            Presence.YES,
            Presence.NO,
            "{target} lacks {names}, which {source} has.",
            "Replace {names} before moving traffic, or make sure that nothing relies on {them}.",
        ),
        (
            FactorKind.CAPABILITY_UNKNOWN,
            Severity.LOW,
            Presence.YES,
            Presence.UNKNOWN,
            "{source} has {names}; no source says whether {target} does.",
            "Try {names} on {target}.",
        ),
        (
            FactorKind.CAPABILITY_GAINED,
            Severity.BENEFIT,
            Presence.NO,
            Presence.YES,
            "{target} adds {names}, which {source} lacks.",
            None,
        ),
    ):
        found = tuple(
            each
            for each in CapabilityKind
            if presence_of(source.model, each) is before and presence_of(target.model, each) is after
        )
        if not found:
            continue
        words = {
            "source": source.name,
            "target": target.name,
            "names": listed(in_sentence(each) for each in found),
            "them": "it" if len(found) == 1 else "them",
        }
        yield Factor(
            kind,
            Severity.MEDIUM if severity is Severity.HIGH and _TOOLING.issuperset(found) else severity,
            sentence.format_map(words),
            f"friction.{kind.lower().replace('_', '-')}",
            before=label(before),
            after=None if after is Presence.UNKNOWN else label(after),
            step=step and step.format_map(words),
            capabilities=found,
            used=tuple(ref for each in found for side in (source, target) for ref in _said(side, each)),
        )


def not_kept(before: Model, after: Model) -> tuple[CapabilityKind, ...]:
    """The capabilities that are lost from one to the other, by the same rule."""
    return tuple(
        each
        for each in CapabilityKind
        if presence_of(before, each) is Presence.YES and presence_of(after, each) is Presence.NO
    )


def _said(side: Side, kind: CapabilityKind) -> tuple[FactRef, ...]:
    return tuple(side.ref(ref.field) for ref in capability(side.model, kind).used)


_STATED_BY: Mapping[tuple[str, Modality], CapabilityKind] = {
    ("input_modalities", Modality.IMAGE): CapabilityKind.VISION,
    ("input_modalities", Modality.VIDEO): CapabilityKind.VIDEO_IN,
    ("input_modalities", Modality.AUDIO): CapabilityKind.AUDIO_IN,
    ("input_modalities", Modality.PDF): CapabilityKind.PDF_IN,
    ("output_modalities", Modality.AUDIO): CapabilityKind.AUDIO_OUT,
    ("output_modalities", Modality.IMAGE): CapabilityKind.IMAGE_OUT,
}


def modalities(source: Side, target: Side) -> Iterator[Factor]:
    """Where both sides list their modalities, one that only the source lists is lost, one that only the target lists
    is gained. A lost output is HIGH, a lost input MEDIUM; where no output is common the switch is blocked. What a
    capability factor says already is not said twice."""
    for field, verb, noun in (("input_modalities", "take", "input"), ("output_modalities", "produce", "output")):
        before: tuple[Modality, ...] = getattr(source.model, field)
        after: tuple[Modality, ...] = getattr(target.model, field)
        if not before or not after:
            continue
        disjoint = noun == "output" and not set(before) & set(after)
        lost, gained = (
            tuple(
                each
                for each in Modality
                if each in having and each not in lacking and (disjoint or not _stated(source, target, field, each))
            )
            for having, lacking in ((before, after), (after, before))
        )
        shown = [listed(in_sentence(each) for each in side) for side in (before, after)]
        used = (source.ref(field), target.ref(field))
        if lost:
            names = listed(in_sentence(each) for each in lost)
            severity = Severity.BLOCKER if disjoint else Severity.HIGH if noun == "output" else Severity.MEDIUM
            yield Factor(
                FactorKind.MODALITY_LOST,
                severity,
                f"{target.name} does not {verb} {names} as {noun}; {source.name} does.",
                "friction.modality-lost",
                before=shown[0],
                after=shown[1],
                step=f"Keep another model for {names} {noun}.",
                modalities=lost,
                used=used,
            )
        if gained:
            names = listed(in_sentence(each) for each in gained)
            yield Factor(
                FactorKind.MODALITY_GAINED,
                Severity.BENEFIT,
                f"{target.name} also {verb}s {names} as {noun}; {source.name} does not.",
                "friction.modality-gained",
                before=shown[0],
                after=shown[1],
                modalities=gained,
                used=used,
            )


def _stated(source: Side, target: Side, field: str, modality: Modality) -> bool:
    kind = _STATED_BY.get((field, modality))
    return kind is not None and {presence_of(side.model, kind) for side in (source, target)} != {Presence.YES}


def limits(source: Side, target: Side, *, needed_context: int, needed_output: int) -> Iterator[Factor]:
    """A context window or output limit that cannot hold the workload's largest request blocks. Otherwise a smaller
    limit is MEDIUM and a larger one a BENEFIT, when they differ by 5 % or more. A context window holds prompt and
    answer together, an output limit the answer alone. A limit that models of either kind do not have is not compared.
    Requests meet the limit of the route that they go to, which counts, and is named, where it is not that of the model."""
    for kind, field, noun, largest, each, needed in (
        (
            *(FactorKind.CONTEXT_WINDOW, "context_window", "context window"),
            *("largest request", "request, prompt and answer together,", needed_context),
        ),
        (FactorKind.MAX_OUTPUT, "max_output", "output limit", "longest answer", "answer", needed_output),
    ):
        if {source.model.task, target.model.task} & set(PROMPT_ONLY):
            each = each.partition(",")[0]  # nothing answers
        if not (applies(source.model, field) and applies(target.model, field)):
            continue
        (before, start, here), (after, end, there) = _limit(source, field), _limit(target, field)
        rule = f"friction.{field.replace('_', '-')}"
        shown = [None if limit is None else display_tokens(limit) for limit in (before, after)]
        used = (start, end) if before is not None else (end,)
        if after is not None and after < needed:
            yield Factor(
                kind,
                Severity.BLOCKER,
                f"The {noun} of {target.name}{there} is {after:,} tokens; the {largest} here needs {needed:,}.",
                rule,
                before=shown[0],
                after=shown[1],
                step=f"Shorten every {each} to at most {after:,} tokens, or choose another target.",
                used=used,
            )
        elif before is not None and after is not None and leading({"before": before, "after": after}, Direction.HIGHER):
            shrinks = after < before
            yield Factor(
                kind,
                Severity.MEDIUM if shrinks else Severity.BENEFIT,
                f"The {noun} {'shrinks' if shrinks else 'grows'} from {shown[0]}{here} to {shown[1]} tokens{there}.",
                rule,
                before=shown[0],
                after=shown[1],
                step=f"Check that no {each} needs more than {shown[1]} tokens." if shrinks else None,
                used=used,
            )


def _limit(side: Side, field: str) -> tuple[int | None, FactRef, str]:
    """The limit that requests meet on this side, its fact, and where that is, if only there."""
    of_model: int | None = getattr(side.model, field)
    of_route: int | None = None if side.offer is None else getattr(side.offer.route, field)
    if side.offer is None or of_route is None or of_route == of_model:
        return of_model, side.ref(field), ""
    return of_route, FactRef("route", side.offer.route.id, field), f" on {side.offer.route.provider.name}"


def reasoning_control(source: Side, target: Side) -> Iterator[Factor]:
    """Where both can reason and their routes show different switches for it (a route variant, or a price of its own for
    thinking), the way to turn it on changes: LOW. What the routes of one do not show is no difference; how a wire format takes
    it is a matter of its parameters (plan.parameter-steps)."""
    kind = CapabilityKind.REASONING
    if any(presence_of(side.model, kind) is not Presence.YES for side in (source, target)):
        return
    before, after = (_reasoning_switches(side) for side in (source, target))
    if not (before and after) or before.keys() & after.keys():
        return
    shown = [listed(sorted(each)) for each in (before, after)]
    yield Factor(
        FactorKind.REASONING_CONTROL,
        Severity.LOW,
        f"Reasoning is switched differently: {source.name} is offered as {shown[0]}, {target.name} as {shown[1]}.",
        "friction.reasoning-control",
        before=shown[0],
        after=shown[1],
        step=f"Find out how {target.name} turns reasoning on and limits it.",
        used=(*before.values(), *after.values(), source.ref(f"capability.{kind}"), target.ref(f"capability.{kind}")),
    )


_THINKING_FLAGS = frozenset({"thinking", "think", "reasoning", "nothink", "nothinking"})
_EFFORT_FLAGS = frozenset({"minimal", "low", "medium", "high", "xhigh"})


def _reasoning_switches(side: Side) -> dict[str, FactRef]:
    found: dict[str, FactRef] = {}
    for offer in side.offers:
        for flag in offer.route.variant:
            if flag in _THINKING_FLAGS:
                found.setdefault(f"a variant named {flag}", FactRef("route", offer.route.id, "lifecycle"))
            elif flag in _EFFORT_FLAGS:
                found.setdefault(f"a {flag}-effort variant", FactRef("route", offer.route.id, "lifecycle"))
        for price in offer.prices:
            if price.mode is PriceMode.THINKING:
                found.setdefault("a thinking mode with its own price", price_ref(price, "output"))
    return found


def knowledge_cutoff(source: Side, target: Side) -> Iterator[Factor]:
    """An earlier knowledge cutoff is LOW, a later one a BENEFIT. Dates compare as far as both are precise: 2025 and
    2025-06 are neither earlier nor later."""
    before, after = source.model.knowledge_cutoff, target.model.knowledge_cutoff
    if before is None or after is None:
        return
    leaders = newest({"before": before, "after": after})
    if not leaders:
        return
    back = leaders == ("before",)
    yield Factor(
        FactorKind.KNOWLEDGE_CUTOFF,
        Severity.LOW if back else Severity.BENEFIT,
        f"The knowledge cutoff moves {'back' if back else 'forward'} from {before} to {after}.",
        "friction.knowledge-cutoff",
        before=before,
        after=after,
        step=f"Supply anything newer than {after} in the prompt." if back else None,
        used=(source.ref("knowledge_cutoff"), target.ref("knowledge_cutoff")),
    )


DEARER: tuple[tuple[Decimal, Severity], ...] = (
    (Decimal(2), Severity.HIGH),
    (Decimal("1.25"), Severity.MEDIUM),
    (Decimal(0), Severity.LOW),
)
"""How severe a rise of the monthly cost is, from this multiple of the old cost on."""


def cost(source: Side, target: Side) -> Iterator[Factor]:
    """The monthly cost at the workload, where both are known and differ by 5 % or more: from twice the old one on HIGH,
    from 1.25 times on MEDIUM, else LOW; a lower one is a BENEFIT. Between models it is that of the two routes that stand for
    them (plan.standing)."""
    before, after = source.cost, target.cost
    if not isinstance(before, RouteCost) or not isinstance(after, RouteCost):
        return
    old, new = before.total, after.total
    if not leading({"before": old, "after": new}, Direction.LOWER):
        return
    rises = new > old
    severity = Severity.BENEFIT
    if rises:
        severity = next(severity for multiple, severity in DEARER if new >= multiple * old)
    places = [f" at {each.route.provider.name}" for each in (before, after)]
    here, places = (places[0], ["", ""]) if places[0] == places[1] else ("", places)
    yield Factor(
        FactorKind.COST,
        severity,
        f"The monthly cost{here} {'rises' if rises else 'falls'} from {display_usd(old)}{places[0]} to {display_usd(new)}"
        f"{places[1]}.",
        "friction.cost",
        before=display_usd(old),
        after=display_usd(new),
        step="Have the new monthly cost approved." if rises else None,
        used=(*before.used, *after.used),
    )


_NEEDED_FACTS = (
    ("context_window", "context window"),
    ("openness", "openness"),
    ("commercial_use", "terms of commercial use"),
)


def evidence_gap(source: Side, target: Side) -> Iterator[Factor]:
    """What no source says about a side, so that part of the switch cannot be judged: its context window, openness, terms of
    commercial use, a complete token price, or any capability of the page's ten; or that it has no live route. The target's gaps are LOW, MEDIUM
    from three on; the source's are LOW."""
    for side in (target, source):
        missing = dict(_gaps(side))
        if not missing:
            continue
        names = listed(missing)
        yield Factor(
            FactorKind.EVIDENCE_GAP,
            Severity.MEDIUM if side is target and len(missing) >= 3 else Severity.LOW,
            f"Not sourced yet for {side.name}: {names}. That part of the switch is not judged.",
            "friction.evidence-gap",
            step=f"Find out about {side.name}: {names}." if side is target else None,
            used=tuple(ref for refs in missing.values() for ref in refs),
        )


def _gaps(side: Side) -> Iterator[tuple[str, tuple[FactRef, ...]]]:
    for field, words in _NEEDED_FACTS:
        if applies(side.model, field) and getattr(side.model, field) in (None, "UNKNOWN"):
            yield words, (side.ref(field),)
    if not side.offers:
        yield "live route", (side.ref("lifecycle"),)
    elif isinstance(side.cost, Unavailable) and side.cost.reason != "NO_ELIGIBLE_ROUTE":
        yield "complete token price", side.cost.missing
    if all(presence_of(side.model, kind) is Presence.UNKNOWN for kind in PAGE_CAPABILITIES):
        yield "capabilities", tuple(side.ref(f"capability.{kind}") for kind in PAGE_CAPABILITIES)


RULES: tuple[Rule, ...] = (
    Rule("friction.context-window", "Context window changes", in_words(limits), REFERENCE),
    Rule("friction.max-output", "Output limit changes", in_words(limits), REFERENCE),
    Rule("friction.modality-lost", "Modality lost", in_words(modalities), REFERENCE),
    Rule("friction.modality-gained", "Modality gained", in_words(modalities), REFERENCE),
    Rule("friction.capability-lost", "Capability lost", in_words(capabilities), REFERENCE),
    Rule("friction.capability-unknown", "Capability unknown", in_words(capabilities), REFERENCE),
    Rule("friction.capability-gained", "Capability gained", in_words(capabilities), REFERENCE),
    Rule("friction.reasoning-control", "Reasoning control changes", in_words(reasoning_control), REFERENCE),
    Rule("friction.knowledge-cutoff", "Knowledge cutoff moves", in_words(knowledge_cutoff), REFERENCE),
    Rule("friction.cost", "Monthly cost changes", in_words(cost), REFERENCE),
    Rule("friction.evidence-gap", "Evidence gap", in_words(evidence_gap), REFERENCE),
)
