"""A comparison, section by section. A section declares what it needs and asks one rule; what is not selected costs nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import (
    benchmarks,
    cells,
    facts,
    faq,
    flips,
    neighbours,
    prose,
    rules,
    shown,
    tradeoffs,
)
from domain.lens import DEFAULT, Lens, lens_of
from domain.overrides import NONE, Overrides, overrides_of
from domain.plain_json import read_json
from domain.scorecard import SignalKey
from domain.verdict import chosen_weights
from domain.workload import Workload as Month
from schema.benchmarks import SharedBenchmarks
from schema.case import Case, Pending
from schema.catalog import Model, MonthlyCostResult
from schema.costs import Workload
from schema.decisions import (
    Comparability,
    ContinueComparing,
    CostDeltaResult,
    Faq,
    Flip,
    Paragraph,
    Pricing,
    Row,
    SwitchFriction,
    Tradeoff,
    Verdict,
    named,
)
from schema.errors import bad_comparison
from schema.evidence import Evidence, Source
from schema.groups import ALL, Group
from schema.ids import decode, encode, is_a, read_ref
from schema.look import Info, Look, look
from schema.needs import Need, needs, of_parent
from schema.node import Node
from schema.paging import MOST as MOST_LISTED
from schema.paging import page_size
from schema.posed import cost_of
from schema.questions import weights_said
from schema.scorecard import Scorecard
from schema.workloads import workload_key, workload_of_key

FEWEST, MOST = 2, 10

_OF = of_parent(facts.Model)
_OFFERS = Need(Group.OFFERS, _OF)
_RESULTS = Need(Group.RESULTS, _OF)
_TESTIMONY = Need(Group.TESTIMONY, _OF)


def ref_of(text: str) -> str:
    """What a ref is looked up as: the slug of an id, else the text as it is. Raises GraphQLError BAD_REF."""
    return read_ref(text, "Model")[1]


def unknown_model(ref: str, lens: Lens) -> GraphQLError:
    """The error of a ref that names no model, or several."""
    where = "" if lens.is_default else f" {lens}"
    return GraphQLError(
        f"No model is known as {ref[:80]!r}{where}, or several are. `resolve(ref:)` says what it may mean; `models(where: "
        "{text:})` searches.",
        extensions={"code": "UNKNOWN_MODEL", "ref": ref[:200]},
    )


@dataclass(frozen=True, slots=True)
class Question:
    """What is compared, and how. `refs` are as the caller wrote them."""

    refs: tuple[str, ...]
    workload: Month
    weights: Mapping[SignalKey, int] | None = None
    lens: Lens = DEFAULT
    overrides: Overrides = NONE

    def key(self, slugs: Sequence[str]) -> str:
        """A short text from which `question_of` makes the same question."""
        weights = {key.value: weight for key, weight in (self.weights or {}).items()}
        asked = [list(slugs), workload_key(self.workload), weights, self.lens.key]
        asked += [self.overrides.key] if self.overrides else []
        return json.dumps(asked, separators=(",", ":"))


def question_of(id_: str) -> Question:
    """The question that the id of a comparison names. Raises GraphQLError BAD_ID."""
    kind, key = decode(id_)
    try:
        refs, workload, weights, through, *terms = read_json(key)
        if len(terms) > 1 or not all(isinstance(each, str) for each in (workload, through, *refs, *terms)):
            raise ValueError
        month = workload_of_key(workload)
        own = weights_said(weights) or None
        chosen_weights(own)
        question = Question(tuple(refs), month, own, lens_of(through), overrides_of("".join(terms)))
        if kind != "Comparison" or encode(kind, question.key(refs)) != id_ or not FEWEST <= len(set(refs)) <= MOST:
            raise ValueError
        asked_models(question)
    except (ValueError, TypeError, ArithmeticError, GraphQLError):
        raise GraphQLError(f"{id_[:80]!r} is not the id of a comparison.", extensions={"code": "BAD_ID"}) from None
    return question


def asked_models(question: Question) -> tuple[str, ...]:
    """The keys of the models to read."""
    return tuple(ref_of(ref) for ref in question.refs)


def compared(seen: Look, question: Question) -> Case:
    """The comparison that was asked for. Raises GraphQLError BAD_COMPARISON, BAD_REF or UNKNOWN_MODEL."""
    if not FEWEST <= len(question.refs) <= MOST:
        raise bad_comparison(f"A comparison has {FEWEST} to {MOST} models, not {len(question.refs)}.")
    models: dict[str, facts.Model] = {}
    for ref, key in zip(question.refs, asked_models(question), strict=True):
        model = seen.get(Group.MODELS, key)
        if model is None:
            raise unknown_model(ref, seen.lens)
        if model.slug in models:
            raise bad_comparison(f"{ref[:80]!r} is {model.slug} again; a model is not compared with itself.")
        models[model.slug] = model
    return Case(
        seen,
        tuple(models.values()),
        question.workload,
        question.weights,
        question.key(list(models)),
        question.overrides,
    )


@strawberry.type(description="How many there are of something.")
class Count:
    kind: str = strawberry.field(description="What is counted: `models`, `routes`, `prices` and so on.")
    number: int = strawberry.field(description="How many of them the catalogue holds.")


@strawberry.type(description="One accepted state of the whole catalogue.")
class CatalogRevision:
    digest: str = strawberry.field(description="SHA-256 over everything that is accepted.")
    created_at: datetime = strawberry.field(description="When this state of the catalogue was accepted.")
    rules_version: str = strawberry.field(description="Version of the rules that accepted it.")

    @strawberry.field(description="Number of the revision; it counts up with every change of the catalogue.")
    def revision(self: Any) -> int:
        return self.number

    @strawberry.field(description="How many things of each kind the catalogue holds.")
    def counts(self: Any) -> list[Count]:
        return [Count(kind=kind, number=number) for kind, number in self.counts.items()]

    @strawberry.field(
        description="Who publishes the facts, and how fresh each is: when its document was obtained, when we last looked.",
        metadata=needs(Need(Group.SOURCES, lambda *_: (ALL,))),
    )
    def sources(self: Any, info: Info) -> list[Source]:
        return look(info).get(Group.SOURCES, ALL)


@strawberry.type(description="Where a comparison comes from.")
class Provenance:
    @strawberry.field(description="The earliest day on which one of the models was last reviewed; null: nobody did.")
    def last_reviewed(self: Any) -> date | None:
        return min((model.last_reviewed for model in self.models if model.last_reviewed), default=None)

    @strawberry.field(
        description="The state of the catalogue that answers.",
        metadata=needs(Need(Group.REVISION, lambda *_: ("",))),
    )
    def catalog(self: Any, info: Info) -> CatalogRevision | None:
        return look(info).get(Group.REVISION, "")

    @strawberry.field(description="Version of the rules that decided.")
    def rules_version(self: Any) -> str:
        return rules.RULES_VERSION

    @strawberry.field(
        description="Everybody who says something about one of the models, with licence and date.",
        metadata=needs(_TESTIMONY),
    )
    def sources(self: Any, info: Info) -> list[Source]:
        said = (look(info).get(Group.TESTIMONY, model.id) for model in self.models)
        return sorted({source for each in said for source in each.sources}, key=lambda source: source.id)

    @strawberry.field(
        description="Every fact of the models on which independent sources disagree.", metadata=needs(_TESTIMONY)
    )
    def disputes(self: Any, info: Info) -> list[Evidence]:
        seen: Any = look(info)
        found: list[Any] = []
        for model in self.models:
            found += shown.disputes_of(model, seen.get(Group.TESTIMONY, model.id).contested())
        return found


@strawberry.type(
    description="Models side by side, in the order asked, decided by published rules. Every section is computed only when you "
    "select it."
)
class Comparison(Node):
    workload: Workload = strawberry.field(description="The month of use behind costs, verdict and frictions.")

    is_type_of = is_a(Case)

    @strawberry.field(description="Opaque id: the same question has the same id. `node` asks it again.")
    def id(self: Any) -> strawberry.ID:
        return encode("Comparison", self.key)

    @strawberry.field(description="The models in the order asked.")
    def models(self: Any) -> list[Model]:
        return self.models

    @strawberry.field(description="Who is compared: facts as prose.")
    def intro(self: Any) -> Paragraph:
        return prose.intro(self.models)

    @strawberry.field(description="Whether comparing them means anything. Look here first.", metadata=needs(_OFFERS))
    def comparability(self: Any) -> Comparability:
        return self.compared.comparability

    @strawberry.field(description="The safer pick, or undecided, with every argument for and against.")
    def verdict(self: Any) -> Verdict:
        return Pending(self)

    @strawberry.field(
        description="The verdict in words, with when to choose which of the others.", metadata=needs(_OFFERS, _RESULTS)
    )
    def verdict_prose(self: Any) -> Paragraph:
        return prose.verdict_prose(self.verdict)

    @strawberry.field(
        description="The smallest change of each input that changes who is cheapest or who wins.",
        metadata=needs(_OFFERS, _RESULTS),
    )
    def flips(self: Any) -> list[Flip]:
        by_use = flips.cheapest_flips(self.contenders, self.workload, compared=self.compared)
        return by_use + flips.weight_flips(self.contenders, self.workload, self.weights, compared=self.compared)

    @strawberry.field(description="The models side by side, row by row.")
    def scorecard(self: Any) -> Scorecard:
        return self

    @strawberry.field(description="When to choose which model, and why.", metadata=needs(_OFFERS, _RESULTS))
    def tradeoffs(self: Any) -> list[Tradeoff]:
        return tradeoffs.tradeoffs(self.contenders, self.workload, compared=self.compared)

    @strawberry.field(description="What your month costs with each model.", metadata=needs(_OFFERS))
    def monthly_costs(self: Any) -> list[MonthlyCostResult]:
        return [cost_of(found, self.workload, self.overrides, self.look) for found in self.costs.values()]

    @strawberry.field(description="How the costs of every two models differ.", metadata=needs(_OFFERS))
    def cost_deltas(self: Any) -> list[CostDeltaResult]:
        return list(map(self.identified, self.deltas))

    @strawberry.field(
        description="What every switch from one to another would break, cost or win; a switch and its way back differ. Null with "
        "an error where `source` or `target` is not compared here.",
        metadata=needs(_OFFERS),
    )
    def switch_friction(
        self: Any,
        source: Annotated[str | None, strawberry.argument(description="Only from this model: its slug.")] = None,
        target: Annotated[str | None, strawberry.argument(description="Only to this model: its slug.")] = None,
    ) -> list[SwitchFriction] | None:
        slugs = {model.slug for model in self.models}
        for end in (source, target):
            if end is not None and end not in slugs:
                raise bad_comparison(f"{end[:80]!r} is not compared here; write one of {', '.join(sorted(slugs))}.")
        asked = [found for found in self.frictions if source in (None, found.source) and target in (None, found.target)]
        return list(map(self.identified, asked))

    @strawberry.field(description="What they are: release, limits, size, terms.")
    def specs(self: Any) -> list[Row]:
        return cells.specs(self.models, on=self.look.today)

    @strawberry.field(description="What they cost and where they can be had.", metadata=needs(_OFFERS))
    def pricing(self: Any) -> Pricing:
        return named(
            rows=cells.pricing(self.contenders, self.costs),
            availability=[named(model=each.model.slug, providers=cells.providers(each)) for each in self.contenders],
        )

    @strawberry.field(description="What they can do: each Yes, No or not sourced yet.")
    def capabilities(self: Any) -> list[Row]:
        return cells.capabilities(self.models)

    @strawberry.field(
        description="Benchmark results that may be compared, and those that may not.", metadata=needs(_RESULTS)
    )
    def benchmarks(self: Any) -> SharedBenchmarks:
        return self.identified(benchmarks.shared_benchmarks(self.contenders))

    @strawberry.field(description="What differs, subject by subject, as prose.", metadata=needs(_OFFERS, _RESULTS))
    def deep_dive(self: Any) -> list[Paragraph]:
        return prose.deep_dive(self.contenders, self.costs, self.told_frictions)

    @strawberry.field(description="What people ask, answered from the decisions.", metadata=needs(_OFFERS, _RESULTS))
    def faq(self: Any) -> list[Faq]:
        return faq.faq(self.contenders, self.costs, self.told_frictions)

    @strawberry.field(
        description="What to compare each model with next, as all sources know them.",
        metadata=needs(_OFFERS, Need(Group.NEAR, _OF)),
    )
    def continue_comparing(
        self: Any,
        info: Info,
        first: Annotated[
            int, strawberry.argument(description=f"At most so many neighbours for each model, {MOST_LISTED} at most.")
        ] = 6,
    ) -> list[ContinueComparing]:
        seen, slugs = look(info), [model.slug for model in self.models]
        return [
            named(
                model=each.model.slug,
                neighbours=neighbours.neighbours(
                    each, seen.get(Group.NEAR, each.model.id) or (), compared=slugs, limit=page_size(first)
                ),
            )
            for each in self.contenders
        ]

    @strawberry.field(description="Sources, review dates, disputes and versions behind it.")
    def provenance(self: Any) -> Provenance:
        return self
