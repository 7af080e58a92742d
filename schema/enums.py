"""The enumerations of the domain as GraphQL shows them: each value explained to somebody who has never seen us."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

import strawberry

from domain import facts
from domain.cells import CellState
from domain.changes import ChangeKind
from domain.comparability import ComparabilityLevel
from domain.dates import DateBasis
from domain.fit import BestForTag, FitTag
from domain.flips import FlipInput
from domain.friction import Level
from domain.friction_factors import FactorKind, Severity
from domain.hours import Weekday
from domain.neighbours import NeighbourKind
from domain.scorecard import SignalKey
from domain.signals import Direction
from domain.tradeoffs import ReasonKind

Enum = TypeVar("Enum", bound=StrEnum)


def described(kind: type[Enum], description: str, values: Mapping[str, str], *, name: str | None = None) -> None:
    """Makes an enumeration of the domain one of the schema. Every value must be explained, and nothing else."""
    strawberry.enum(kind, name=name, description=description)
    definition = kind.__strawberry_definition__  # type: ignore[attr-defined]
    assert [value.name for value in definition.values] == list(values), f"{kind.__name__}: {list(values)}"
    for value in definition.values:
        value.description = values[value.name]


described(
    ChangeKind,
    "Of which kind a difference between two states of the catalogue is.",
    {
        "FIRST_COVERAGE": "Nothing was known before.",
        "CHANGE": "The world changed: whoever stated the old value no longer does, or a new price began.",
        "CORRECTION": "What we know changed: the old value was for the same days, or is still stated by somebody.",
    },
)
described(
    facts.Presence,
    "Whether something is there, as far as any source says.",
    {
        "YES": "A source says that it is.",
        "NO": "A source says that it is not.",
        "UNKNOWN": "No source says. Not the same as NO.",
    },
)
described(
    facts.CapabilityKind,
    "Something that a model or a route can do.",
    {
        "VISION": "Takes images or video as input.",
        "MULTIMODAL": "Deals with more than one kind of content, input and output together.",
        "REASONING": "Thinks before it answers, or can be told to.",
        "FUNCTION_CALLING": "Answers with a call of a function that the request describes.",
        "TOOL_USE": "Works with tools over several turns.",
        "STRUCTURED_OUTPUTS": "Keeps to a schema that the request gives.",
        "CODE_EXECUTION": "Runs code by itself, on its provider's side.",
        "IDE_INTEGRATION": "Made for, or shipped with, a programming editor.",
        "COMPUTER_USE": "Operates a screen, mouse and keyboard.",
        "PARALLEL_AGENTS": "Runs several agents side by side.",
        "AUDIO_IN": "Takes audio as input.",
        "AUDIO_OUT": "Gives audio as output.",
        "VIDEO_IN": "Takes video as input.",
        "PDF_IN": "Takes PDF files as input.",
        "IMAGE_OUT": "Gives images as output.",
        "PROMPT_CACHING": "Bills repeated parts of prompts from a cache.",
        "BATCH": "Takes requests that may wait, at a lower price.",
    },
)
described(
    facts.Modality,
    "A kind of content that goes in or comes out.",
    {
        "TEXT": "Text.",
        "IMAGE": "Images.",
        "AUDIO": "Sound and speech.",
        "VIDEO": "Moving pictures.",
        "PDF": "PDF files, as they are.",
        "EMBEDDING": "Vectors of numbers.",
    },
)
described(
    facts.Task,
    "What a model is made for. It decides which units bill it and with which other models it can be compared.",
    {
        "TEXT_GENERATION": "Chat, completion, reasoning, code: text comes out.",
        "SPEECH": "Speech comes out.",
        "TRANSCRIPTION": "Speech goes in, text comes out.",
        "EMBEDDING": "Vectors for search come out.",
        "IMAGE_GENERATION": "Images come out.",
        "VIDEO_GENERATION": "Video comes out.",
        "RERANKING": "Orders passages by how well they fit a question.",
        "MODERATION": "Says whether content breaks rules.",
        "OTHER": "Something else.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.Openness,
    "How open a model is.",
    {
        "OPEN_SOURCE": "Weights to download under a licence that the Open Source Initiative approved.",
        "OPEN_WEIGHTS": "Weights to download under another licence.",
        "PROPRIETARY": "No weights to download.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.CommercialUse,
    "Whether the terms of a model let you earn money with it.",
    {
        "ALLOWED": "Yes.",
        "CONDITIONS": "Yes, under conditions: read them.",
        "NOT_ALLOWED": "No.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.Architecture,
    "How a model is built.",
    {
        "DENSE": "Every parameter works on every token.",
        "MOE": "Mixture of experts: a part of the parameters works on each token.",
        "OTHER": "Something else.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.Lifecycle,
    "Where in its life a model or a route stands.",
    {
        "PREVIEW": "Can be used, may change or go away without notice.",
        "AVAILABLE": "Generally available.",
        "DEPRECATED": "Still works; its maker or provider advises against it.",
        "RETIRED": "Shut down.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.ProviderKind,
    "What kind of business serves the models.",
    {
        "LAB": "The lab that made them.",
        "CLOUD": "A cloud platform.",
        "HOST": "A company that runs open models.",
        "AGGREGATOR": "Passes requests on to other providers.",
        "PLAN": "Bills by subscription, not by token.",
        "TRIAL": "Endpoints for developers to try, not for production.",
        "LOCAL": "Software that runs on your own machine.",
        "UNKNOWN": "Not judged yet.",
    },
)
described(
    facts.ApiShape,
    "The wire format that a provider's endpoint speaks.",
    {
        "OPENAI_CHAT": "OpenAI Chat Completions.",
        "OPENAI_RESPONSES": "OpenAI Responses.",
        "ANTHROPIC_MESSAGES": "Anthropic Messages.",
        "GOOGLE_GENAI": "Google Gen AI.",
        "BEDROCK": "Amazon Bedrock.",
        "OTHER": "A format of its own.",
        "UNKNOWN": "No source says.",
    },
)
described(
    facts.PriceBasis,
    "Why a price is what it is. Only METERED prices compete for the cheapest.",
    {
        "METERED": "Billed by use.",
        "FREE": "Free of charge, usually limited.",
        "INCLUDED": "Part of a subscription.",
        "TRIAL": "A developer endpoint that costs nothing for now.",
        "LOCAL": "Runs on your own machine.",
        "UNKNOWN": "No source says; a zero without a reason is here.",
    },
)
described(
    facts.PriceMode,
    "The service level that a price sheet is for.",
    {
        "STANDARD": "The usual price.",
        "BATCH": "For requests that may wait, usually up to a day.",
        "FLEX": "Cheaper, slower, may be refused at busy times.",
        "PRIORITY": "Dearer, served first.",
        "FAST": "Dearer, generates faster.",
        "THINKING": "When the model thinks before it answers.",
        "OFF_PEAK": "In the provider's quiet hours.",
    },
)
described(
    Weekday,
    "A day of the week.",
    {
        "MON": "Monday.",
        "TUE": "Tuesday.",
        "WED": "Wednesday.",
        "THU": "Thursday.",
        "FRI": "Friday.",
        "SAT": "Saturday.",
        "SUN": "Sunday.",
    },
)
described(
    DateBasis,
    "How a date is known.",
    {"STATED": "The source names the day.", "OBSERVED": "A source showed it on that day; it may have begun before."},
)
described(
    CellState,
    "What a cell of a table says.",
    {
        "KNOWN": "A source says.",
        "UNKNOWN": "No source says.",
        "NOT_APPLICABLE": "Such a model has no such thing.",
    },
)
described(
    ComparabilityLevel,
    "Whether models may be compared.",
    {
        "COMPARABLE": "Nothing speaks against it.",
        "PARTIAL": "With the reservations that are given.",
        "NOT_COMPARABLE": "No verdict is given; every other section still is.",
    },
)
described(
    FitTag,
    "What a model fits by its facts.",
    {
        "RAG": "Answers over retrieved text.",
        "AGENTS": "Works with tools.",
        "LONG_CONTEXT": "Takes very long prompts.",
        "VISION": "Sees.",
        "CODING": "Made for programming.",
        "REASONING": "Thinks before it answers.",
        "STRUCTURED_EXTRACTION": "Fills a schema.",
        "SPEECH": "Hears or speaks.",
    },
)
described(
    BestForTag,
    "A kind of product that a model suits.",
    {
        "MULTIMODAL_APPS": "Apps with more than one kind of content.",
        "TOOL_CALLING_AGENTS": "Agents that call functions and tools.",
        "PROVIDER_ROUTED_PRODUCTION": "Production that can move between providers.",
    },
)
described(
    FlipInput,
    "An input of a decision that could change it.",
    {
        "OUTPUT_SHARE": "The part of all tokens that is output.",
        "CACHED_SHARE": "The part of the prompt that is read from a cache.",
        "VOLUME": "Requests per month.",
        "CONTEXT_NEED": "Tokens of the largest request.",
        "WEIGHT": "The weight of one row of the scorecard.",
    },
)
described(
    Level,
    "How hard a switch is.",
    {
        "LOW": "Little work.",
        "MODERATE": "Some work or loss.",
        "HIGH": "Much work or loss.",
        "BLOCKED": "Cannot be made as things stand.",
    },
    name="FrictionLevel",
)
described(
    Severity,
    "How grave one factor of a switch is.",
    {
        "BLOCKER": "The switch cannot be made as it stands.",
        "HIGH": "Much work or loss.",
        "MEDIUM": "Some work or loss.",
        "LOW": "Little work.",
        "BENEFIT": "An improvement.",
    },
)
described(
    FactorKind,
    "What changes in a switch, in the order in which a careful team would go through it.",
    {
        "TARGET_RETIRING": "The target is going away.",
        "SOURCE_RETIRING": "The source is going away: a reason to switch.",
        "LICENSE": "Licence or openness.",
        "COMMERCIAL_USE": "Commercial use.",
        "ROUTE_OVERLAP": "Whether one provider serves both.",
        "ENDPOINT": "Endpoint, model id and credentials.",
        "API_SHAPE": "The wire format.",
        "SDK": "The client library.",
        "CONTEXT_WINDOW": "How long a prompt may be.",
        "MAX_OUTPUT": "How long an answer may be.",
        "MODALITY_LOST": "Content that no longer goes in or comes out.",
        "MODALITY_GAINED": "Content that newly goes in or comes out.",
        "CAPABILITY_LOST": "Something that the target cannot do.",
        "CAPABILITY_UNKNOWN": "Something that the source can do, and nobody says whether the target can.",
        "CAPABILITY_GAINED": "Something that only the target can do.",
        "REASONING_CONTROL": "Whether it thinks before it answers.",
        "KNOWLEDGE_CUTOFF": "Up to when its knowledge reaches.",
        "COST": "What the workload costs in a month.",
        "EVIDENCE_GAP": "Facts that nobody sources.",
    },
)
described(
    NeighbourKind,
    "What two models share.",
    {
        "FAMILY": "The family.",
        "LAB": "The lab.",
        "TASK": "What they are made for.",
        "PRICE_BAND": "About the same price.",
        "CAPABILITIES": "Several capabilities.",
    },
)
described(
    SignalKey,
    "A row of the scorecard.",
    {
        "BEST_FOR": "Kinds of products that it suits.",
        "DECISION_FIT": "What it fits by its facts.",
        "CONTEXT_WINDOW": "How long a prompt may be.",
        "CHEAPEST_OUTPUT": "Lowest price of output tokens.",
        "PROVIDER_ROUTES": "How many providers serve it.",
        "SHARED_BENCHMARKS": "Benchmarks that were measured the same way.",
        "CHEAPEST_INPUT": "Lowest price of input tokens.",
        "MONTHLY_COST": "What the workload costs in a month.",
        "MAX_OUTPUT": "How long an answer may be.",
        "RELEASE_DATE": "When it was released.",
        "KNOWLEDGE_CUTOFF": "Up to when its knowledge reaches.",
        "LICENSE_FREEDOM": "How free its terms are.",
        "CAPABILITY_BREADTH": "How many capabilities it has.",
        "EVIDENCE_COVERAGE": "How many of its facts are sourced.",
        "FRESHNESS": "When it was last looked at.",
    },
)
described(
    Direction,
    "Which value of a row leads.",
    {"HIGHER": "The higher one.", "LOWER": "The lower one.", "NONE": "None: the row only describes."},
)
described(
    ReasonKind,
    "Why to choose a model.",
    {
        "LARGER_CONTEXT": "It takes longer prompts.",
        "CHEAPER": "It is cheaper at this workload.",
        "MORE_PROVIDERS": "More providers serve it.",
        "UNIQUE_CAPABILITIES": "It can do what the others cannot.",
        "CAPABILITIES_UNKNOWN_ELSEWHERE": "It can do what nobody says of the others.",
        "FREER_LICENSE": "Its terms are freer.",
        "NEWER": "It is newer.",
        "BENCHMARKS": "It is best in a shared benchmark.",
        "FIT": "It fits something that the others do not.",
    },
)
