"""Cheaper switches and independent fallbacks: cases, then what holds for any catalogue."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.dates import DatePrecision
from domain.facts import CapabilityKind, Contender, Lab, Lifecycle, ProviderKind, Task, Unavailable
from domain.fallbacks import Fallbacks, Role, failover_cost, fallbacks, holds_less, independent, parties
from domain.shapes import Shapes
from domain.switches import Cheaper, Source, cheaper_switches, doublings, doubtful, lost
from domain.workload import PRESETS
from tests.domain.made_up import capabilities, contender, model, offer, provider

PAGE = PRESETS["REFERENCE_PAGE"].workload
TEXT = Task.TEXT_GENERATION
_HOSTS = {name: provider(name, kind=ProviderKind.HOST) for name in ("alpha", "beta", "gamma", "flexai")}
SHOP = provider("shop", kind=ProviderKind.AGGREGATOR)


def made(id: int, name: str, lab: str | None, *offers: object, can: str = "TOOL_USE") -> Contender:
    of = model(
        id, name, task=TEXT, lab=lab and Lab(sum(lab.encode()), lab, lab.title()), capabilities=capabilities(can)
    )
    return contender(of, *offers)  # type: ignore[arg-type]


ADA = made(
    1, "Ada", "acme", offer(_HOSTS["alpha"], "ada", price=("1", "1")), offer(_HOSTS["beta"], "ada", price=("2", "2"))
)
BEE = made(2, "Bee", "buzz", offer(_HOSTS["gamma"], "bee", price=("0.5", "0.5")), can="REASONING")
CAT = made(3, "Cat", "cozy", offer(_HOSTS["beta"], "cat", price=("0.75", "0.75")))
FREE = made(4, "Dog", "dash", offer(_HOSTS["gamma"], "dog"))


def test_cheaper_switches_from_a_model_come_by_saving() -> None:
    found = cheaper_switches(Source(ADA), [ADA, CAT, FREE, BEE], PAGE, keep=[])
    assert isinstance(found, Cheaper)
    assert [(each.contender.model.name, each.saving) for each in found.savings] == [
        ("Bee", Decimal(600)),
        ("Cat", Decimal(300)),
    ]
    assert (found.total, found.unpriced) == (Decimal(1200), 1)
    friction = found.friction(found.savings[0], shapes=Shapes({}), on=date(2026, 11, 27))
    assert (friction.source, friction.target) == ("alpha/ada", "gamma/bee")
    assert (lost(friction), doubtful(friction)) == ((), (CapabilityKind.TOOL_USE,))
    assert (found.route.key, found.kept) == ("alpha/ada", ())
    for keep in ([CapabilityKind.TOOL_USE], None):
        kept = cheaper_switches(Source(ADA), [ADA, CAT, BEE], PAGE, keep=keep)
        assert isinstance(kept, Cheaper)
        assert kept.kept == (CapabilityKind.TOOL_USE,)
        assert [each.contender.model.name for each in kept.savings] == ["Cat"]


@pytest.mark.parametrize("status", [Lifecycle.DEPRECATED, Lifecycle.RETIRED])
def test_what_is_leaving_is_no_candidate(status: Lifecycle) -> None:
    (cats,) = CAT.offers
    leaving = replace(CAT, model=replace(CAT.model, lifecycle=status))
    left = replace(CAT, loaded_offers=(replace(cats, route=replace(cats.route, lifecycle=status)),))
    for one, count in ((CAT, 1), (leaving, 0), (left, 0)):
        found = cheaper_switches(Source(ADA), [ADA, one], PAGE)
        assert isinstance(found, Cheaper)
        assert len(found.savings) == count
        backed = fallbacks(Source(ADA, ADA.offers[0]), [ADA, one], PAGE, share=Decimal("0.1"))
        assert isinstance(backed, Fallbacks)
        assert len(backed.backups) == count


def test_what_is_shut_down_too_soon_is_no_candidate() -> None:
    """By the route's own announcement, else its model's; what nobody announces is no end."""
    (cats,) = CAT.offers
    soon = date(2026, 7, 1)
    going = replace(CAT, model=replace(CAT.model, retires_on=soon))
    gone = replace(CAT, loaded_offers=(replace(cats, route=replace(cats.route, retires_on=soon)),))
    promised = replace(CAT, model=replace(CAT.model, retires_on=soon, retires_precision=DatePrecision.NOT_BEFORE))
    for one, until, count in (
        (going, date(2026, 7, 2), 0),
        (going, soon, 1),
        (gone, date(2026, 7, 2), 0),
        (promised, date(2026, 7, 2), 1),
        (CAT, date(2026, 7, 2), 1),
    ):
        found = cheaper_switches(Source(ADA), [ADA, one], PAGE, until=until)
        assert isinstance(found, Cheaper)
        assert len(found.savings) == count
        backed = fallbacks(Source(ADA, ADA.offers[0]), [ADA, one], PAGE, share=Decimal("0.1"), until=until)
        assert isinstance(backed, Fallbacks)
        assert len(backed.backups) == count


def test_a_route_may_stay_with_its_model() -> None:
    found = cheaper_switches(Source(ADA, ADA.offers[1]), [ADA, BEE], PAGE, keep=())
    assert isinstance(found, Cheaper)
    assert [each.offer.route.key for each in found.savings] == ["alpha/ada", "gamma/bee"]
    assert found.friction(found.savings[0], shapes=Shapes({}), on=date(2026, 11, 27)).target == "alpha/ada"


@pytest.mark.parametrize(
    ("_case", "source", "reason"),
    [
        ("no price", Source(FREE), "NO_COMPLETE_TOKEN_PRICE"),
        ("no route", Source(made(5, "Elk", "eyes")), "NO_LIVE_ROUTE"),
        ("made for nobody knows what", Source(contender(model(6, "Fox"))), "TASK_UNKNOWN"),
        ("a route that is gone", Source(ADA, replace(ADA.offers[0], route=replace(ADA.offers[0].route, live=False))), "SOURCE_NOT_ELIGIBLE"),
    ],
)  # fmt: skip
def test_what_has_no_answer_says_why(_case: str, source: Source, reason: str) -> None:
    for found in (cheaper_switches(source, [BEE], PAGE), fallbacks(source, [BEE], PAGE, share=Decimal("0.1"))):
        assert isinstance(found, Unavailable)
        assert found.reason == reason


@pytest.mark.parametrize(
    ("_case", "at", "id_", "upstream"),
    [
        ("a host computes itself", _HOSTS["alpha"], "ada", "alpha"),
        ("a reseller that names one", SHOP, "flexai/ada", "flexai"),
        ("a reseller that names the maker", SHOP, "acme/ada", None),
        ("a reseller that names nobody", SHOP, "ada", None),
        ("a namespace that is no provider", SHOP, "somebody/ada", None),
        ("a kind that nobody states", provider("what"), "ada", None),
        ("a company behind it", provider("alpha-eu", kind=ProviderKind.CLOUD, group="alpha"), "ada", "alpha"),
    ],
)
def test_who_stands_behind_a_route(_case: str, at: object, id_: str, upstream: str | None) -> None:
    companies = {"flexai": "flexai", "acme": "acme", "shop": "shop"}
    found = parties(offer(at, id_).route, ADA.model, companies)  # type: ignore[arg-type]
    assert found.by_role.get(Role.UPSTREAM) == upstream
    assert found.unknown == (() if upstream else (Role.UPSTREAM,))


def test_a_lab_and_its_cloud_are_one_company() -> None:
    """Who makes one of two models and serves the other stands behind both, whatever its cloud is called."""
    cloud = provider("skies", kind=ProviderKind.CLOUD, group="acme")
    here = parties(offer(cloud, "bee").route, BEE.model, {})
    assert here.by_role[Role.HOST] == here.by_role[Role.UPSTREAM] == "acme"
    there = parties(offer(_HOSTS["alpha"], "ada").route, ADA.model, {})
    assert there.by_role[Role.LAB] == "acme"
    assert independent(here, there) is False


def test_what_a_backup_holds_less_of_is_told() -> None:
    """By 5 % or more; what nobody states is neither."""
    small = replace(CAT, model=replace(CAT.model, context_window=128_000, max_output=99_000))
    large = replace(ADA, model=replace(ADA.model, context_window=1_000_000, max_output=100_000))
    found = fallbacks(Source(large), [large, small], PAGE, share=Decimal("0.1"))
    assert isinstance(found, Fallbacks)
    (backup,) = found.backups
    told = holds_less(found, backup.contender.model, backup.offer.route)
    assert told == ("Its context window is 128k tokens, that of alpha/ada 1M.",)
    assert holds_less(found, CAT.model, CAT.offers[0].route) == ()
    vectors = replace(backup.contender.model, task=Task.EMBEDDING, context_window=None, max_output=1_024)
    assert holds_less(found, vectors, backup.offer.route) == (), "the length of a vector is no limit of an answer"


def test_backups_share_nobody() -> None:
    same_lab = made(7, "Ada Mini", "acme", offer(_HOSTS["gamma"], "mini", price=("0.1", "0.1")))
    same_host = made(8, "Hen", "hill", offer(_HOSTS["alpha"], "hen", price=("0.2", "0.2")))
    resold = made(
        9,
        "Ibex",
        "isle",
        offer(SHOP, "isle/ibex", price=("0.3", "0.3")),
        offer(SHOP, "flexai/ibex", price=("0.4", "0.4")),
    )
    twice = made(10, "Jay", "jade", offer(_HOSTS["beta"], "jay", price=("3", "3")))
    found = fallbacks(
        Source(ADA),
        [
            ADA,
            same_lab,
            same_host,
            resold,
            BEE,
            CAT,
            twice,
            made(11, "Kid", None, offer(_HOSTS["flexai"], "kid", price=("9", "9"))),
        ],
        PAGE,
        share=Decimal("0.25"),
    )
    assert isinstance(found, Fallbacks)
    assert found.required == (CapabilityKind.TOOL_USE,)
    assert [each.offer.route.key for each in found.backups] == ["beta/cat", "shop/flexai/ibex"]
    assert [each.offer.route.key for each in found.unproven] == ["shop/isle/ibex", "flexai/kid"]
    first = found.backups[1]
    assert (found.total, first.total, first.at_share, first.extra) == (
        Decimal(1200),
        Decimal(480),
        Decimal(1020),
        Decimal(-180),
    )
    with pytest.raises(ValueError, match="between 0 and 1"):
        fallbacks(Source(ADA), [], PAGE, share=Decimal(2))


def test_backups_come_by_nearness_in_cost_and_a_labs_own_first() -> None:
    def at(id: int, dollars: str, *, own: bool = False) -> Contender:
        host = provider(f"host{id}", kind=ProviderKind.HOST)
        return made(id, f"M{id}", f"lab{id}", offer(host, f"m{id}", price=(dollars, dollars), first_party=own))

    every = [at(21, "1"), at(22, "0.6"), at(23, "1.9", own=True), at(24, "0.1"), at(25, "2.1", own=True), at(26, "0.4")]
    found = fallbacks(Source(ADA, ADA.offers[0]), every, PAGE, share=Decimal(1), most=6)
    assert isinstance(found, Fallbacks)
    assert [each.contender.model.name for each in found.backups] == ["M23", "M21", "M22", "M25", "M26", "M24"]
    assert [doublings(Decimal(1200), each.total) for each in found.backups] == [0, 0, 0, 1, 1, 3]
    assert (doublings(Decimal(0), Decimal(1)), doublings(Decimal(0), Decimal(0))) == (64, 0)


def test_a_model_is_backed_up_on_its_labs_own_route() -> None:
    own = offer(_HOSTS["beta"], "ada", price=("2", "2"), first_party=True)
    found = fallbacks(
        Source(replace(ADA, loaded_offers=(ADA.offers[0], own))), [BEE], PAGE, share=Decimal(1), required=()
    )
    assert isinstance(found, Fallbacks)
    assert (found.route.key, found.total) == ("beta/ada", Decimal(2400))


_hosts = st.sampled_from(
    [*_HOSTS.values(), SHOP, provider("alpha-eu", kind=ProviderKind.CLOUD, group="alpha"), provider("what")]
)
_labs = st.sampled_from([None, "acme", "alpha", "buzz", "cozy", "shop"])
_prices = st.integers(1, 9).map(lambda cents: (str(cents), str(cents)))


@st.composite
def _catalogues(draw: st.DrawFn) -> list[Contender]:
    def one(id: int) -> Contender:
        at = draw(st.lists(st.tuples(_hosts, st.sampled_from(["x", "flexai/x", "acme/x"]), _prices), max_size=3))
        lab = draw(_labs)
        return made(id, f"Model {id}", lab, *(offer(host, f"{name}{id}", price=price) for host, name, price in at))

    return [one(id) for id in range(1, draw(st.integers(2, 7)))]


@given(_catalogues(), st.decimals(0, 1, places=2))
def test_no_backup_shares_a_company_with_the_source_or_another_backup(every: list[Contender], share: Decimal) -> None:
    found = fallbacks(Source(every[0]), every, PAGE, share=share, required=[], most=5)
    if isinstance(found, Unavailable):
        return
    sets = [found.parties, *(each.parties for each in found.backups)]
    for place, one in enumerate(sets):
        assert place == 0 or not one.unknown
        assert all(independent(one, other) is True for other in sets[:place])
    for each in found.unproven:
        assert independent(each.parties, found.parties) is not False
    for backup in found.backups:
        assert backup.at_share == failover_cost(found.total, backup.total, share)
        assert min(found.total, backup.total) <= backup.at_share <= max(found.total, backup.total)
