"""What sources say: one statement is one value of one field of one thing, with its place in a document.

Parsers make `Subject`s with `Said` values; ingest stores them as statements; `reconcile` accepts facts from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TypeAlias

Value: TypeAlias = "str | int | bool | list[str] | dict[str, str | int | bool | None]"
"""JSON without floats: money and scores are decimal text, as the document writes them but without exponent."""


class SubjectKind(StrEnum):
    LAB = "lab"
    PROVIDER = "provider"
    MODEL = "model"
    ROUTE = "route"
    LICENSE = "license"


# Fields of a model and, where marked (r), of a route too. A route's value never overwrites its model's.
MODEL_FIELDS: tuple[str, ...] = (
    "name",  # (r) text
    "lab",  # lab as the source spells it
    "family",  # (r) text
    "task",  # (r) a name of facts.Task
    "released",  # (r) PartialDate text
    "knowledge_cutoff",  # (r) PartialDate text
    "context_window",  # (r) int tokens; the whole window
    "max_output",  # (r) int tokens
    "max_input",  # (r) int tokens: a limit on the prompt alone (LiteLLM's max_input_tokens is not the window)
    "parameters_total",  # int count
    "parameters_active",  # int count
    "architecture",  # a name of facts.Architecture
    "license",  # key of ingest/curated/licenses.toml, or the source's text
    "open_weights",  # (r) bool
    "openness",  # a name of facts.Openness
    "commercial_use",  # a name of facts.CommercialUse
    "input_modalities",  # (r) list of names of facts.Modality
    "output_modalities",  # (r)
    "lifecycle",  # (r) a name of facts.Lifecycle
    "deprecated_on",  # (r) announced day: from when its maker or provider advises against it
    "retires_on",  # (r) announced day: shut down
    "successor.DROP_IN",  # list of models as the source spells them: its maker says that they take its place, same API
    "successor.OPTION",  # the same: alternatives to consider
    "weights_url",
    "last_reviewed",  # ISO date
)
ROUTE_FIELDS: tuple[str, ...] = (
    *("name", "family", "task", "released", "knowledge_cutoff", "context_window", "max_output", "open_weights"),
    *("input_modalities", "output_modalities", "lifecycle", "deprecated_on", "retires_on"),
    "max_input",
    "price_basis",  # a name of facts.PriceBasis, only where the source itself says so
    "base_model",  # the model behind the route, as the source names it: evidence for identity, not a fact to show
    "weights_url",  # where the source says that the weights lie: evidence for identity
)
PROVIDER_FIELDS: tuple[str, ...] = (
    *("name", "kind", "api_shape", "base_url", "docs_url", "sdk_package"),
    "credentials",  # list of environment variable names
    "group",  # slug of the company behind several entries
    # the base URL at which it speaks another wire format than its own, named by facts.ApiShape
    *("endpoint.OPENAI_CHAT", "endpoint.OPENAI_RESPONSES", "endpoint.ANTHROPIC_MESSAGES", "endpoint.GOOGLE_GENAI"),
    "endpoint.BEDROCK",
)
LAB_FIELDS: tuple[str, ...] = ("name", "url")
LICENSE_FIELDS: tuple[str, ...] = (
    *("name", "spdx", "url"),
    "osi_approved",  # bool
    "commercial_use",  # a name of facts.CommercialUse: what the licence alone decides
    "openness",  # a name of facts.Openness, likewise
)
# An announced day is written as exactly as it is announced: `2026-10-22`, `2026-10` or `2026`; with `>=` before it where the source
# only says that it does not come earlier: `>=2026-10-22` (`domain.dates.announced` reads it).
# Besides, on models and routes: `capability.<CapabilityKind>` with a bool (absent = unknown);
# on routes: `price.<PriceMode>.<above tokens>.<unit>` with decimal text, USD per million tokens for the units of
# facts.TOKEN_UNITS (in their order), else per that unit: `price.STANDARD.0.per_request`, `.per_page`, `.per_search` …,
# with the direction where the source gives one (`.per_second_in`, `.per_second_out`, `.per_image_out`), and
# `.per_mtok_image_out` … for token kinds that no token cost adds up; another currency as `price.STANDARD.0.input@CNY`;
# `hours.<PriceMode>`, the hours of the week in which the prices of a mode hold: a list of texts in the notation of domain.hours;
# on models: `benchmark.<slug>` with {"score","metric","harness","variant","runner","date","url","name","version"},
# and "cost", the USD that the run took, where a board says.


@dataclass(frozen=True, slots=True)
class Said:
    """One value that a document gives. `locator` is a JSON pointer (or file and line) into the document; `valid_from` only
    where the source names the day from which the value holds; `url` and `read` where the value has a reference of
    its own; `as_written` the words there. A dated history says besides: `observed_from`, the day on which its source first
    saw the value (the change itself may be older), and `valid_to`, the day from which it no longer holds."""

    field: str
    value: Value
    locator: str
    valid_from: date | None = None
    url: str | None = None
    read: date | None = None
    as_written: str | None = None
    observed_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """A thing as a source names it. Routes: `provider` and `id` as the source spells them. Others: `id`."""

    kind: SubjectKind
    id: str
    provider: str | None = None
    name: str | None = None
    said: tuple[Said, ...] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Problem:
    """What a parser dropped or did not understand. `code` groups problems in the report: `unknown-field`, `dropped-row`,
    `bad-value`, `zero-price`, `suspicious-price` … `count` is how often it occurs in the document; the place is the first."""

    code: str
    locator: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a document says. `document_date` is the day of the data as the document itself gives it, if it does."""

    subjects: tuple[Subject, ...]
    problems: tuple[Problem, ...]
    document_date: date | None = None


class BrokenDocument(ValueError):
    """The document is not what its source publishes. Nothing of it is used; the catalogue stays as it was."""
