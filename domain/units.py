"""How exact numbers are shown: token counts, money, parameters and dates as short text.

Nothing else rounds. Every rule keeps the exact value beside the text made here, and half rounds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache

from domain.facts import PartialDate
from domain.rules import Rule

DISPLAY = Rule(
    "units.display",
    "Rounding is for display only",
    "Amounts are computed exactly and rounded, half up, only in display text: money to whole dollars from $100 on "
    "and to cents below, prices per million tokens to at least two decimals. A difference that is shown is that of "
    "the amounts as they are shown, where both are shown to dollars or both to cents; else it is the exact difference, to whole dollars. "
    "What rounds to nothing and is not is under the last place. Token counts are shown in thousands "
    "(k) when divisible by 1,000, else in 1,024s when divisible by 1,024, else to the nearest thousand, and from "
    "1,000k on as M.",
    "docs/methodology.md#monthly-cost",
)
RULES = (DISPLAY,)

_MOST_PLACES = 6
_EXACT = Context(prec=200, rounding=ROUND_HALF_UP)
"""More digits than any bounded workload times any price can have, so that no product or sum is rounded."""


def exact() -> AbstractContextManager[Context]:
    """Decimal arithmetic inside is exact: the default context would round results to 28 digits."""
    return localcontext(_EXACT)


def plain(value: Decimal) -> str:
    """A decimal as digits without exponent and without trailing zeros: `0.6`, `270`, `1200000`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _rounded(value: Decimal, places: int) -> Decimal:
    """To so many decimals; negative places round to tens, hundreds and so on."""
    with exact():
        return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _significant(value: Decimal, digits: int, least: int = -20) -> Decimal:
    """To so many significant digits, but to no fewer decimals than `least`."""
    return _rounded(value, max(least, digits - 1 - value.adjusted()))


@lru_cache(maxsize=4096)
def display_tokens(count: int) -> str:
    """A token count (rule `units.display`): 256,000 and 262,144 are both `256k`, 1,048,576 is `1M`; below 1,000 as it
    is."""
    if count < 1000:
        return str(count)
    step = 1000 if count % 1000 == 0 or count % 1024 else 1024
    thousands = int(_rounded(Decimal(count) / step, 0))
    if thousands < 1000:
        return f"{thousands}k"
    return f"{plain(_rounded(Decimal(count) / (step * step), 2))}M"


@lru_cache(maxsize=4096)
def display_usd(amount: Decimal) -> str:
    """An amount of US dollars: `$270`, `$1,234,568`, `$2.70`, `under $0.01`. Negative amounts as `-$2.70`."""
    if amount < 0:
        return f"-{display_usd(-amount)}"
    if amount == 0:
        return "$0"
    cents = _rounded(amount, 2)
    if cents == 0:
        return "under $0.01"
    return f"${cents:,}" if cents < 100 else f"${_rounded(amount, 0):,}"


def _usd_places(amount: Decimal) -> int:
    """The decimals that `display_usd` writes."""
    return 2 if abs(_rounded(amount, 2)) < 100 else 0


def display_usd_difference(before: Decimal, after: Decimal) -> str:
    """How two amounts of US dollars differ, without a sign (rule `units.display`): `$10.40` and `$13.10` by `$2.70`, `$1,270` and
    `$1,274` by `$4`, whatever was rounded away; `$40.05` and `$207.50`, shown as `$208`, by `$167`. What rounds to nothing and is
    not is `under $1` or `under $0.01`."""
    one, other = _usd_places(before), _usd_places(after)
    places = min(one, other)
    with exact():
        apart = abs(after - before)
        if one == other:
            apart = abs(_rounded(after, places) - _rounded(before, places))
    apart = _rounded(apart, places)
    if not apart:
        return "$0" if before == after else "under $0.01" if places else "under $1"
    return f"${apart:,}"


def display_price(amount_mtok: Decimal) -> str:
    """A price per million tokens: `$0.60/1M tokens`, `$0.075/1M tokens`. Two decimals, more where a smaller price
    needs them, at most four significant digits."""
    digits = plain(_significant(amount_mtok, 4, least=2)) if amount_mtok else "0"
    whole, _, decimals = digits.partition(".")
    return f"${int(whole):,}.{decimals.ljust(2, '0')}/1M tokens"


def _display_count(count: int) -> str:
    value = _significant(Decimal(count), 3) if count else Decimal(0)
    for size, unit in ((10**12, "T"), (10**9, "B"), (10**6, "M"), (10**3, "K")):
        if value >= size:
            return f"{plain(value / size)}{unit}"
    return plain(value)


def display_parameters(total: int | None, active: int | None = None) -> str | None:
    """Parameter counts to three significant digits: `119B (6.5B active)`, `6.5B active`; None where neither is
    known."""
    if total is None:
        return None if active is None else f"{_display_count(active)} active"
    shown = _display_count(total)
    return shown if active is None or active == total else f"{shown} ({_display_count(active)} active)"


def display_percent(share: Decimal, places: int = 0) -> str:
    """A share of one in percent, whole unless places are asked for: `98 %`."""
    return f"{plain(_rounded(share * 100, places))} %"


def display_percents(shares: Sequence[Decimal]) -> tuple[str, ...]:
    """Shares beside each other, with as many places as tell different ones apart: `17.2 %` and `16.8 %`."""
    for places in range(_MOST_PLACES):
        shown = tuple(display_percent(share, places) for share in shares)
        if len(set(shown)) == len(set(shares)):
            return shown
    return tuple(display_percent(share, _MOST_PLACES) for share in shares)


def display_date(day: date | PartialDate | None) -> str | None:
    """A day as ISO text, a partial date as precise as its source; None stays None."""
    return day.isoformat() if isinstance(day, date) else day
