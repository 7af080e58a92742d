"""What a spelling is taken for, and why: who is who, told to a client."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from schema.catalog import Model


@strawberry.type(description="A spelling under which some source knows a model.")
class Spelling:
    model: Model = strawberry.field(description="The model that the spelling may mean.")
    spelling: str = strawberry.field(description="The spelling as a source writes it.")
    method: str = strawberry.field(description="How we know, such as `EXACT`, `CURATED` or `STRUCTURE`.")
    confidence: Decimal = strawberry.field(description="How sure it is that the model is meant, 0 to 1.")
    reason: str = strawberry.field(description="Why the spelling is taken for the model, in words.")
    rank: int = strawberry.field(description="0 for the best of those that share a spelling.")


@strawberry.type(description="What a spelling is taken for. Unresolved is an answer: then `model` is null.")
class Resolution:
    ref: str = strawberry.field(description="The spelling as you wrote it.")
    model: Model | None = strawberry.field(description="The one model that it means; null: none, or several.")
    candidates: list[Spelling] = strawberry.field(description="Every model that carries it, the best first.")
    suggestions: list[Model] = strawberry.field(
        description="Models with a similar spelling, only where nothing carries it."
    )
