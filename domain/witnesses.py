"""The third witness: what a listing says besides its id and its name, where these two mean different models.

Its release day, its context window and its price each side with one of the two models or with none. Those that side with one
must agree, because a wrong merge is worse than a missing link.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol, TypeAlias, TypeVar

PROVIDERS = 3
"""What so many other providers of a model say can be usual; fewer may have copied one mistake."""
RARE = Decimal("0.1")
"""What at most this share of a model's providers say is not the model's."""
SAME = Decimal("1.05")
"""Values up to this factor apart are one: rounded prices, and 1,000,000 for 1,048,576 tokens."""
NEAR = Decimal("1.25")
"""Values up to this factor apart may be one: surcharges of regions, discounts of resellers."""

Amounts: TypeAlias = tuple[int | Decimal, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a provider's listing asks and allows. `context` in tokens, `input` and `output` in USD per million tokens at the
    standard price of the smallest prompt; None where it does not say."""

    provider: str
    context: int | None = None
    input: Decimal | None = None
    output: Decimal | None = None

    def window(self) -> Amounts:
        """The context window to compare; empty where nothing is said."""
        return (self.context,) if self.context else ()

    def price(self) -> Amounts:
        """The prices to compare, input first; empty where nothing is said. What is given away has no price to compare."""
        return tuple(amount for amount in (self.input, self.output) if amount) if self.input else ()


class Known(Protocol):
    """What is known of a model: the release days that its lab gives, and the terms of its listings."""

    @property
    def released(self) -> tuple[date, ...]: ...

    @property
    def listed(self) -> frozenset[Terms]: ...


Candidate = TypeVar("Candidate", bound=Known)


def fitting(
    terms: Terms, released: date | None, one: Candidate, other: Candidate
) -> tuple[Candidate, tuple[str, ...]] | None:
    """Which of two models a listing fits, with what shows it; None where nothing shows it or the witnesses contradict each other.

    The release day sides with the one of the two whose lab gives that day. The context window, and the price, side with the
    model at which they are usual and not with the other, at which they are rare. Usual: more than half of the other
    providers that list the model say the same. Rare: at most a tenth of them say anything near. Where fewer than three
    say something, nothing is usual or rare. Of prices those are compared that both listings give.
    """
    sides = (
        (_side_of_day(released, one, other), f"Released {released}, as the model is."),
        (_side(terms, Terms.window, one, other), f"A context window of {terms.context} tokens is usual for the model."),
        (_side(terms, Terms.price, one, other), f"A price of {_said(terms.price())} is usual for the model."),
    )
    taken = [(side, why) for side, why in sides if side is not None]
    if not taken or any(side is not taken[0][0] for side, _ in taken):
        return None
    return taken[0][0], tuple(why for _, why in taken)


def _side_of_day(released: date | None, one: Candidate, other: Candidate) -> Candidate | None:
    fit = [known for known in (one, other) if released in known.released]
    return fit[0] if len(fit) == 1 else None


def _side(terms: Terms, said: Callable[[Terms], Amounts], one: Candidate, other: Candidate) -> Candidate | None:
    mine = said(terms)
    if not mine:
        return None
    for this, that in ((one, other), (other, one)):
        usual, rare = (
            _share(
                mine, ((each.provider, said(each)) for each in known.listed if each.provider != terms.provider), factor
            )
            for known, factor in ((this, SAME), (that, NEAR))
        )
        if usual is not None and rare is not None and usual > Decimal("0.5") and rare <= RARE:
            return this
    return None


def _share(mine: Amounts, listed: Iterable[tuple[str, Amounts]], factor: Decimal) -> Decimal | None:
    """The share of the providers of which a listing says the same up to the factor; None where too few say anything."""
    agree: dict[str, bool] = {}
    for provider, amounts in listed:
        if amounts:
            within = all(max(pair) <= min(pair) * factor for pair in zip(mine, amounts, strict=False))
            agree[provider] = agree.get(provider, False) or within
    return Decimal(sum(agree.values())) / len(agree) if len(agree) >= PROVIDERS else None


def _said(price: Amounts) -> str:
    return " and ".join(f"${amount:f}" for amount in price)
