"""How firmly a verdict stands, as GraphQL shows it: what is not known and could turn it, and what small changes do to it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import strawberry

from domain.robustness import VariedInput
from schema.catalog import Model, one_model
from schema.enums import described
from schema.evidence import Fact, Rule
from schema.look import Info, look
from schema.rules import USED, rule_field

described(
    VariedInput,
    "What is changed to see whether a verdict stays, everything else staying as it is.",
    {
        "WEIGHT": "The weight of one row of the scorecard, by up to half.",
        "OUTPUT_SHARE": "The share of generated tokens, by up to 10 percent points.",
        "CACHED_SHARE": "The share of the prompt that is read from a cache, by up to 10 percent points.",
    },
)


@strawberry.type(
    description="A missing fact that could turn the verdict once a source states it. Nothing is said about what it probably is."
)
class DecisiveUnknown:
    model: Model = one_model("model", "The model of which the fact is missing.")
    fact: Fact = strawberry.field(description="The missing fact.")
    needed: str = strawberry.field(
        description="What it would have to be, such as `a context window of 210,527 tokens or more`."
    )
    values: list[str] = strawberry.field(
        description="Values that give the outcome: members of an enumeration; of a range the lowest and the highest that were "
        "tried; of a price pairs of input and output in USD per million tokens; of a score better, equal or worse than the best."
    )
    sentence: str = strawberry.field(description="All of this object in one sentence, ready to show.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()

    @strawberry.field(description="The safer pick as things are known; null is undecided.")
    def before(self: Any, info: Info) -> Model | None:
        return None if self.before is None else look(info).model(self.before)

    @strawberry.field(description="The safer pick if it were so; null is undecided.")
    def after(self: Any, info: Info) -> Model | None:
        return None if self.after is None else look(info).model(self.after)


@strawberry.type(description="Whether the verdict stays under small changes of one kind.")
class Stability:
    kind: VariedInput = strawberry.field(description="What is changed.")
    tried: int = strawberry.field(description="How many changes were tried.")
    stays: int = strawberry.field(description="After how many of them the verdict is the same.")
    sentence: str = strawberry.field(description="The same in words, with the nearest change that turns it.")


@strawberry.type(
    description="After which part of a published list of small single changes the verdict is the same: a count, no probability."
)
class Robustness:
    tried: int = strawberry.field(description="How many changes were tried; 0 where the models are not comparable.")
    stays: int = strawberry.field(description="After how many of them the verdict, a winner or undecided, is the same.")
    share: Decimal | None = strawberry.field(description="The second divided by the first; null where none was tried.")
    by_kind: list[Stability] = strawberry.field(description="The same for each kind of change.")
    sentence: str = strawberry.field(description="All of it in one sentence.")
    rule: Rule = rule_field()
