"""Price sheets in all modes, and months of use of which some may wait or falls into quiet hours."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from domain.facts import Price, PriceMode
from domain.workload import RequestClass, Workload

_amounts = st.none() | st.decimals(min_value="0", max_value="20", places=2)
_above_zero = st.decimals(min_value="0.01", max_value="20", places=2)
_shares = st.sampled_from([Decimal(0), Decimal("0.25"), Decimal(1)])
_classes = st.builds(
    RequestClass,
    st.sampled_from(["one", "two", "three"]),
    st.integers(0, 1000),
    st.integers(0, 3000),
    st.integers(0, 500),
    cached_input=st.integers(0, 3000),
    cache_write=st.integers(0, 100),
    reasoning=st.integers(0, 100),
    batch_share=_shares,
    cache_write_1h=st.sampled_from([0, 0, 50]),
    peak_share=st.sampled_from([Decimal(1), Decimal(1), Decimal("0.5")]),
    retries=_shares,
)
workloads = st.lists(_classes, min_size=1, max_size=3, unique_by=lambda each: each.name).map(
    lambda classes: Workload("any", tuple(classes))
)


@st.composite
def sheets(draw: st.DrawFn, *, sound: bool = False) -> tuple[Price, ...]:
    """Up to five sheets of any modes and tiers, some incomplete or suspicious; `sound`: none, and with a plain one."""
    needed = _above_zero if sound else _amounts
    modes = st.sampled_from(
        [PriceMode.STANDARD, PriceMode.STANDARD, PriceMode.BATCH, PriceMode.FLEX, PriceMode.FAST, PriceMode.OFF_PEAK]
    )
    places = draw(st.lists(st.tuples(modes, st.sampled_from([0, 2000])), max_size=5))
    places += [(PriceMode.STANDARD, 0)] if sound else []
    return tuple(
        Price(
            number,
            1,
            mode=mode,
            above=above,
            input_mtok=draw(needed),
            output_mtok=draw(needed),
            cache_read_mtok=draw(_amounts),
            reasoning_mtok=draw(_amounts),
            suspicious=None if sound else draw(st.sampled_from([None, None, None, "too low"])),
        )
        for number, (mode, above) in enumerate(places, 1)
    )
