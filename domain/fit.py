"""What a model is good for, as tags that follow from its facts by stated thresholds.

A tag never contradicts its own fact: it is given only where the fact is known, and names it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from domain.capabilities import capability
from domain.facts import CapabilityKind, Contender, FactRef, Model, Offer, Presence, Route, Task
from domain.rules import Rule

LONG_CONTEXT_TOKENS = 200_000
RAG_CONTEXT_TOKENS = 128_000
PRODUCTION_PROVIDERS = 3

_PAGE = "docs/methodology.md#scorecard"
FIT = Rule(
    "fit.tags",
    "Decision fit",
    f"RAG: a text model with a context window of at least {RAG_CONTEXT_TOKENS:,} tokens. Agents: function calling and "
    f"tool use. Long context: at least {LONG_CONTEXT_TOKENS:,} tokens. Vision, Reasoning and Structured extraction: "
    "that capability (structured outputs for the last). Coding: code execution or IDE integration. Speech: made for "
    "speech or transcription, or produces audio.",
    _PAGE,
)
BEST_FOR = Rule(
    "fit.best-for",
    "Best for",
    "Multimodal apps: multimodal. Tool-calling agents: function calling and tool use. Provider-routed production: live "
    f"routes from at least {PRODUCTION_PROVIDERS} different providers, entries of one company counted once.",
    _PAGE,
)
RULES = (FIT, BEST_FOR)


class FitTag(StrEnum):
    """What a model fits, in the order in which it is shown."""

    RAG = "RAG"
    AGENTS = "AGENTS"
    LONG_CONTEXT = "LONG_CONTEXT"
    VISION = "VISION"
    CODING = "CODING"
    REASONING = "REASONING"
    STRUCTURED_EXTRACTION = "STRUCTURED_EXTRACTION"
    SPEECH = "SPEECH"


class BestForTag(StrEnum):
    """Kinds of products that a model suits, in the order in which they are shown."""

    MULTIMODAL_APPS = "MULTIMODAL_APPS"
    TOOL_CALLING_AGENTS = "TOOL_CALLING_AGENTS"
    PROVIDER_ROUTED_PRODUCTION = "PROVIDER_ROUTED_PRODUCTION"


FIT_LABELS: Mapping[FitTag, str] = MappingProxyType(
    {
        FitTag.RAG: "RAG",
        FitTag.AGENTS: "Agents",
        FitTag.LONG_CONTEXT: "Long context",
        FitTag.VISION: "Vision",
        FitTag.CODING: "Coding",
        FitTag.REASONING: "Reasoning",
        FitTag.STRUCTURED_EXTRACTION: "Structured extraction",
        FitTag.SPEECH: "Speech",
    }
)
BEST_FOR_LABELS: Mapping[BestForTag, str] = MappingProxyType(
    {
        BestForTag.MULTIMODAL_APPS: "multimodal apps",
        BestForTag.TOOL_CALLING_AGENTS: "tool-calling agents",
        BestForTag.PROVIDER_ROUTED_PRODUCTION: "provider-routed production",
    }
)


@dataclass(frozen=True, slots=True)
class Fit:
    """A model fits something, because of these facts."""

    tag: FitTag
    label: str
    rule: str
    used: tuple[FactRef, ...]


@dataclass(frozen=True, slots=True)
class BestFor:
    """A model suits a kind of product, because of these facts."""

    tag: BestForTag
    label: str
    rule: str
    used: tuple[FactRef, ...]


def company_of(route: Route) -> str:
    """The slug of the company behind a route's provider."""
    return route.provider.group or route.provider.slug


def company_names(routes: Iterable[Route]) -> Mapping[str, str]:
    """One name per company that serves these routes: that of its first entry by name, with those that are called the same but for
    a word in brackets: `Alibaba / Alibaba (China)`."""
    return _company_names(tuple([(company_of(route), route.provider.name) for route in routes]))


@lru_cache(maxsize=1024)  # every section that names companies names the same ones
def _company_names(served: tuple[tuple[str, str], ...]) -> Mapping[str, str]:
    entries: dict[str, dict[str, None]] = {}
    for company, name in sorted(served, key=lambda each: each[1].casefold()):
        entries.setdefault(company, {})[name] = None
    found: dict[str, str] = {}
    for company, (first, *others) in entries.items():
        found[company] = " / ".join([first, *(name for name in others if name.startswith(f"{first} ("))])
    return MappingProxyType(found)


def provider_groups(offers: Iterable[Offer]) -> Mapping[str, tuple[Offer, ...]]:
    """Live offers by the company behind the provider: a region or a plan of the same company is no second supplier."""
    groups = defaultdict[str, list[Offer]](list)
    for offer in offers:
        if offer.route.live:
            groups[company_of(offer.route)].append(offer)
    return MappingProxyType({group: tuple(found) for group, found in groups.items()})


def _has(*kinds: CapabilityKind) -> Callable[[Model], tuple[FactRef, ...] | None]:
    """All of the capabilities, with the facts that say so."""

    def facts(model: Model) -> tuple[FactRef, ...] | None:
        answers = [capability(model, kind) for kind in kinds]
        if any(answer.presence is not Presence.YES for answer in answers):
            return None
        return tuple(ref for answer in answers for ref in answer.used)

    return facts


def _has_any(*kinds: CapabilityKind) -> Callable[[Model], tuple[FactRef, ...] | None]:
    def facts(model: Model) -> tuple[FactRef, ...] | None:
        return next((found for kind in kinds if (found := _has(kind)(model))), None)

    return facts


def _context(tokens: int) -> Callable[[Model], tuple[FactRef, ...] | None]:
    def facts(model: Model) -> tuple[FactRef, ...] | None:
        enough = model.context_window is not None and model.context_window >= tokens
        return (FactRef("model", model.id, "context_window"),) if enough else None

    return facts


def _rag(model: Model) -> tuple[FactRef, ...] | None:
    context = _context(RAG_CONTEXT_TOKENS)(model)
    is_text = model.task is Task.TEXT_GENERATION
    return (FactRef("model", model.id, "task"), *context) if context and is_text else None


def _speech(model: Model) -> tuple[FactRef, ...] | None:
    if model.task in (Task.SPEECH, Task.TRANSCRIPTION):
        return (FactRef("model", model.id, "task"),)
    return _has(CapabilityKind.AUDIO_OUT)(model)


_TAG_FACTS: Mapping[FitTag, Callable[[Model], tuple[FactRef, ...] | None]] = MappingProxyType(
    {
        FitTag.RAG: _rag,
        FitTag.AGENTS: _has(CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE),
        FitTag.LONG_CONTEXT: _context(LONG_CONTEXT_TOKENS),
        FitTag.VISION: _has(CapabilityKind.VISION),
        FitTag.CODING: _has_any(CapabilityKind.CODE_EXECUTION, CapabilityKind.IDE_INTEGRATION),
        FitTag.REASONING: _has(CapabilityKind.REASONING),
        FitTag.STRUCTURED_EXTRACTION: _has(CapabilityKind.STRUCTURED_OUTPUTS),
        FitTag.SPEECH: _speech,
    }
)


def fit(model: Model) -> tuple[Fit, ...]:
    """The fit tags of a model (rule `fit.tags`). Needs the model only."""
    found = ((tag, facts(model)) for tag, facts in _TAG_FACTS.items())
    return tuple(Fit(tag, FIT_LABELS[tag], FIT.id, used) for tag, used in found if used)


def best_for(contender: Contender) -> tuple[BestFor, ...]:
    """The kinds of products that a model suits (rule `fit.best-for`). Needs the offers."""
    groups = provider_groups(contender.offers)
    routed = tuple(FactRef("route", offers[0].route.id, "lifecycle") for offers in groups.values())
    found = {
        BestForTag.MULTIMODAL_APPS: _has(CapabilityKind.MULTIMODAL)(contender.model),
        BestForTag.TOOL_CALLING_AGENTS: _has(CapabilityKind.FUNCTION_CALLING, CapabilityKind.TOOL_USE)(contender.model),
        BestForTag.PROVIDER_ROUTED_PRODUCTION: routed if len(groups) >= PRODUCTION_PROVIDERS else None,
    }
    return tuple(BestFor(tag, BEST_FOR_LABELS[tag], BEST_FOR.id, used) for tag, used in found.items() if used)
