"""What a client says about its own terms: prices that it negotiated, providers, regions and API shapes that it may use."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any

import strawberry
from graphql import GraphQLError

from domain import facts
from domain.overrides import NONE, UNITS, Overrides, OwnPrice
from schema.errors import bad_input
from schema.groups import Group
from schema.look import Look
from schema.needs import Need

_MTOK = "USD per million tokens"


@strawberry.input(
    description="What you pay on one route: amounts that take the place of the published ones at standard mode, or a percentage off "
    "all its published token prices. One of the two."
)
class OwnPriceInput:
    route: str = strawberry.field(
        description="The key of the route, `provider/provider's model id`. A cost that rests on your price says so in its notes; a "
        "route that plays no part in the answer changes nothing."
    )
    input: Decimal | None = strawberry.field(default=None, description=f"{_MTOK} of prompt.")
    output: Decimal | None = strawberry.field(default=None, description=f"{_MTOK} of answer.")
    cache_read: Decimal | None = strawberry.field(default=None, description=f"{_MTOK} of prompt that a cache serves.")
    cache_write: Decimal | None = strawberry.field(
        default=None, description=f"{_MTOK} that are written to a cache for five minutes."
    )
    cache_write_1h: Decimal | None = strawberry.field(
        default=None, description=f"{_MTOK} that are written to a cache for an hour.", name="cacheWrite1h"
    )
    reasoning: Decimal | None = strawberry.field(default=None, description=f"{_MTOK} of thinking.")
    percent_off: Decimal | None = strawberry.field(
        default=None, description="So many percent less than published, in every mode: above 0 and below 100."
    )

    def of(self) -> OwnPrice:
        """Raises ValueError for what no price can be."""
        amounts = tuple((unit, amount) for unit in UNITS if (amount := getattr(self, unit)) is not None)
        return OwnPrice(self.route, amounts, self.percent_off)


@strawberry.input(
    description="Your own terms. They are part of this question only: they change its costs, and nothing of them is stored. A route "
    "key, provider or region that nothing in the catalogue has is refused with UNKNOWN_OVERRIDE."
)
class OverridesInput:
    prices: list[OwnPriceInput] | None = strawberry.field(default=None, description="What you pay, route by route.")
    exclude_providers: list[str] | None = strawberry.field(
        default=None, description="Providers that you may not use, by slug, such as `openrouter`."
    )
    region: str | None = strawberry.field(
        default=None,
        description="Only routes that are known to serve from there, such as `eu`; most providers tell no region, and theirs do not "
        "compete then.",
    )
    api_shapes: list[facts.ApiShape] | None = strawberry.field(
        default=None,
        description="Only providers that are known to speak one of these, as their own format or besides it.",
    )

    def of(self) -> Overrides:
        """Raises GraphQLError BAD_USER_INPUT for terms that cannot be."""
        try:
            return Overrides(
                tuple(each.of() for each in self.prices or ()),
                tuple(dict.fromkeys(self.exclude_providers or ())),
                self.region,
                tuple(dict.fromkeys(self.api_shapes or ())),
            )
        except ValueError as error:
            raise bad_input(error) from None


def own_terms(given: OverridesInput | None) -> Overrides:
    """The terms that are given, else none. Raises GraphQLError BAD_USER_INPUT."""
    return NONE if given is None else given.of()


def overrides_given(seen: Look, given: OverridesInput | None) -> Overrides:
    """The same. Raises GraphQLError UNKNOWN_OVERRIDE where they name something that the catalogue does not have."""
    terms = own_terms(given)
    if terms and (unmatched := seen.get(Group.TERMS, terms)):
        named = {"routes": unmatched.routes, "providers": unmatched.providers, "region": unmatched.region}
        raise GraphQLError(str(unmatched), extensions={"code": "UNKNOWN_OVERRIDE", **named})
    return terms


def _asked(_: Any, given: Mapping[str, Any]) -> Iterable[Overrides]:
    return filter(None, [own_terms(given.get("overrides"))])


TERMS = Need(Group.TERMS, _asked)
"""What a field with own terms needs beside its facts."""


OverridesArgument = Annotated[
    OverridesInput | None,
    strawberry.argument(
        description="Your own terms: negotiated prices, and what you may not use. Without them the published prices."
    ),
]
