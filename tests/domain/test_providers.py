"""What follows about providers where no source says it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.facts import FactRef, Openness, Provider, ProviderKind
from domain.identity import Lab
from domain.provenance import Evidence, provider_evidence
from domain.providers import GROUP, KIND, Served, provider_groups, provider_kind

OPEN, WEIGHTS, CLOSED = Openness.OPEN_SOURCE, Openness.OPEN_WEIGHTS, Openness.PROPRIETARY
UNKNOWN = Openness.UNKNOWN


def serving(*models: tuple[str | None, Openness]) -> list[Served]:
    return [Served(lab, openness) for lab, openness in models]


RESELLS = serving(("acme", CLOSED), ("zeta", CLOSED))
HOSTS = serving(("acme", OPEN), ("zeta", WEIGHTS))


@pytest.mark.parametrize(
    ("_case", "names", "base_url", "of_lab", "served", "kind"),
    [
        ("nothing is known", ("acme",), None, False, [], ProviderKind.UNKNOWN),
        ("a plan by its id", ("acme-coding-plan-cn", "Acme"), None, False, RESELLS, ProviderKind.PLAN),
        ("a plan by its name", ("acme", "Acme Token Plan (Europe)"), None, True, [], ProviderKind.PLAN),
        ("a plan for coding", ("acme-for-coding", "Acme"), None, False, [], ProviderKind.PLAN),
        ("a plan that is none", ("planet", "Explanation for coders"), None, False, [], ProviderKind.UNKNOWN),
        ("the user's own machine", ("acme",), "http://127.0.0.1:1234/v1", False, HOSTS, ProviderKind.LOCAL),
        ("localhost", ("acme",), "http://localhost/v1", False, RESELLS, ProviderKind.LOCAL),
        ("a host of that name", ("acme",), "https://localhost.example.org", False, HOSTS, ProviderKind.HOST),
        ("an address that is none", ("acme",), "http://[", False, HOSTS, ProviderKind.HOST),
        (
            "a local proxy in front of a host that bills",
            *(("acme",), "http://localhost:8080/v1", False, [Served("acme", OPEN, priced=True)], ProviderKind.HOST),
        ),
        ("a lab that resells too", ("acme",), "https://acme.example", True, RESELLS, ProviderKind.LAB),
        ("closed models of two labs", ("acme",), None, False, RESELLS, ProviderKind.AGGREGATOR),
        ("closed models of one lab", ("acme",), None, False, serving(("acme", CLOSED)) * 2, ProviderKind.UNKNOWN),
        (
            "closed models of nobody knows whom",
            ("acme",),
            None,
            False,
            serving((None, CLOSED)) * 2,
            ProviderKind.UNKNOWN,
        ),
        ("closed ones as a tenth", ("acme",), None, False, RESELLS + HOSTS * 9, ProviderKind.AGGREGATOR),
        ("closed ones as less than a tenth", ("acme",), None, False, RESELLS + HOSTS * 10, ProviderKind.HOST),
        ("open weights", ("acme",), None, False, HOSTS, ProviderKind.HOST),
        (
            "open weights and unknown ones",
            ("acme",),
            None,
            False,
            HOSTS + serving(("q", UNKNOWN)) * 9,
            ProviderKind.HOST,
        ),
        ("as many open as closed", ("acme",), None, False, serving(("a", OPEN), ("b", CLOSED)), ProviderKind.UNKNOWN),
        ("only unknown ones", ("acme",), None, False, serving(("a", UNKNOWN), ("b", UNKNOWN)), ProviderKind.UNKNOWN),
    ],
)
def test_kind(
    _case: str, names: tuple[str, ...], base_url: str | None, of_lab: bool, served: list[Served], kind: ProviderKind
) -> None:
    """The first that holds: a plan's name, the own machine, a lab's endpoint, closed models of several labs, open weights."""
    assert provider_kind(names, base_url, served, of_lab=of_lab) is kind


listings = st.lists(
    st.builds(Served, st.sampled_from([None, "acme", "zeta"]), st.sampled_from(list(Openness)), st.booleans())
)


@given(listings, st.booleans())
def test_what_is_not_known_and_the_order_decide_nothing(served: list[Served], of_lab: bool) -> None:
    kind = provider_kind(("acme",), None, served, of_lab=of_lab)
    more = [*reversed(served), Served("someone", Openness.UNKNOWN)]
    assert provider_kind(("acme",), None, more, of_lab=of_lab) is kind


@given(listings)
def test_only_what_can_be_seen_is_derived(served: list[Served]) -> None:
    """No rule knows a cloud or a trial."""
    kinds = {
        provider_kind(("acme",), url, served, of_lab=lab)
        for url in (None, "http://127.0.0.1/v1")
        for lab in (True, False)
    }
    assert not kinds & {ProviderKind.CLOUD, ProviderKind.TRIAL, ProviderKind.PLAN}


LABS = (
    Lab("acme", "Acme", ("acme", "acmelabs"), (), ("acme", "anvil")),
    Lab("zeta", "Zeta", ("z-eta",), (), ()),
)


@pytest.mark.parametrize(
    ("_case", "slugs", "groups"),
    [
        ("alone", ["acme", "host"], {}),
        ("a lab's endpoint of another name, alone", ["anvil", "host"], {"anvil": "acme"}),
        ("a spelling of a lab, alone", ["z-eta"], {}),
        ("two endpoints of one lab", ["acme", "anvil"], {"acme": "acme", "anvil": "acme"}),
        ("a plan beside an endpoint", ["acme", "acme-token-plan-eu"], {"acme": "acme", "acme-token-plan-eu": "acme"}),
        ("a plan named after an endpoint", ["acme", "anvil-plan"], {"acme": "acme", "anvil-plan": "acme"}),
        ("a spelling of the lab", ["acmelabs-go", "anvil"], {"acmelabs-go": "acme", "anvil": "acme"}),
        (
            "nobody's word",
            ["cloudy-gateway", "cloudy-workers"],
            {"cloudy-gateway": "cloudy", "cloudy-workers": "cloudy"},
        ),
        ("the same letters, another word", ["cloudy", "cloudyai"], {}),
    ],
)
def test_groups(_case: str, slugs: list[str], groups: dict[str, str]) -> None:
    """Endpoints of one lab, or the same first word; who stands alone has a group only where that is a lab of another name."""
    assert provider_groups(slugs, LABS) == groups


@given(st.lists(st.from_regex(r"[a-z]{1,3}(-[a-z]{1,3})?", fullmatch=True), unique=True))
def test_a_group_is_of_a_lab_or_has_two_entries_or_more_in_any_order(slugs: list[str]) -> None:
    groups = provider_groups(slugs, LABS)
    assert provider_groups(reversed(slugs), LABS) == groups
    labs = {lab.slug for lab in LABS}
    assert all(list(groups.values()).count(company) > 1 or company in labs for company in groups.values())


@pytest.mark.parametrize(
    ("_case", "field", "evidence"),
    [
        ("a derived kind", "kind", Evidence(FactRef("provider", 7, "kind"), "HOST", KIND.id, None, (), ())),
        ("a derived group", "group", Evidence(FactRef("provider", 7, "group"), "acme", GROUP.id, None, (), ())),
        ("a name that nobody states", "name", None),
    ],
)
def test_evidence_of_what_nobody_states_is_the_rule(_case: str, field: str, evidence: Evidence | None) -> None:
    made = Provider(7, "host", "host", ProviderKind.HOST, group="acme")
    assert provider_evidence(made, field, ()) == evidence


@pytest.mark.parametrize("field", ["kind", "group"])
def test_what_does_not_follow_has_no_evidence(field: str) -> None:
    assert provider_evidence(Provider(7, "host", "host"), field, ()) is None
