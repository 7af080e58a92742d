"""Models that are compared at a workload, with what several decisions rest on: each is found when it is first looked at, and once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from domain.comparability import Comparability, comparability
from domain.cost import Costs, monthly_cost
from domain.facts import Contender
from domain.metering import Meter
from domain.scorecard import SIGNALS, Signal, SignalKey, shown, signal
from domain.signals import row_of_costs
from domain.waiting import Check, unasked
from domain.workload import Workload


class Compared:
    """Touches only the fact groups that what is looked at needs. What takes long asks `check` now and then."""

    def __init__(self, contenders: Sequence[Contender], workload: Workload, check: Check = unasked) -> None:
        self.contenders, self.workload, self.check = tuple(contenders), workload, check
        self._rows: dict[SignalKey, Signal] = {}

    @cached_property
    def costs(self) -> Costs:
        """The monthly cost of each model, by slug. Needs the offers."""
        found = {}
        for each in self.contenders:
            self.check()
            found[each.model.slug] = monthly_cost(each, self.workload)
        return found

    @cached_property
    def comparability(self) -> Comparability:
        """Whether they may be compared. Needs the offers."""
        return comparability(self.contenders)

    @cached_property
    def meters(self) -> tuple[Meter, ...]:
        """What each model costs at other workloads. Needs the offers."""
        return tuple(Meter(each, self.check) for each in self.contenders)

    def row(self, key: SignalKey) -> Signal:
        """One row of the scorecard."""
        if key not in self._rows:
            if key is SignalKey.MONTHLY_COST:
                self._rows[key] = shown(key, row_of_costs(self.costs))
            else:
                self._rows[key] = signal(key, self.contenders, self.workload)
        return self._rows[key]

    def scorecard(self) -> tuple[Signal, ...]:
        """Every row. Needs all fact groups."""
        return tuple(map(self.row, SIGNALS))
