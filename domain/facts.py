"""What we accept as true: plain frozen data. A fact is what `reconcile` accepted from statements; a decision is what a rule of this
package makes of facts. Absent values are None or UNKNOWN and never mean "no" or zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NewType

from domain.dates import DateBasis, DatePrecision
from domain.hours import Hours

PartialDate = NewType("PartialDate", str)
"""A date as precise as its source: `2026`, `2026-03` or `2026-03-16`. Sorts as text."""


class Presence(StrEnum):
    """Whether something is there. UNKNOWN means that no source says; it is not NO."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"


class CapabilityKind(StrEnum):
    """What a model or a route can do. The first ten are the page's rows, in its order."""

    VISION = "VISION"
    MULTIMODAL = "MULTIMODAL"
    REASONING = "REASONING"
    FUNCTION_CALLING = "FUNCTION_CALLING"
    TOOL_USE = "TOOL_USE"
    STRUCTURED_OUTPUTS = "STRUCTURED_OUTPUTS"
    CODE_EXECUTION = "CODE_EXECUTION"
    IDE_INTEGRATION = "IDE_INTEGRATION"
    COMPUTER_USE = "COMPUTER_USE"
    PARALLEL_AGENTS = "PARALLEL_AGENTS"
    AUDIO_IN = "AUDIO_IN"
    AUDIO_OUT = "AUDIO_OUT"
    VIDEO_IN = "VIDEO_IN"
    PDF_IN = "PDF_IN"
    IMAGE_OUT = "IMAGE_OUT"
    PROMPT_CACHING = "PROMPT_CACHING"
    BATCH = "BATCH"
    STREAMING = "STREAMING"


PAGE_CAPABILITIES: tuple[CapabilityKind, ...] = tuple(CapabilityKind)[:10]


class Modality(StrEnum):
    TEXT = "TEXT"
    IMAGE = "IMAGE"
    AUDIO = "AUDIO"
    VIDEO = "VIDEO"
    PDF = "PDF"
    EMBEDDING = "EMBEDDING"


class Task(StrEnum):
    """What a model is made for. Decides which units bill it and whether two models can be compared."""

    TEXT_GENERATION = "TEXT_GENERATION"
    SPEECH = "SPEECH"
    TRANSCRIPTION = "TRANSCRIPTION"
    EMBEDDING = "EMBEDDING"
    IMAGE_GENERATION = "IMAGE_GENERATION"
    VIDEO_GENERATION = "VIDEO_GENERATION"
    RERANKING = "RERANKING"
    MODERATION = "MODERATION"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Openness(StrEnum):
    """OPEN_SOURCE: weights under an OSI-approved licence. OPEN_WEIGHTS: weights under another one."""

    OPEN_SOURCE = "OPEN_SOURCE"
    OPEN_WEIGHTS = "OPEN_WEIGHTS"
    PROPRIETARY = "PROPRIETARY"
    UNKNOWN = "UNKNOWN"


class CommercialUse(StrEnum):
    ALLOWED = "ALLOWED"
    CONDITIONS = "CONDITIONS"
    NOT_ALLOWED = "NOT_ALLOWED"
    UNKNOWN = "UNKNOWN"


class Architecture(StrEnum):
    DENSE = "DENSE"
    MOE = "MOE"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class Lifecycle(StrEnum):
    PREVIEW = "PREVIEW"
    AVAILABLE = "AVAILABLE"
    DEPRECATED = "DEPRECATED"
    RETIRED = "RETIRED"
    UNKNOWN = "UNKNOWN"


class ProviderKind(StrEnum):
    """LAB serves its own models, CLOUD a cloud platform, HOST an inference host, AGGREGATOR resells other providers,
    PLAN bills by subscription, TRIAL gives developer endpoints, LOCAL runs on the user's own machine."""

    LAB = "LAB"
    CLOUD = "CLOUD"
    HOST = "HOST"
    AGGREGATOR = "AGGREGATOR"
    PLAN = "PLAN"
    TRIAL = "TRIAL"
    LOCAL = "LOCAL"
    UNKNOWN = "UNKNOWN"


class ApiShape(StrEnum):
    """The wire format that a provider's endpoint speaks."""

    OPENAI_CHAT = "OPENAI_CHAT"
    OPENAI_RESPONSES = "OPENAI_RESPONSES"
    ANTHROPIC_MESSAGES = "ANTHROPIC_MESSAGES"
    GOOGLE_GENAI = "GOOGLE_GENAI"
    BEDROCK = "BEDROCK"
    OTHER = "OTHER"
    UNKNOWN = "UNKNOWN"


class PriceBasis(StrEnum):
    """Why a price is what it is. Only METERED prices compete for "cheapest"."""

    METERED = "METERED"
    FREE = "FREE"
    INCLUDED = "INCLUDED"
    TRIAL = "TRIAL"
    LOCAL = "LOCAL"
    UNKNOWN = "UNKNOWN"


class PriceMode(StrEnum):
    STANDARD = "STANDARD"
    BATCH = "BATCH"
    FLEX = "FLEX"
    PRIORITY = "PRIORITY"
    FAST = "FAST"
    THINKING = "THINKING"
    OFF_PEAK = "OFF_PEAK"


@dataclass(frozen=True, slots=True)
class Lab:
    """Who made a model."""

    id: int
    slug: str
    name: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class License:
    """Terms of the weights. `spdx` only where the SPDX list has an id; `osi_approved` None is unknown."""

    id: int
    key: str
    name: str
    spdx: str | None = None
    osi_approved: bool | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Capabilities:
    """Three-valued: what is in neither set is UNKNOWN."""

    yes: frozenset[CapabilityKind] = frozenset()
    no: frozenset[CapabilityKind] = frozenset()

    def __getitem__(self, kind: CapabilityKind) -> Presence:
        if kind in self.yes:
            return Presence.YES
        return Presence.NO if kind in self.no else Presence.UNKNOWN


@dataclass(frozen=True, slots=True)
class Model:
    """The weights as released, or one closed checkpoint. Token counts are tokens, parameters are counts (119_000_000_000)."""

    id: int
    slug: str
    name: str
    lab: Lab | None = None
    family: str | None = None
    task: Task = Task.UNKNOWN
    released: PartialDate | None = None
    knowledge_cutoff: PartialDate | None = None
    context_window: int | None = None
    max_output: int | None = None
    parameters_total: int | None = None
    parameters_active: int | None = None
    architecture: Architecture = Architecture.UNKNOWN
    license: License | None = None
    openness: Openness = Openness.UNKNOWN
    commercial_use: CommercialUse = CommercialUse.UNKNOWN
    input_modalities: tuple[Modality, ...] = ()
    output_modalities: tuple[Modality, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    lifecycle: Lifecycle = Lifecycle.UNKNOWN
    deprecated_on: date | None = None
    deprecated_precision: DatePrecision | None = None
    retires_on: date | None = None
    retires_precision: DatePrecision | None = None
    successor: str | None = None
    weights_url: str | None = None
    last_reviewed: date | None = None
    route_count: int = 0
    provider_count: int = 0
    """Live routes, and distinct providers among them."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Who serves models through an API."""

    id: int
    slug: str
    name: str
    kind: ProviderKind = ProviderKind.UNKNOWN
    api_shape: ApiShape = ApiShape.UNKNOWN
    base_url: str | None = None
    docs_url: str | None = None
    sdk_package: str | None = None
    credentials: tuple[str, ...] = ()  # names of the environment variables that hold the credentials
    group: str | None = None  # the company behind several entries: its lab's slug, else the word that their slugs share
    more_endpoints: tuple[tuple[ApiShape, str], ...] = ()  # formats besides its own, with the address of each


@dataclass(frozen=True, slots=True)
class Route:
    """One model at one provider. Its own limits and capabilities never overwrite the model's."""

    id: int
    key: str
    """`provider-slug/provider-model-id`, unique."""
    model_id: int | None
    provider: Provider
    provider_model_id: str
    name: str | None = None
    variant: tuple[str, ...] = ()
    region: str | None = None
    context_window: int | None = None
    max_output: int | None = None
    input_modalities: tuple[Modality, ...] = ()
    output_modalities: tuple[Modality, ...] = ()
    capabilities: Capabilities = field(default_factory=Capabilities)
    lifecycle: Lifecycle = Lifecycle.UNKNOWN
    deprecated_on: date | None = None
    deprecated_precision: DatePrecision | None = None
    retires_on: date | None = None
    retires_precision: DatePrecision | None = None
    price_basis: PriceBasis = PriceBasis.UNKNOWN
    live: bool = True  # False when it is retired, or when the newest list of its provider no longer has it
    last_seen: date | None = None
    link_method: str | None = None
    link_confidence: Decimal | None = None
    first_party: bool = False  # the provider is the model's own lab


TOKEN_UNITS: tuple[str, ...] = (
    *("input", "output", "cache_read", "cache_write", "cache_write_1h", "reasoning", "audio_in", "audio_out"),
)
"""What is billed per million tokens: `Price` has an amount for each."""


@dataclass(frozen=True, slots=True)
class Price:
    """One dated price sheet of a route for one mode and one context tier.

    Amounts are USD per million tokens (`_mtok`), exact. `above` is the tier's threshold: the sheet bills a request whose
    whole prompt has strictly more tokens; 0 is the base. `other_units` (`image`, `second` …) never enter a token cost.
    """

    id: int
    route_id: int
    mode: PriceMode = PriceMode.STANDARD
    above: int = 0
    valid_from: date | None = None
    valid_from_basis: DateBasis = DateBasis.OBSERVED
    valid_to: date | None = None
    currency: str = "USD"
    input_mtok: Decimal | None = None
    output_mtok: Decimal | None = None
    cache_read_mtok: Decimal | None = None
    cache_write_mtok: Decimal | None = None
    cache_write_1h_mtok: Decimal | None = None
    reasoning_mtok: Decimal | None = None
    audio_in_mtok: Decimal | None = None
    audio_out_mtok: Decimal | None = None
    other_units: Mapping[str, Decimal] = field(default_factory=dict)
    hours: tuple[Hours, ...] = ()  # of the week in which it holds; empty where it always does, or no source says
    source: str = ""
    suspicious: str | None = None
    """Why the amounts look wrong, or None. Always shown; `suspicion.competes` says whether it may win a ranking."""


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A named test in one version: results of different versions never join."""

    id: int
    slug: str
    name: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class BenchmarkResult:
    """One sourced number. `runner` says who ran it (`lab`, `third-party`), `variant` the effort or setting."""

    id: int
    model_id: int
    benchmark: Benchmark
    metric: str
    score: Decimal
    harness: str | None = None
    variant: str | None = None
    runner: str | None = None
    date: PartialDate | None = None
    url: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """A route with the prices that hold now: what a buyer can have."""

    route: Route
    prices: tuple[Price, ...] = ()


class NotLoaded(AssertionError):
    """A rule touched a fact group that its field did not declare: a programming error, never shown to a client."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One model of a comparison, with the fact groups that were asked for. Touching another group raises NotLoaded."""

    model: Model
    loaded_offers: tuple[Offer, ...] | None = None
    loaded_results: tuple[BenchmarkResult, ...] | None = None
    barred: tuple[Offer, ...] = ()
    """What a caller's own terms keep out of the offers, each with the reason (`overrides.Barred`)."""

    @property
    def offers(self) -> tuple[Offer, ...]:
        """All routes of the model, live or not, each with its current prices."""
        if self.loaded_offers is None:
            raise NotLoaded(f"offers of {self.model.slug}")
        return self.loaded_offers

    @property
    def results(self) -> tuple[BenchmarkResult, ...]:
        if self.loaded_results is None:
            raise NotLoaded(f"results of {self.model.slug}")
        return self.loaded_results

    @property
    def live(self) -> tuple[Offer, ...]:
        """Offers whose route is live."""
        return tuple([offer for offer in self.offers if offer.route.live])


@dataclass(frozen=True, slots=True)
class FactRef:
    """Names one fact, so that its evidence can be asked for: `kind` is `model`, `route`, `provider` or `lab`, `id` its
    number, `field` a name of `domain.statements`, such as `context_window`, `capability.VISION` or `price.STANDARD.0.output`."""

    kind: str
    id: int
    field: str


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A decision that cannot be made: a value, not an error. `reason` is machine-readable (`NO_COMPLETE_TOKEN_PRICE`),
    `missing` names the facts that would make it possible."""

    reason: str
    message: str
    missing: tuple[FactRef, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
