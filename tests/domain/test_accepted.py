"""Facts made of claims: each value under its type, and what no source says, or says in another type, is unknown."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.accepted import (
    LicenseTerms,
    lab_facts,
    model_facts,
    provider_facts,
    route_basis,
    route_facts,
    task_of,
)
from domain.endpoints import Endpoint, api_shapes, endpoints, shape_ref
from domain.facts import (
    ApiShape,
    Architecture,
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Lab,
    License,
    Lifecycle,
    Modality,
    Model,
    Openness,
    Presence,
    Price,
    PriceBasis,
    PriceMode,
    Provider,
    ProviderKind,
    Route,
    Task,
)
from domain.reconcile import Claim
from domain.statements import MODEL_FIELDS, Value
from domain.tasks import TOKEN_TASKS, needed_units
from tests.domain.made_up import APACHE, PROPRIETARY, provider
from tests.domain.told import numbered, said

TODAY = date(2026, 3, 9)
UNDECIDED = License(3, "own", "Own terms")
LICENSES = {
    "apache-2.0": LicenseTerms(APACHE, CommercialUse.ALLOWED, Openness.OPEN_SOURCE),
    "community": LicenseTerms(License(4, "community", "Community", osi_approved=False), CommercialUse.CONDITIONS),
    "proprietary": LicenseTerms(PROPRIETARY, CommercialUse.UNKNOWN, Openness.PROPRIETARY),
    "own": LicenseTerms(UNDECIDED),
}


def claims(**facts: Value) -> list[Claim]:
    """What one source says; `capability_VISION` is `capability.VISION`."""
    return numbered([said(field.replace("capability_", "capability."), value, "x") for field, value in facts.items()])


def model(**facts: Value) -> Model:
    return model_facts(1, "ada-1", claims(**facts), today=TODAY, licenses=LICENSES)


def route(
    *more: Claim, listed: bool = True, first_party: bool = False, gone_with_model: bool = False, **facts: Any
) -> Route:
    every = numbered([*claims(**facts), *more])
    return route_facts(
        *(7, "host/one", every),
        today=TODAY,
        provider=provider("host"),
        provider_model_id="one",
        model_id=1,
        listed=listed,
        first_party=first_party,
        gone_with_model=gone_with_model,
    )


def test_nothing_said_is_nothing_known() -> None:
    """Every fact is unknown, none is No; the slug stands for the name."""
    assert model() == Model(1, "ada-1", "ada-1")
    assert provider_facts(1, "host", []) == Provider(1, "host", "host")
    assert lab_facts(1, "acme", []) == Lab(1, "acme", "acme")


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("name", "Ada", "Ada"),
        ("family", "Comet", "Comet"),
        ("task", "SPEECH", Task.SPEECH),
        ("released", "2026-03", "2026-03"),
        ("knowledge_cutoff", "2025", "2025"),
        ("context_window", 8_000, 8_000),
        ("max_output", 0, 0),
        ("parameters_total", 7, 7),
        ("parameters_active", 3, 3),
        ("architecture", "MOE", Architecture.MOE),
        ("openness", "OPEN_WEIGHTS", Openness.OPEN_WEIGHTS),
        ("commercial_use", "NOT_ALLOWED", CommercialUse.NOT_ALLOWED),
        ("input_modalities", ["PDF", "TEXT"], (Modality.TEXT, Modality.PDF)),
        ("output_modalities", ["SMELL", "AUDIO"], (Modality.AUDIO,)),
        ("lifecycle", "PREVIEW", Lifecycle.PREVIEW),
        ("deprecated_on", "2026-05-01", date(2026, 5, 1)),
        ("retires_on", "2026-05-01", date(2026, 5, 1)),
        ("weights_url", "https://acme.example/ada", "https://acme.example/ada"),
        ("last_reviewed", "2026-01-31", date(2026, 1, 31)),
    ],
)
def test_a_fact_of_a_model(field: str, value: Value, expected: object) -> None:
    assert getattr(model(**{field: value}), field) == expected


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("context_window", "8000"),
        ("context_window", True),
        ("context_window", ["8000"]),
        ("name", 5),
        ("released", 2026),
        ("task", "CHATTING"),
        ("task", "text_generation"),
        ("lifecycle", False),
        ("input_modalities", "TEXT"),
        ("retires_on", "soon"),
        ("retires_on", "2026-13"),
        ("retires_on", ">2026-05"),
        ("successor.DROP_IN", "ada-2"),
        ("capability.VISION", "yes"),
        ("capability.VISION", 1),
        ("capability.FLYING", True),
        ("license", "nobody knows it"),
    ],
)
def test_another_type_or_an_unknown_word_is_unknown(field: str, value: Value) -> None:
    found = model_facts(1, "ada-1", numbered([said(field, value, "x")]), today=TODAY, licenses=LICENSES)
    assert found == Model(1, "ada-1", "ada-1")


@pytest.mark.parametrize(
    ("_case", "facts", "successor"),
    [
        ("none", {}, None),
        ("drop-ins before options", {"successor.OPTION": ["b"], "successor.DROP_IN": ["c", "d"]}, "c"),
        ("an option alone", {"successor.OPTION": ["b", "a"]}, "b"),
    ],
)
def test_the_first_successor_that_is_named(_case: str, facts: dict[str, Value], successor: str | None) -> None:
    told = numbered([said(field, value, "x") for field, value in facts.items()])
    assert model_facts(1, "ada-1", told, today=TODAY, licenses=LICENSES).successor == successor


@pytest.mark.parametrize(
    ("_case", "facts", "lifecycle"),
    [
        ("a word", {"lifecycle": "AVAILABLE"}, "AVAILABLE"),
        ("a day that has come", {"lifecycle": "AVAILABLE", "retires_on": "2026-03-09"}, "RETIRED"),
        ("a day to come", {"lifecycle": "AVAILABLE", "retires_on": "2026-03-10"}, "AVAILABLE"),
        ("a day alone", {"retires_on": "2027-01-01"}, "UNKNOWN"),
        ("a month that is not over", {"lifecycle": "AVAILABLE", "retires_on": "2026-03"}, "AVAILABLE"),
        ("a month that is over", {"lifecycle": "AVAILABLE", "retires_on": "2026-02"}, "RETIRED"),
        ("a year that is over", {"lifecycle": "AVAILABLE", "retires_on": "2025"}, "RETIRED"),
        ("not before a day that has come", {"lifecycle": "AVAILABLE", "retires_on": ">=2026-03-01"}, "AVAILABLE"),
        ("advised against not before", {"lifecycle": "AVAILABLE", "deprecated_on": ">=2026-01"}, "AVAILABLE"),
        ("not before, and a word", {"lifecycle": "RETIRED", "retires_on": ">=2027"}, "RETIRED"),
        ("advised against", {"lifecycle": "AVAILABLE", "deprecated_on": "2026-03-09"}, "DEPRECATED"),
        ("advised against from tomorrow", {"lifecycle": "AVAILABLE", "deprecated_on": "2026-03-10"}, "AVAILABLE"),
        ("both have come", {"deprecated_on": "2026-01-01", "retires_on": "2026-02-01"}, "RETIRED"),
        ("retired by word", {"lifecycle": "RETIRED", "deprecated_on": "2026-01-01"}, "RETIRED"),
        ("retired by word, a day to come", {"lifecycle": "RETIRED", "retires_on": "2027-01-01"}, "RETIRED"),
    ],
)
def test_lifecycle(_case: str, facts: dict[str, Any], lifecycle: str) -> None:
    """Of a model and of a route alike."""
    assert model(**facts).lifecycle is Lifecycle(lifecycle)
    assert route(**facts).lifecycle is Lifecycle(lifecycle)


@pytest.mark.parametrize(
    ("_case", "facts", "openness", "commercial_use"),
    [
        ("stated comes first", {"openness": "PROPRIETARY", "license": "apache-2.0"}, "PROPRIETARY", "ALLOWED"),
        ("stated as unknown", {"openness": "UNKNOWN", "open_weights": False}, "PROPRIETARY", "UNKNOWN"),
        ("closed weights", {"open_weights": False, "license": "apache-2.0"}, "PROPRIETARY", "ALLOWED"),
        ("open weights, OSI", {"open_weights": True, "license": "APACHE-2.0"}, "OPEN_SOURCE", "ALLOWED"),
        ("open weights, not OSI", {"open_weights": True, "license": "community"}, "OPEN_WEIGHTS", "CONDITIONS"),
        ("open weights, which OSI did not judge", {"open_weights": True, "license": "own"}, "OPEN_WEIGHTS", "UNKNOWN"),
        ("open weights alone", {"open_weights": True}, "OPEN_WEIGHTS", "UNKNOWN"),
        ("the licence alone", {"license": "proprietary"}, "PROPRIETARY", "UNKNOWN"),
        ("a licence that decides nothing", {"license": "community"}, "UNKNOWN", "CONDITIONS"),
        ("use as stated", {"commercial_use": "NOT_ALLOWED", "license": "apache-2.0"}, "OPEN_SOURCE", "NOT_ALLOWED"),
        ("use stated as unknown", {"commercial_use": "UNKNOWN", "license": "community"}, "UNKNOWN", "CONDITIONS"),
    ],
)
def test_openness_and_commercial_use(_case: str, facts: dict[str, Value], openness: str, commercial_use: str) -> None:
    found = model(**facts)
    assert (found.openness, found.commercial_use) == (Openness(openness), CommercialUse(commercial_use))


@pytest.mark.parametrize(
    ("_case", "facts", "vision", "multimodal"),
    [
        ("stated", {"capability_VISION": True, "capability_MULTIMODAL": False}, "YES", "NO"),
        ("shown", {"input_modalities": ["TEXT", "IMAGE"], "output_modalities": ["TEXT"]}, "YES", "YES"),
        ("shown to be absent", {"input_modalities": ["TEXT"], "output_modalities": ["TEXT"]}, "NO", "NO"),
        ("half shown", {"input_modalities": ["TEXT"]}, "NO", "UNKNOWN"),
        ("stated against what is shown", {"capability_VISION": True, "input_modalities": ["TEXT"]}, "YES", "UNKNOWN"),
        ("not shown", {"output_modalities": ["TEXT"]}, "UNKNOWN", "UNKNOWN"),
    ],
)
def test_capabilities(_case: str, facts: dict[str, Any], vision: str, multimodal: str) -> None:
    for found in (model(**facts), route(**facts)):
        assert found.capabilities[CapabilityKind.VISION] is Presence(vision)
        assert found.capabilities[CapabilityKind.MULTIMODAL] is Presence(multimodal)


@pytest.mark.parametrize(
    ("_case", "listed", "facts", "live"),
    [
        ("listed", True, {}, True),
        ("not listed", False, {"lifecycle": "AVAILABLE"}, False),
        ("listed and retired", True, {"lifecycle": "RETIRED"}, False),
        ("listed and deprecated", True, {"lifecycle": "DEPRECATED"}, True),
        ("listed past its end", True, {"retires_on": "2026-01-01"}, False),
    ],
)
def test_whether_a_route_is_live(_case: str, listed: bool, facts: dict[str, Any], live: bool) -> None:
    assert route(listed=listed, **facts).live is live


@pytest.mark.parametrize("word", ["AVAILABLE", "DEPRECATED", "UNKNOWN"])
def test_a_route_that_is_gone_with_its_model_is_not_live(word: str) -> None:
    assert route(lifecycle=word).live is True
    assert route(lifecycle=word, gone_with_model=True).live is False


def test_a_model_and_its_route_may_differ() -> None:
    """A provider may cut the window; the entry says what the model has, and only its lab ends it."""
    shop = {"route": "shop/one"}
    every = numbered(
        [
            said("context_window", 8, "x"),
            said("context_window", 4, "shop", 9, own=True, **shop),
            said("lifecycle", "RETIRED", "shop", 9, own=True, **shop),
        ]
    )
    found = model_facts(1, "ada-1", every, today=TODAY)
    assert (found.context_window, found.lifecycle) == (8, Lifecycle.UNKNOWN)
    assert (route(*every[1:]).context_window, route(*every[1:]).lifecycle) == (4, Lifecycle.RETIRED)


def price(mode: PriceMode = PriceMode.STANDARD, above: int = 0, rates: str = "1 2", **facts: Any) -> Price:
    one, two = map(Decimal, rates.split())
    return Price(1, 7, mode, above, input_mtok=one, output_mtok=two, **facts)


@pytest.mark.parametrize(
    ("_case", "said_", "sheets", "kind", "native", "basis"),
    [
        ("a price", {}, [price()], "HOST", "one", "METERED"),
        ("one that is over", {}, [price(valid_to=TODAY)], "HOST", "one", "UNKNOWN"),
        ("one to come", {}, [price(valid_from=date(2026, 4, 1))], "HOST", "one", "UNKNOWN"),
        ("of another mode", {}, [price(PriceMode.BATCH)], "HOST", "one", "UNKNOWN"),
        ("of a tier", {}, [price(above=200_000)], "HOST", "one", "UNKNOWN"),
        ("two currencies", {}, [price(), price(rates="0 0", currency="CNY")], "HOST", "one", "METERED"),
        ("half a price", {}, [price(rates="1 0")], "HOST", "one", "UNKNOWN"),
        ("which is whole for an embedding", {"task": "EMBEDDING"}, [price(rates="1 0")], "HOST", "one", "METERED"),
        ("a unit of its own", {"task": "SPEECH"}, [price(rates="0 0", other_units={"s": Decimal(1)})], *("HOST", "one", "METERED")),
        ("free by its id", {}, [], "HOST", "one:free", "FREE"),
        ("free by its name", {"name": "One (free)"}, [], "HOST", "one", "FREE"),
        ("a plan", {}, [], "PLAN", "one", "INCLUDED"),
        ("as stated", {"price_basis": "TRIAL"}, [price()], "HOST", "one", "TRIAL"),
    ],
)  # fmt: skip
def test_on_which_basis_a_route_bills(
    _case: str, said_: dict[str, Value], sheets: list[Price], kind: str, native: str, basis: str
) -> None:
    host = provider("host", kind=ProviderKind(kind))
    given = claims(**said_)
    assert route_basis(given, task_of(given), sheets, host, native, TODAY) is PriceBasis(basis)


@pytest.mark.parametrize("task", Task)
def test_the_task_of_the_model_says_what_a_whole_price_is(task: Task) -> None:
    """Whatever the route says of itself, or does not."""
    for own in ([], [said("task", "TEXT_GENERATION", "x", route="host/one")]):
        found = route_basis(own, task, [price(rates="1 0")], provider("host"), "one", TODAY)
        assert (found is PriceBasis.METERED) is (needed_units(task) == ("input",) or task not in TOKEN_TASKS)


def test_another_route_may_say_what_a_model_is_for() -> None:
    """Its own entry before both."""
    other = said("task", "EMBEDDING", "x", route="host/one")
    assert task_of([other]) is Task.EMBEDDING
    assert task_of([*claims(task="RERANKING"), other]) is Task.RERANKING
    assert task_of([]) is Task.UNKNOWN


def test_a_provider_and_a_lab() -> None:
    facts: dict[str, Value] = {
        "name": "Host",
        "kind": "HOST",
        "api_shape": "BEDROCK",
        "base_url": "https://host.example",
    }
    facts |= {"docs_url": "https://docs.example", "sdk_package": "host-sdk", "credentials": ["A", "B"], "group": "g"}
    found = provider_facts(3, "host", claims(**facts))
    texts = ("https://host.example", "https://docs.example", "host-sdk", ("A", "B"), "g")
    assert found == Provider(3, "host", "Host", ProviderKind.HOST, ApiShape.BEDROCK, *texts)
    more = provider_facts(3, "host", claims(**facts | {"endpoint.OPENAI_CHAT": "https://host.example/v1"}))
    assert endpoints(more) == (
        Endpoint(ApiShape.BEDROCK, "https://host.example"),
        Endpoint(ApiShape.OPENAI_CHAT, "https://host.example/v1"),
    )
    assert [shape_ref(more, shape).field for shape in api_shapes(more)] == ["api_shape", "endpoint.OPENAI_CHAT"]
    assert endpoints(provider_facts(3, "host", ())) == ()
    assert provider_facts(3, "host", claims(kind="SHOP", api_shape="SOAP")) == Provider(3, "host", "host")
    assert lab_facts(4, "acme", claims(name="Acme", url="https://acme.example")) == Lab(
        4, "acme", "Acme", "https://acme.example"
    )


_values = (
    st.none() | st.booleans() | st.integers(0, 9) | st.sampled_from(["TEXT", "RETIRED", "2026-01-01", "Apache-2.0"])
)
_fields = st.sampled_from([*MODEL_FIELDS, "capability.VISION", "capability.REASONING"])


@given(st.lists(st.tuples(_fields, _values | st.lists(st.sampled_from(["TEXT", "IMAGE", "?"]))), max_size=8), st.data())
def test_whatever_is_said_in_whatever_order(told: list[tuple[str, Any]], data: st.DataObject) -> None:
    """No value of a wrong type breaks anything, no order matters, and a No to what shows nothing was said."""
    every = numbered([said(field, value, f"source-{index}") for index, (field, value) in enumerate(told)])
    found = model_facts(1, "ada-1", every, today=TODAY, licenses=LICENSES)
    assert model_facts(1, "ada-1", data.draw(st.permutations(every)), today=TODAY, licenses=LICENSES) == found
    noes = {claim.field for claim in every if claim.value is False}
    assert (found.capabilities[CapabilityKind.REASONING] is not Presence.NO) or "capability.REASONING" in noes
    if not every:
        assert found.capabilities == Capabilities()
