"""Made-up models, providers and offers: short builders for cases, and hypothesis strategies for properties.

`MISTRAL` and `MIMO` carry the facts that the reference page gives of its two models.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from itertools import count

from hypothesis import strategies as st

from domain.dates import DatePrecision
from domain.facts import (
    ApiShape,
    Architecture,
    Benchmark,
    BenchmarkResult,
    Capabilities,
    CapabilityKind,
    CommercialUse,
    Contender,
    Lab,
    License,
    Lifecycle,
    Modality,
    Model,
    Offer,
    Openness,
    PartialDate,
    Price,
    PriceBasis,
    Provider,
    ProviderKind,
    Route,
    Task,
)

APACHE = License(1, "apache-2.0", "Apache 2.0", spdx="Apache-2.0", osi_approved=True)
PROPRIETARY = License(2, "proprietary", "Proprietary", osi_approved=False)

_ids = count(1000)


def provider(slug: str, name: str | None = None, **facts: object) -> Provider:
    """A provider; its id follows from its slug, so that equal slugs are one provider."""
    return Provider(sum(slug.encode()), slug, name or slug.title(), **facts)  # type: ignore[arg-type]


def offer(
    of: str | Provider,
    model_id: str = "some-model",
    *,
    price: tuple[str, str] | None = None,
    other_prices: tuple[Price, ...] = (),
    **facts: object,
) -> Offer:
    """A live route at a provider, metered at `price` (input, output) where that is given."""
    at = provider(of) if isinstance(of, str) else of
    id = next(_ids)
    values: dict[str, object] = {
        "model_id": 1,
        "price_basis": PriceBasis.METERED if price else PriceBasis.UNKNOWN,
    } | facts
    route = Route(id, f"{at.slug}/{model_id}", provider=at, provider_model_id=model_id, **values)  # type: ignore[arg-type]
    sheets = (Price(id, id, input_mtok=Decimal(price[0]), output_mtok=Decimal(price[1])),) if price else ()
    return Offer(route, (*sheets, *other_prices))


def model(id: int, name: str, **facts: object) -> Model:
    """A model whose slug is made of its name."""
    return Model(id, name.lower().replace(" ", "-"), name, **facts)  # type: ignore[arg-type]


def contender(of: Model, *offers: Offer, results: tuple[BenchmarkResult, ...] = ()) -> Contender:
    return Contender(of, offers, results)


def result(of: Model, benchmark: str, score: str, **facts: object) -> BenchmarkResult:
    """A result on the 2025 version of a benchmark, in percent; equal benchmarks are one."""
    values: dict[str, object] = {"metric": "percent", "source": "one"} | facts
    test = Benchmark(sum(benchmark.encode()), benchmark, benchmark.title(), "2025")
    return BenchmarkResult(next(_ids), of.id, test, score=Decimal(score), **values)  # type: ignore[arg-type]


def capabilities(yes: str = "", no: str = "") -> Capabilities:
    """Capabilities from names: `capabilities("VISION TOOL_USE", no="REASONING")`."""
    return Capabilities(
        frozenset(CapabilityKind(each) for each in yes.split()), frozenset(CapabilityKind(each) for each in no.split())
    )


_REST = "REASONING STRUCTURED_OUTPUTS CODE_EXECUTION IDE_INTEGRATION COMPUTER_USE PARALLEL_AGENTS"
MISTRAL = contender(
    model(
        1,
        "Mistral Small 4",
        lab=Lab(1, "mistral", "MistralAI"),
        released=PartialDate("2026-03-16"),
        knowledge_cutoff=PartialDate("2025-06"),
        context_window=256_000,
        parameters_total=119_000_000_000,
        parameters_active=6_500_000_000,
        architecture=Architecture.MOE,
        license=APACHE,
        openness=Openness.OPEN_SOURCE,
        commercial_use=CommercialUse.ALLOWED,
        capabilities=capabilities("VISION MULTIMODAL FUNCTION_CALLING TOOL_USE", no=_REST),
    ),
    offer(provider("openrouter", "OpenRouter"), "mistralai/mistral-small-4", price=("0.15", "0.60")),
    offer(provider("nvidia-nim", "NVIDIA NIM"), "mistral-small-4"),
    offer(provider("mistral", "Mistral AI Studio"), "mistral-small-2603", first_party=True),
)
MIMO = contender(
    model(
        2,
        "Xiaomi MiMo-V2.5-TTS-Series",
        lab=Lab(2, "xiaomi", "Xiaomi"),
        released=PartialDate("2026-04-23"),
        license=PROPRIETARY,
        openness=Openness.PROPRIETARY,
        commercial_use=CommercialUse.CONDITIONS,
        capabilities=capabilities("MULTIMODAL", no=f"VISION FUNCTION_CALLING TOOL_USE {_REST}"),
    ),
    offer(provider("xiaomi", "Xiaomi"), "mimo-v2.5-tts", first_party=True),
)

_kinds = st.sets(st.sampled_from(CapabilityKind), max_size=6)
_limits = st.none() | st.integers(1, 2_000_000)
_days = st.none() | st.sampled_from(["2024", "2024-10", "2025-03", "2025-03-01", "2026-01-15"]).map(PartialDate)
_modalities = st.lists(st.sampled_from(Modality), unique=True, max_size=3).map(tuple)


def _capabilities() -> st.SearchStrategy[Capabilities]:
    return st.builds(lambda yes, no: Capabilities(frozenset(yes), frozenset(no - yes)), _kinds, _kinds)


def models(id: int, name: str) -> st.SearchStrategy[Model]:
    """Any model with this id and name: each fact may be unknown."""
    return st.builds(
        Model,
        id=st.just(id),
        slug=st.just(name.lower()),
        name=st.just(name),
        lab=st.none() | st.sampled_from([Lab(1, "acme", "Acme"), Lab(2, "globex", "Globex")]),
        family=st.none() | st.sampled_from(["Comet", "Delta"]),
        task=st.sampled_from(Task),
        released=_days,
        knowledge_cutoff=_days,
        context_window=_limits,
        max_output=_limits,
        parameters_total=st.none() | st.just(70_000_000_000),
        parameters_active=st.none() | st.just(6_500_000_000),
        architecture=st.sampled_from(Architecture),
        license=st.none() | st.sampled_from([APACHE, PROPRIETARY]),
        openness=st.sampled_from(Openness),
        commercial_use=st.sampled_from(CommercialUse),
        input_modalities=_modalities,
        output_modalities=_modalities,
        capabilities=_capabilities(),
        lifecycle=st.sampled_from(Lifecycle),
        retires_on=st.none() | st.dates(),
        retires_precision=st.none() | st.sampled_from(DatePrecision),
        successor=st.none() | st.just("comet-9"),
    )


_providers = st.sampled_from(
    [
        Provider(
            1,
            "alpha",
            "Alpha",
            ProviderKind.HOST,
            ApiShape.OPENAI_CHAT,
            "https://alpha.example/v1",
            credentials=("ALPHA_KEY",),
        ),
        Provider(2, "beta", "Beta", ProviderKind.CLOUD, ApiShape.ANTHROPIC_MESSAGES, sdk_package="beta-sdk"),
        Provider(3, "gamma", "Gamma", group="gamma-group"),
        Provider(4, "gamma-eu", "Gamma Europe", api_shape=ApiShape.OTHER, group="gamma-group"),
        Provider(5, "delta", "Delta", api_shape=ApiShape.OTHER, sdk_package="delta-sdk"),
    ]
)
_amounts = st.none() | st.decimals(min_value="0.01", max_value="20", places=2)


@st.composite
def offers(draw: st.DrawFn) -> Offer:
    """Any offer at one of five providers, two of which are one company."""
    at = draw(_providers)
    id = draw(st.integers(1, 10_000))
    name = draw(st.sampled_from(["one", "two"]))
    route = Route(
        id,
        f"{at.slug}/{name}",
        1,
        at,
        name,
        context_window=draw(_limits),
        max_output=draw(_limits),
        input_modalities=draw(_modalities),
        output_modalities=draw(_modalities),
        capabilities=draw(_capabilities()),
        lifecycle=draw(st.sampled_from(Lifecycle)),
        price_basis=draw(st.sampled_from(PriceBasis)),
        variant=draw(st.sampled_from([(), ("thinking",), ("high",)])),
        live=draw(st.booleans()),
    )
    prices = (Price(id, id, input_mtok=draw(_amounts), output_mtok=draw(_amounts)),) if draw(st.booleans()) else ()
    return Offer(route, prices)


def contenders(id: int, name: str) -> st.SearchStrategy[Contender]:
    """Any model with up to four offers and no benchmark results."""
    return st.builds(
        Contender,
        models(id, name),
        st.lists(offers(), max_size=4, unique_by=lambda each: each.route.key).map(tuple),
        st.just(()),
    )


@st.composite
def results(draw: st.DrawFn, of: Model) -> tuple[BenchmarkResult, ...]:
    """Up to three results on two benchmarks, measured in a few ways."""
    return tuple(
        BenchmarkResult(
            id,
            of.id,
            draw(st.sampled_from([Benchmark(1, "quiz", "Quiz", "1"), Benchmark(2, "exam", "Exam")])),
            draw(st.sampled_from(["percent", "error_rate"])),
            draw(st.decimals(min_value=0, max_value=100, places=1)),
            harness=draw(st.sampled_from([None, "bench"])),
            date=draw(_days),
            source=draw(st.sampled_from(["one", "two"])),
        )
        for id in range(draw(st.integers(0, 3)))
    )


@st.composite
def rivals(draw: st.DrawFn, least: int = 2, most: int = 4) -> tuple[Contender, ...]:
    """Models to compare. Some meet every condition of a safer pick; what is left open may still be unknown."""
    found = []
    for id, name in enumerate(("Ada", "Bee", "Cat", "Dog")[: draw(st.integers(least, most))], start=1):
        one = draw(contenders(id, name))
        routes = one.offers
        if draw(st.booleans()):
            sound = replace(
                one.model,
                task=Task.TEXT_GENERATION,
                context_window=draw(st.integers(4_000, 2_000_000)),
                max_output=None,
                license=APACHE,
                lifecycle=Lifecycle.AVAILABLE,
                retires_on=None,
                output_modalities=(Modality.TEXT,),
            )
            cents = draw(st.tuples(st.integers(1, 500), st.integers(1, 2_000)))
            price = (str(Decimal(cents[0]) / 100), str(Decimal(cents[1]) / 100))
            one, routes = replace(one, model=sound), (*routes, offer(f"host-{id}", price=price))
        found.append(replace(one, loaded_offers=routes, loaded_results=draw(results(one.model))))
    return tuple(found)
