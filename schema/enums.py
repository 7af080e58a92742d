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
from domain.friction_factors import FactorKind, Level, Severity
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
        "STREAMING": "Sends its answer piece by piece. `capabilityMatrix` also asks the wire format of the provider.",
    },
)
described(
    facts.Modality,
    "A kind of content that goes in or comes out.",
    {
        "TEXT": "Written text, source code included.",
        "IMAGE": "Still pictures, such as photographs, drawings and screenshots.",
        "AUDIO": "Sound: recordings, music, spoken words.",
        "VIDEO": "Video clips.",
        "PDF": "PDF files, handed over as they are, without taking their text out first.",
        "EMBEDDING": "Vectors of numbers that stand for a meaning. Most sources list none: find embedding models by their task.",
    },
)
described(
    facts.Task,
    "What a model is made for. It decides which units bill it and with which other models it can be compared.",
    {
        "TEXT_GENERATION": "Chat, completion, reasoning, code: text comes out.",
        "SPEECH": "Text to speech: text goes in, a spoken voice comes out.",
        "TRANSCRIPTION": "Speech goes in, text comes out.",
        "EMBEDDING": "Turns text into vectors for search and comparison; it writes no text.",
        "IMAGE_GENERATION": "Makes or edits images from a description.",
        "VIDEO_GENERATION": "Makes video from a description or an image.",
        "RERANKING": "Orders passages by how well they fit a question.",
        "MODERATION": "Says whether content breaks rules.",
        "OTHER": "Made for a task that has no value of its own here.",
        "UNKNOWN": "No source says what it is made for.",
    },
)
described(
    facts.Openness,
    "Whether you can download a model, and under what kind of licence.",
    {
        "OPEN_SOURCE": "Weights to download under a licence that the Open Source Initiative approved.",
        "OPEN_WEIGHTS": "Weights to download under another licence.",
        "PROPRIETARY": "Its weights cannot be downloaded; it is used through somebody's API only.",
        "UNKNOWN": "No source says whether the weights can be had.",
    },
)
described(
    facts.CommercialUse,
    "Whether the terms of a model let you earn money with it.",
    {
        "ALLOWED": "The terms let you earn money with it.",
        "CONDITIONS": "The terms let you earn money with it under conditions, such as a size of company: read them.",
        "NOT_ALLOWED": "The terms forbid earning money with it.",
        "UNKNOWN": "No source says what the terms allow.",
    },
)
described(
    facts.Architecture,
    "How the network of a model is built.",
    {
        "DENSE": "Every parameter works on every token.",
        "MOE": "Mixture of experts: a part of the parameters works on each token.",
        "OTHER": "Built in a way that has no value of its own here.",
        "UNKNOWN": "No source says how it is built.",
    },
)
described(
    facts.Lifecycle,
    "Where in its life a model or a route stands.",
    {
        "PREVIEW": "Can be used, may change or go away without notice.",
        "AVAILABLE": "Generally available: meant for production.",
        "DEPRECATED": "Still works; its maker or provider advises against it.",
        "RETIRED": "Shut down: it can no longer be used.",
        "UNKNOWN": "No source says where in its life it stands.",
    },
)
described(
    facts.ProviderKind,
    "What kind of business serves the models.",
    {
        "LAB": "A lab that serves the models which it makes.",
        "CLOUD": "A cloud platform that serves models of several labs beside its other services.",
        "HOST": "A company that runs open models.",
        "AGGREGATOR": "Passes requests on to other providers.",
        "PLAN": "Bills by subscription, not by token.",
        "TRIAL": "Endpoints for developers to try, not for production.",
        "LOCAL": "Software that runs on your own machine.",
        "UNKNOWN": "Nobody has judged yet what kind of business it is.",
    },
)
described(
    facts.ApiShape,
    "The wire format that a provider's endpoint speaks.",
    {
        "OPENAI_CHAT": "Requests and answers look like those of OpenAI's Chat Completions API.",
        "OPENAI_RESPONSES": "Requests and answers look like those of OpenAI's Responses API.",
        "ANTHROPIC_MESSAGES": "Requests and answers look like those of Anthropic's Messages API.",
        "GOOGLE_GENAI": "Requests and answers look like those of Google's Gen AI API.",
        "BEDROCK": "Requests and answers look like those of Amazon Bedrock.",
        "OTHER": "A format of its own, which needs the provider's own client.",
        "UNKNOWN": "No source says which format it speaks.",
    },
)
described(
    facts.PriceBasis,
    "Why a price is what it is. Only METERED prices compete for the cheapest.",
    {
        "METERED": "Billed by what you use, such as by the token.",
        "FREE": "Free of charge, usually limited.",
        "INCLUDED": "Included in a subscription, so that no single request has a price.",
        "TRIAL": "A developer endpoint that costs nothing for now.",
        "LOCAL": "Runs on your own machine: you pay the hardware, nobody bills the tokens.",
        "UNKNOWN": "No source says; a zero without a reason is here.",
    },
)
described(
    facts.PriceMode,
    "The service level that a price sheet is for.",
    {
        "STANDARD": "The usual price of a request that is answered at once.",
        "BATCH": "For requests that may wait, usually up to a day.",
        "FLEX": "Cheaper, slower, may be refused at busy times.",
        "PRIORITY": "Costs more than standard and is served first at busy times.",
        "FAST": "Costs more than standard and generates its answer faster.",
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
    "Whether a date is the source's own or the day on which we saw it.",
    {
        "STATED": "The source itself names this day.",
        "OBSERVED": "A source showed it on that day; it may have begun before.",
    },
)
described(
    CellState,
    "Whether a cell of a table has a value, and if not, why.",
    {
        "KNOWN": "At least one source states it, and `value` has it.",
        "UNKNOWN": "No source states it; that is not the same as No or 0.",
        "NOT_APPLICABLE": "The question does not arise, such as the context window of an image generator.",
    },
)
described(
    ComparabilityLevel,
    "Whether models may be compared.",
    {
        "COMPARABLE": "Nothing that is known speaks against comparing them.",
        "PARTIAL": "They can be compared, with the reservations that `reasons` give.",
        "NOT_COMPARABLE": "No verdict is given; every other section still is.",
    },
)
described(
    FitTag,
    "A kind of work that a model suits by published thresholds over its facts; see the rule `fit.tags`.",
    {
        "RAG": "Answering from documents that are looked up and put into the prompt: retrieval-augmented generation.",
        "AGENTS": "Working through a task step by step by calling functions and tools.",
        "LONG_CONTEXT": "Reading very long prompts, such as whole books or code bases.",
        "VISION": "Understanding images or video that are part of the prompt.",
        "CODING": "Programming: it runs code itself or works inside an editor.",
        "REASONING": "Problems for which the model first works out intermediate steps.",
        "STRUCTURED_EXTRACTION": "Turning text into data that keeps to a schema given in the request.",
        "SPEECH": "Speech: it understands or produces spoken audio.",
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
        "VOLUME": "How many requests a month has.",
        "CONTEXT_NEED": "How many tokens the largest request has, prompt and answer together.",
        "WEIGHT": "The weight of one row of the scorecard.",
    },
)
described(
    Level,
    "How hard it is to move from one model to another.",
    {
        "LOW": "A move takes little work.",
        "MODERATE": "A move takes some work, or something is lost.",
        "HIGH": "A move takes much work, or much is lost.",
        "BLOCKED": "Cannot be made as things stand.",
    },
    name="FrictionLevel",
)
described(
    Severity,
    "How grave one factor of a switch is.",
    {
        "BLOCKER": "The switch cannot be made as it stands.",
        "DEADLINE": "It sets the day by which the whole switch has to be done.",
        "HIGH": "It alone takes much work or loses much.",
        "MEDIUM": "It alone takes some work or loses something.",
        "LOW": "It alone takes little work.",
        "BENEFIT": "It is an improvement, or work that falls away, which costs no effort.",
    },
)
described(
    FactorKind,
    "What changes in a switch, in the order in which a careful team would go through it.",
    {
        "TARGET_RETIRING": "The model that you would move to is retired, deprecated or a preview.",
        "SOURCE_RETIRING": "The source is going away: a reason to switch.",
        "LICENSE": "The licence, or whether the weights can be downloaded.",
        "COMMERCIAL_USE": "Whether the terms let you earn money with it.",
        "ROUTE_OVERLAP": "Another company, and no provider serves both models.",
        "CREDENTIALS": "Another company or entry, with an account of its own.",
        "MODEL_ID": "The name of the model in requests.",
        "API_SHAPE": "The wire format of requests and answers, so that code has to be ported.",
        "SDK": "The client library that your code imports.",
        "PARAMETERS_REMOVED": "Parameters of requests that the target refuses.",
        "VECTORS": "Whether vectors that are stored can still be compared.",
        "CONTEXT_WINDOW": "How many tokens prompt and answer may have together.",
        "MAX_OUTPUT": "How many tokens one answer may have.",
        "MODALITY_LOST": "Content that no longer goes in or comes out.",
        "MODALITY_GAINED": "Content that newly goes in or comes out.",
        "CAPABILITY_LOST": "Something that the target cannot do.",
        "CAPABILITY_UNKNOWN": "Something that the source can do, and nobody says whether the target can.",
        "CAPABILITY_GAINED": "Something that only the target can do.",
        "REASONING_CONTROL": "How thinking before the answer is switched on and limited.",
        "KNOWLEDGE_CUTOFF": "Up to when its knowledge reaches.",
        "BILLING": "By which unit and on which basis is billed.",
        "COST": "What the workload costs in a month.",
        "EVIDENCE_GAP": "Facts that no source states, so that a part of the switch cannot be judged.",
    },
)
described(
    NeighbourKind,
    "What makes two models worth comparing.",
    {
        "FAMILY": "They belong to the same family, such as Llama.",
        "LAB": "The same lab made both.",
        "TASK": "They are made for the same task.",
        "PRICE_BAND": "Their output prices differ by no more than a factor of two.",
        "CAPABILITIES": "They have two or more capabilities in common.",
    },
)
described(
    SignalKey,
    "Which row of the scorecard: what the models are measured by.",
    {
        "BEST_FOR": "Kinds of products that it suits.",
        "DECISION_FIT": "Kinds of work that it suits by its facts.",
        "CONTEXT_WINDOW": "How many tokens prompt and answer may have together.",
        "CHEAPEST_OUTPUT": "Lowest price of output tokens.",
        "PROVIDER_ROUTES": "How many companies serve it through an API now.",
        "SHARED_BENCHMARKS": "Benchmarks that were measured the same way.",
        "CHEAPEST_INPUT": "Lowest price of input tokens.",
        "MONTHLY_COST": "What the workload costs in a month.",
        "MAX_OUTPUT": "How many tokens one answer may have.",
        "RELEASE_DATE": "The day, month or year of its release.",
        "KNOWLEDGE_CUTOFF": "Up to when its knowledge reaches.",
        "LICENSE_FREEDOM": "How freely its terms let you use it, from proprietary to open source.",
        "CAPABILITY_BREADTH": "How many capabilities it has.",
        "EVIDENCE_COVERAGE": "How many of its facts are sourced.",
        "FRESHNESS": "When somebody or something last looked at its facts.",
    },
)
described(
    Direction,
    "Whether the higher or the lower value of a row is the better one.",
    {
        "HIGHER": "The model with the highest value leads.",
        "LOWER": "The model with the lowest value leads.",
        "NONE": "Nobody leads: the row only describes.",
    },
)
described(
    ReasonKind,
    "In what a model is ahead of the others.",
    {
        "LARGER_CONTEXT": "Its context window is larger.",
        "CHEAPER": "It is cheaper at this workload.",
        "MORE_PROVIDERS": "More companies serve it, so that you depend less on one.",
        "UNIQUE_CAPABILITIES": "It can do what the others cannot.",
        "CAPABILITIES_UNKNOWN_ELSEWHERE": "It can do what nobody says of the others.",
        "FREER_LICENSE": "Its licence leaves you more freedom.",
        "NEWER": "It was released later than the others.",
        "BENCHMARKS": "It is best in a shared benchmark.",
        "FIT": "It fits something that the others do not.",
    },
)
