"""Where facts come from, as GraphQL shows it: sources, documents, statements, and for every fact who agrees and who does not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import strawberry

from domain import provenance, rules
from domain.facts import TOKEN_UNITS, ApiShape, CapabilityKind, Model, Route
from domain.statements import LAB_FIELDS, LICENSE_FIELDS, MODEL_FIELDS, PROVIDER_FIELDS, ROUTE_FIELDS
from domain.wording import label
from schema.enums import described
from schema.groups import Group
from schema.ids import encode, is_a
from schema.look import Info, look
from schema.needs import Need, needs
from schema.node import Node
from schema.paging import Few, page_size
from schema.scalars import Value

_MEANING: Mapping[str, str] = {
    "name": "The name under which it is shown.",
    "lab": "The lab that made it.",
    "family": "The family that it belongs to, such as Llama.",
    "task": "The task that it is made for.",
    "released": "The day, month or year of its release.",
    "knowledge_cutoff": "How far its training data reaches.",
    "context_window": "Tokens of prompt and answer together.",
    "max_output": "How many tokens one answer may have.",
    "parameters_total": "How many parameters it has in total.",
    "parameters_active": "Number of parameters that work on one token.",
    "architecture": "Dense, or a mixture of experts.",
    "license": "The licence of its weights.",
    "open_weights": "Whether the weights can be downloaded.",
    "openness": "Open source, open weights or proprietary.",
    "commercial_use": "Whether you may earn money with it.",
    "input_modalities": "The kinds of content that it takes as input.",
    "output_modalities": "The kinds of content that it gives as output.",
    "lifecycle": "Whether it is a preview, available, deprecated or retired.",
    "deprecated_on": "From which day it is advised against.",
    "retires_on": "The day on which it is shut down.",
    "successor.DROP_IN": "What takes its place behind the same API, as its maker says.",
    "successor.OPTION": "What is suggested instead of it.",
    "weights_url": "The address at which its weights can be downloaded.",
    "last_reviewed": "When somebody last reviewed the entry.",
    "price_basis": "Metered, free, included in a plan, trial or local.",
    "spdx": "Its identifier in the SPDX licence list.",
    "osi_approved": "Whether the Open Source Initiative approved it.",
    "url": "The address of its page on the web.",
    "kind": "What kind of business it is: lab, cloud, host, aggregator and so on.",
    "api_shape": "The wire format of its endpoint.",
    "base_url": "The base address of its API.",
    "docs_url": "Address of its documentation.",
    "sdk_package": "The package that speaks to it.",
    "credentials": "Environment variables that hold its credentials.",
    "group": "The company behind several entries.",
    **{
        f"endpoint.{shape}": f"The address at which it speaks {label(shape)} besides its own format."
        for shape in ApiShape
        if shape not in (ApiShape.OTHER, ApiShape.UNKNOWN)
    },
}
_HIDDEN = ("max_input", "base_model")
"""Evidence for other facts, not facts to show."""
_CAPABILITY_FIELDS = {f"CAPABILITY_{kind}": f"capability.{kind}" for kind in CapabilityKind}


def _fields(name: str, fields: tuple[str, ...], description: str, *, capabilities: bool) -> Any:
    shown = {field.upper().replace(".", "_"): field for field in fields if field not in _HIDDEN}
    kind = StrEnum(name, {**shown, **(_CAPABILITY_FIELDS if capabilities else {})})  # type: ignore[misc]
    values = {key: _MEANING[field] for key, field in shown.items()}
    if capabilities:
        values |= {key: f"Whether it has the capability {key[11:]}." for key in _CAPABILITY_FIELDS}
    described(kind, description, values)
    return kind


ModelFact: Any = _fields("ModelFact", MODEL_FIELDS, "A fact about a model that sources state.", capabilities=True)
RouteFact: Any = _fields("RouteFact", ROUTE_FIELDS, "A fact about a route that sources state.", capabilities=True)
ProviderFact: Any = _fields(
    "ProviderFact", PROVIDER_FIELDS, "A fact about a provider that sources state.", capabilities=False
)
LabFact: Any = _fields("LabFact", LAB_FIELDS, "A fact about a lab that sources state.", capabilities=False)
LicenseFact: Any = _fields(
    "LicenseFact", LICENSE_FIELDS, "A fact about a licence that sources state.", capabilities=False
)
PriceUnit: Any = StrEnum("PriceUnit", {unit.upper(): unit for unit in TOKEN_UNITS})  # type: ignore[misc]
described(
    PriceUnit,
    "What a price is for, always per million tokens.",
    {
        "INPUT": "Tokens of the prompt that no cache serves.",
        "OUTPUT": "Tokens that the model writes as its answer.",
        "CACHE_READ": "Tokens of the prompt that a cache serves.",
        "CACHE_WRITE": "Tokens of the prompt that are written to a cache for some minutes.",
        "CACHE_WRITE_1H": "Tokens of the prompt that are written to a cache for an hour.",
        "REASONING": "Tokens of thinking, where they have a price of their own.",
        "AUDIO_IN": "Tokens of audio in the prompt.",
        "AUDIO_OUT": "Tokens of audio that come out.",
    },
)


@strawberry.type(
    description="A published rule: how something is decided. Its text stands beside the code that does it."
)
class Rule:
    id: str = strawberry.field(description="Stable id, such as `cost.cheapest`.")
    title: str = strawberry.field(description="What the rule decides, in a few words.")
    text: str = strawberry.field(description="The rule in words, with its thresholds.")
    reference: str = strawberry.field(description="Where in our documentation it is explained.")


def rule_of(id_: str) -> Any:
    """The published rule of an id; it has the fields of `Rule`."""
    return rules.registry()[id_]


@strawberry.type(
    description="Who publishes facts. Sources of one lineage copy from each other and count as one witness."
)
class Source(Node):
    name: str = strawberry.field(description="The name under which it is shown.")
    lineage: str = strawberry.field(description="Sources of one lineage count as one witness.")
    url: str | None = strawberry.field(description="Its address; null where it has none.")
    license: str | None = strawberry.field(description="Licence of its data: an SPDX expression, or `none stated`.")
    last_checked_at: datetime | None = strawberry.field(
        description="When it last answered us, with a newer document or without; null where only a packaged copy is known."
    )
    retrieved_at: datetime | None = strawberry.field(description="When we obtained its newest document.")
    document_date: date | None = strawberry.field(description="Day of that document by its own account.")
    failed_at: datetime | None = strawberry.field(
        description="When the last attempt to get a newer document failed; null where the last attempt did not fail."
    )
    failure: str | None = strawberry.field(
        description="Why it failed, or why its document is held back. What the source said before stands, with its dates."
    )

    @strawberry.field(description="Opaque id of this object; `node(id:)` finds it again.")
    def id(self: Any) -> strawberry.ID:
        return encode("Source", self.id)

    @strawberry.field(description="Short name, as a lens takes it: `models.dev`, `reference-page` …")
    def key(self: Any) -> str:
        return self.id

    is_type_of = is_a(provenance.Source)


@strawberry.type(description="One document that we obtained from a source.")
class Document:
    place: str = strawberry.field(description="Its address, file, or package with version.")
    retrieved_at: datetime = strawberry.field(description="When we obtained the document.")
    document_date: date | None = strawberry.field(description="Its day by its own account; null where it gives none.")
    sha256: str = strawberry.field(description="SHA-256 of the document as it came.")


@strawberry.type(description="What one document says about one field of one thing.")
class Statement:
    source: Source = strawberry.field(description="The source that says so.")
    document: Document = strawberry.field(description="The first document in which it says so.")
    locator: str = strawberry.field(description="The place in that document: a JSON pointer, or file and entry.")
    subject: str = strawberry.field(description="What the source calls the thing.")
    recorded_at: datetime = strawberry.field(description="When this service recorded it.")
    read_on: date | None = strawberry.field(
        description="When somebody read the reference; null for automatic catalogues."
    )
    as_written: str | None = strawberry.field(description="The words of the reference; null for automatic catalogues.")

    @strawberry.field(description="Name of the field, such as `context_window` or `price.STANDARD.0.output`.")
    def field(self: Any) -> str:
        return self.claim.field

    @strawberry.field(description="The value that the source states for the field.")
    def value(self: Any) -> Value:
        return self.claim.value

    @strawberry.field(description="Day of the newest document that still says so.")
    def observed_on(self: Any) -> date | None:
        return self.claim.observed_on

    @strawberry.field(description="Day of the first document that said so.")
    def since(self: Any) -> date | None:
        return self.claim.since

    @strawberry.field(description="Day from which the source no longer says so; null where it still does.")
    def until(self: Any) -> date | None:
        return self.claim.until

    @strawberry.field(description="First day on which the value holds, where the source names it.")
    def valid_from(self: Any) -> date | None:
        return self.claim.valid_from

    @strawberry.field(description="First day on which the value no longer holds, where the source names it.")
    def valid_to(self: Any) -> date | None:
        return self.claim.valid_to

    @strawberry.field(description="The reference of this value, where it has one of its own.")
    def reference_url(self: Any) -> str | None:
        return self.claim.url


_OF = "Which one: the slug of a model, provider or lab, the key of a route or licence."
_KIND = "What the fact is about: `model`, `route`, `provider`, `lab` or `license`; `override`: a price of your own, which no source says."


@strawberry.type(description="Why a fact is what it is: the accepted value, the rule, who agrees and who does not.")
class Evidence:
    source: str | None = strawberry.field(
        description="Short name of the source whose value was accepted; null where nobody states it and it follows by the rule."
    )

    @strawberry.field(
        description="Statements of the accepted value, of a date also less exactly, those of the accepted source first; where no statement has it, those of what "
        "it follows from by the rule."
    )
    def agreeing(self: Any, first: Few = 20) -> list[Statement]:
        return self.agreeing[: page_size(first)]

    @strawberry.field(description="How many statements have the accepted value.")
    def agreeing_count(self: Any) -> int:
        return len(self.agreeing)

    @strawberry.field(description="Statements of another value, the latest of each lineage.")
    def dissenting(self: Any, first: Few = 20) -> list[Statement]:
        return self.dissenting[: page_size(first)]

    @strawberry.field(description="How many statements have another value.")
    def dissenting_count(self: Any) -> int:
        return len(self.dissenting)

    @strawberry.field(description="Name of the field whose statements decide; a fact may follow from another one.")
    def field(self: Any) -> str:
        return self.fact.field

    @strawberry.field(
        description="The accepted value as the source has it; null where a rule shows nothing although sources state something."
    )
    def value(self: Any) -> Value | None:
        return self.value

    @strawberry.field(description="The rule by which it was accepted.")
    def rule(self: Any) -> Rule:
        return rule_of(self.rule)

    @strawberry.field(description=_KIND)
    def kind(self: Any) -> str:
        return self.fact.kind

    @strawberry.field(description=_OF)
    def of(self: Any, info: Info) -> str | None:
        return info.context.name_of(self.fact)


def _testifying(parent: Model | Route) -> tuple[int, ...]:
    """Whose testimony has the facts of a decision about a model, or about a route: the model's, where it is known."""
    model = parent.model_id if isinstance(parent, Route) else parent.id
    return () if model is None else (model,)


@strawberry.type(description="Names one fact that a decision used. Its evidence leads to the documents.")
class Fact:
    kind: str = strawberry.field(description=_KIND)
    field: str = strawberry.field(
        description="Name of the field, such as `context_window` or `price.STANDARD.0.output`."
    )

    @strawberry.field(description=_OF)
    def of(self: Any, info: Info) -> str | None:
        return info.context.name_of(self)

    @strawberry.field(
        description="Who says so and who does not; null where no source says.",
        metadata=needs(
            Need(Group.TESTIMONY, lambda parent, _: _testifying(parent)),
            Need(Group.ROUTE_TESTIMONY, lambda parent, _: () if _testifying(parent) else (parent.id,)),
            one_of=True,
        ),
    )
    def evidence(self: Any, info: Info) -> Evidence | None:
        return look(info).evidence(self)


@strawberry.type(description="One sentence with the facts behind it.")
class Sentence:
    text: str = strawberry.field(description="The sentence as it is read.")
    used: list[Fact] = strawberry.field(description="The facts that it rests on, those that are missing included.")
