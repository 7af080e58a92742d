"""Benchmark results side by side, as GraphQL shows them: rows that may be compared, and pairs that may not, with what blocks them."""

from __future__ import annotations

from typing import Any

import strawberry

from schema.catalog import BenchmarkResult, Model, one_model, several_models
from schema.decisions import named
from schema.evidence import Fact, Rule
from schema.groups import Group
from schema.look import Look
from schema.needs import needs
from schema.recording import record_field
from schema.rules import USED, rule_field


def _results(seen: Look, model: Any, _: Any) -> Any:
    """In the plan, a result of a decision stands for every result of the model."""
    return seen.get(Group.RESULTS, model.id) or ()


@strawberry.type(description="What one model scored in a row of benchmark results.")
class BenchmarkCell:
    model: Model = one_model("model", "The model that was measured.")
    result: BenchmarkResult = strawberry.field(
        description="Its score with the conditions and the source.", metadata=needs(to=_results)
    )


@strawberry.type(
    description="Results that may be compared: same benchmark, version, metric, harness, setting and kind of runner."
)
class BenchmarkRow:
    benchmark: str = strawberry.field(description="Stable short name of the benchmark.")
    name: str = strawberry.field(description="The benchmark's name as it is shown.")
    version: str | None = strawberry.field(description="Its version; null where no source says.")
    metric: str = strawberry.field(description="The unit of the scores, such as percent of tasks solved.")
    harness: str | None = strawberry.field(description="The program that ran it; null is unknown.")
    variant: str | None = strawberry.field(description="Effort or setting; null is unknown.")
    runner: str | None = strawberry.field(description="Kind of runner; null is unknown.")
    less_is_better: bool = strawberry.field(description="Whether the lower score leads.")
    leaders: list[Model] = several_models("leaders", "Who leads; empty where nobody does.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()

    @strawberry.field(description="The score of every model that has one.")
    def cells(self: Any) -> list[BenchmarkCell]:
        return [named(model=slug, result=result) for slug, result in self.results.items()]


@strawberry.type(description="Two results of one benchmark that must not be compared.")
class RefusedPair:
    benchmark: str = strawberry.field(
        description="Stable short name of the first result's benchmark, which has its version; that of the second is another where the "
        "version differs."
    )
    name: str = strawberry.field(description="The benchmark's name as it is shown.")
    first: Model = one_model("first", "The model of the first result.")
    second: Model = one_model("second", "The model of the second result.")
    first_result: BenchmarkResult = strawberry.field(
        description="The result of the first model.", metadata=needs(to=_results)
    )
    second_result: BenchmarkResult = strawberry.field(
        description="The result of the second model.", metadata=needs(to=_results)
    )
    blocked_by: list[str] = strawberry.field(description="The conditions that differ or are not stated.")
    rule: Rule = rule_field()


@strawberry.type(description="Benchmark results side by side, as far as they can be.")
class SharedBenchmarks:
    rows: list[BenchmarkRow] = strawberry.field(description="Results that may be compared.")
    refused: list[RefusedPair] = strawberry.field(description="Results that may not, and what blocks them.")
    sentence: str = strawberry.field(description="What the rows show, in a sentence.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()
    record: str = record_field()
