"""Routes in the order of what a month costs on them."""

from __future__ import annotations

from domain.cost import ranked_costs
from domain.workload import REFERENCE_PAGE
from tests.domain.made_up import offer, provider


def test_two_entries_of_one_company_are_two_routes() -> None:
    """Costs are per route, whoever stands behind it."""
    group = [provider("alpha", group="one"), provider("alpha-eu", group="one")]
    ranked = ranked_costs(
        [offer(each, price=("1", rate)) for each, rate in zip(group, ("2", "1"), strict=True)], REFERENCE_PAGE.workload
    )
    assert [(each.route.provider.slug, each.rank) for each in ranked] == [("alpha-eu", 1), ("alpha", 2)]
