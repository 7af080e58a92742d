"""What a bill of a month is made of, and why there is none: the types below the catalogue."""

from __future__ import annotations

from decimal import Decimal

import strawberry

from domain import eligible, facts
from schema.evidence import Fact, Rule
from schema.ids import is_a
from schema.rules import USED, rule_field
from schema.scalars import BigInt


@strawberry.type(description="Requests of one shape in a month. Token counts are per request and do not overlap.")
class RequestClass:
    name: str = strawberry.field(description="What these requests stand for, such as `question`.")
    requests: BigInt = strawberry.field(description="How many of these requests a month has.")
    input: int = strawberry.field(description="Tokens of the prompt that no cache serves.")
    cached_input: int = strawberry.field(description="Tokens of the prompt that a cache serves.")
    cache_write: int = strawberry.field(
        description="Tokens of the prompt that are written to a cache that keeps them for five minutes."
    )
    cache_write_1h: int = strawberry.field(
        description="Tokens of the prompt that are written to a cache that keeps them for an hour.", name="cacheWrite1h"
    )
    output: int = strawberry.field(description="Tokens of the visible answer.")
    reasoning: int = strawberry.field(description="Tokens of thinking, on top of the visible answer.")
    batch_share: Decimal = strawberry.field(
        description="Share of the requests that may wait, for a batch or for off-peak hours, 0 to 1."
    )
    peak_share: Decimal = strawberry.field(description="Share of the requests in peak hours, 0 to 1.")
    retries: Decimal = strawberry.field(description="Share of the requests that are sent again, and billed again.")


@strawberry.type(description="A workload: a month of use, as requests with their token counts.")
class Workload:
    name: str = strawberry.field(description="The preset's name, or `your own workload`.")
    classes: list[RequestClass] = strawberry.field(description="What is sent, shape by shape.")
    context_need: int = strawberry.field(description="Tokens of the largest request, prompt and answer together.")
    output_need: int = strawberry.field(description="The most tokens that one request generates.")


@strawberry.type(description="One line of a monthly bill: tokens of one kind times their price.")
class CostLine:
    request_class: str = strawberry.field(description="Name of the requests that it bills.")
    unit: str = strawberry.field(description="What is billed, such as `input` or `cache_read`.")
    price_unit: str = strawberry.field(
        description="Whose price bills it: another unit where the sheet has none of its own."
    )
    tokens: Decimal = strawberry.field(description="How many tokens of this kind the month has.")
    mode: facts.PriceMode = strawberry.field(description="The service level that the price is for.")
    above: int = strawberry.field(description="Context tier of the price: 0 is the base.")
    price_mtok: Decimal = strawberry.field(description="The price in USD per million tokens.")
    amount: Decimal = strawberry.field(description="USD in a month, exact and not rounded.")


@strawberry.type(description="A decision that cannot be made for want of facts: a value, not an error.")
class Unavailable:
    reason: str = strawberry.field(description="Machine-readable, such as `NO_COMPLETE_TOKEN_PRICE`.")
    message: str = strawberry.field(description="The reason in words, ready to show.")
    missing: list[Fact] = strawberry.field(description="The facts that would make it possible.")
    low: Decimal | None = strawberry.field(
        description="It would be at least so many USD; null where that is not known."
    )
    high: Decimal | None = strawberry.field(description="It would be at most so many USD; null where not known.")

    is_type_of = is_a(facts.Unavailable)


@strawberry.type(description="A route that does not compete for this workload.")
class Ineligible:
    reason: str = strawberry.field(
        description="NOT_LIVE, NO_TEXT_OUTPUT, FREE, INCLUDED, TRIAL, LOCAL, BATCH_ONLY, CONTEXT_TOO_SMALL or OUTPUT_LIMIT_TOO_SMALL; under "
        "your own terms also PROVIDER_EXCLUDED, OTHER_REGION, REGION_UNKNOWN, OTHER_API_SHAPE or API_SHAPE_UNKNOWN."
    )
    message: str = strawberry.field(description="The reason in words, ready to show.")
    used: list[Fact] = strawberry.field(description=USED)
    rule: Rule = rule_field()

    is_type_of = is_a(eligible.Ineligible)
