"""The hand-curated files keep their format: known fields with the right types, and a reference for every fact.

A fact without a document that says it does not belong there, so the format is where that is enforced.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest

import ingest
from domain.facts import (
    ApiShape,
    Architecture,
    CapabilityKind,
    CommercialUse,
    Modality,
    Openness,
    PriceMode,
    ProviderKind,
)
from domain.statements import LAB_FIELDS, MODEL_FIELDS, PROVIDER_FIELDS, BrokenDocument
from ingest.sources.benchmarks import benchmark_slug
from ingest.sources.curated import parse_curated

CURATED = Path(ingest.__file__).parent / "curated"
MODEL_FILES = sorted((CURATED / "models").glob("*.toml"))

SLUG = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
PARTIAL_DATE = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")
COUNTS = {"context_window", "max_output", "parameters_total", "parameters_active"}
DATES = {"released", "knowledge_cutoff", "last_reviewed", "deprecated_on", "retires_on"}
NAMES: dict[str, set[str]] = {
    "architecture": set(Architecture),
    "openness": set(Openness),
    "commercial_use": set(CommercialUse),
}
MODALITIES = {"input_modalities", "output_modalities"}
CAPABILITIES = {f"capability.{kind}" for kind in CapabilityKind}


def read(name: str) -> dict[str, Any]:
    with (CURATED / name).open("rb") as file:
        return tomllib.load(file)


def models_of(file: Path) -> list[dict[str, Any]]:
    models: list[dict[str, Any]] = read(f"models/{file.name}")["model"]
    return models


LICENSES = {entry["key"]: entry for entry in read("licenses.toml")["license"]}
LABS = set(tomllib.loads((CURATED.parent / "aliases" / "labs.toml").read_text()))


def is_result(field: str, value: object) -> bool:
    """Whether a table is a benchmark result under the slug of its name."""
    if not isinstance(value, dict) or not {"name", "score", "metric"} <= set(value):
        return False
    score = re.fullmatch(r"\d+(\.\d+)?", value["score"])
    return score is not None and field == f"benchmark.{benchmark_slug(value['name'], value.get('version'))}"


def wrong_value(field: str, value: object) -> str | None:
    """Why the value does not fit the field, or None."""
    if field.startswith("benchmark."):
        return None if is_result(field, value) else f"{field}: name, version, metric and score do not fit"
    if field in CAPABILITIES or field == "open_weights":
        fits = isinstance(value, bool)
    elif field in COUNTS:
        fits = isinstance(value, int) and not isinstance(value, bool) and value > 0
    elif field in DATES:
        fits = isinstance(value, str) and PARTIAL_DATE.fullmatch(value) is not None
    elif field in NAMES:
        fits = value in NAMES[field] and value != "UNKNOWN"
    elif field in MODALITIES:
        fits = isinstance(value, list) and bool(value) and set(value) <= set(Modality)
    elif field == "license":
        fits = value in LICENSES
    elif field == "weights_url":
        fits = isinstance(value, str) and value.startswith("https://")
    elif field in MODEL_FIELDS:
        fits = isinstance(value, str) and bool(value)
    else:
        return f"{field}: unknown field"
    return None if fits else f"{field}: {value!r} does not fit"


def wrong_reference(reference: dict[str, Any]) -> str | None:
    """Why the reference does not say which document, when and in which words, or None."""
    if not str(reference.get("url", "")).startswith("https://"):
        return f"no https url: {reference}"
    if type(reference.get("read")) is not date:
        return f"no day of reading: {reference}"
    return None if str(reference.get("as_written", "")).strip() else f"no words: {reference}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("parameters_total", "119B"),
        ("parameters_total", True),
        ("context_window", 0),
        ("openness", "OPEN"),
        ("openness", "UNKNOWN"),
        ("license", "Apache 2.0"),
        ("released", "16 March 2026"),
        ("capability.VISION", "Yes"),
        ("capability.FLYING", True),
        ("input_modalities", []),
        ("colour", "blue"),
    ],
)
def test_value_that_does_not_fit_is_found(field: str, value: object) -> None:
    assert wrong_value(field, value) is not None


@pytest.mark.parametrize(
    "reference",
    [
        {"url": "http://example.org", "read": date(2026, 11, 24), "as_written": "x"},
        {"url": "https://example.org", "read": "2026-11-24", "as_written": "x"},
        {"url": "https://example.org", "read": date(2026, 11, 24), "as_written": " "},
        {},
    ],
)
def test_reference_that_does_not_say_enough_is_found(reference: dict[str, Any]) -> None:
    assert wrong_reference(reference) is not None


@pytest.mark.parametrize("file", MODEL_FILES, ids=lambda file: file.stem)
def test_model_facts_fit_their_fields_and_name_their_document(file: Path) -> None:
    problems: list[str] = []
    for model in models_of(file):
        assert set(model) <= {"slug", "name", "lab", "aliases", "fact"}
        assert SLUG.fullmatch(model["slug"])
        assert model["name"]
        assert model["lab"] == file.stem
        assert model["lab"] in LABS
        assert isinstance(model["aliases"], list)
        assert all(isinstance(alias, str) for alias in model["aliases"])
        facts: list[dict[str, Any]] = model.get("fact", [])
        fields = [fact["field"] for fact in facts]
        assert len(fields) == len(set(fields)), model["slug"]
        for fact in facts:
            assert set(fact) == {"field", "value", "url", "read", "as_written"}
            for problem in (wrong_value(fact["field"], fact["value"]), wrong_reference(fact)):
                if problem:
                    problems.append(f"{model['slug']}: {problem}")
    assert problems == []


def test_model_slugs_and_aliases_are_unique() -> None:
    models = [model for file in MODEL_FILES for model in models_of(file)]
    slugs = [model["slug"] for model in models]
    aliases = [alias.casefold() for model in models for alias in model["aliases"]]
    assert len(slugs) == len(set(slugs))
    assert len(aliases) == len(set(aliases))


def test_active_parameters_are_not_more_than_total() -> None:
    for file in MODEL_FILES:
        for model in models_of(file):
            facts = {fact["field"]: fact["value"] for fact in model.get("fact", [])}
            if "parameters_active" in facts:
                assert facts["parameters_active"] <= facts["parameters_total"], model["slug"]


def test_openness_agrees_with_the_license() -> None:
    for file in MODEL_FILES:
        for model in models_of(file):
            facts = {fact["field"]: fact["value"] for fact in model.get("fact", [])}
            if {"license", "openness"} <= facts.keys():
                assert facts["openness"] == LICENSES[facts["license"]]["openness"], model["slug"]


def test_licenses() -> None:
    entries = read("licenses.toml")["license"]
    assert len(LICENSES) == len(entries)
    for entry in entries:
        assert set(entry) <= {
            *("key", "name", "spdx", "osi_approved", "url", "commercial_use", "openness", "reference"),
        }
        assert entry["key"]
        assert entry["name"]
        assert entry["openness"] in set(Openness)
        assert entry.get("commercial_use", "ALLOWED") in set(CommercialUse)
        assert entry["openness"] != "OPEN_SOURCE" or entry["osi_approved"] is True
        assert entry.get("url", "https://").startswith("https://")
        if entry["key"] != "proprietary":  # not one document: each vendor's terms differ
            assert wrong_reference(entry["reference"]) is None


def problems_of(facts: list[dict[str, Any]], fields: tuple[str, ...]) -> list[str]:
    """What is wrong with the facts of a provider or lab: nothing but these fields, once each, with a reference."""
    found = [f"{fact['field']}: unknown field" for fact in facts if fact["field"] not in fields]
    found += [problem for fact in facts if (problem := wrong_reference(fact)) is not None]
    found += [f"keys {sorted(fact)}" for fact in facts if set(fact) != {"field", "value", "url", "read", "as_written"}]
    named = [fact["field"] for fact in facts]
    return found + [f"{name} twice" for name in set(named) if named.count(name) > 1]


@pytest.mark.parametrize(
    ("file", "kind", "fields"), [("labs", "lab", LAB_FIELDS), ("providers", "provider", PROVIDER_FIELDS)]
)
def test_labs_and_providers_have_facts_with_references_and_nothing_else(
    file: str, kind: str, fields: tuple[str, ...]
) -> None:
    entries = read(f"{file}.toml")[kind]
    slugs = [entry["slug"] for entry in entries]
    assert slugs == sorted(set(slugs))
    assert all(set(entry) == {"slug", "fact"} for entry in entries)
    assert {entry["slug"]: found for entry in entries if (found := problems_of(entry["fact"], fields))} == {}


@pytest.mark.parametrize(
    ("_case", "text", "told"),
    [
        ("a fact without its words", 'url = "https://e.org"\nread = 2026-11-26', "a fact needs as_written, read, url"),
        ("a fact without a document", 'as_written = "a cloud"', "a fact needs as_written, read, url"),
        ("no address", 'url = "e.org"\nread = 2026-11-26\nas_written = "x"', "not an https address"),
        (
            "what we judge ourselves",
            'url = "https://e.org"\nread = 2026-11-26\nas_written = "x"\nbasis = "x"',
            "unknown key basis",
        ),
    ],
)
def test_a_fact_without_its_reference_stops_the_ingest(_case: str, text: str, told: str) -> None:
    entry = f'[[provider]]\nslug = "host"\n[[provider.fact]]\nfield = "kind"\nvalue = "CLOUD"\n{text}\n'
    with pytest.raises(BrokenDocument, match=told):
        parse_curated({"providers.toml": entry.encode()})


@pytest.mark.parametrize("key", ["name", "kind", "group", "basis"])
def test_a_provider_of_ours_has_no_fact_outside_its_facts(key: str) -> None:
    with pytest.raises(BrokenDocument, match=f"unknown key {key}"):
        parse_curated({"providers.toml": f'[[provider]]\nslug = "host"\n{key} = "x"\n'.encode()})


def test_labels_of_a_model_state_nothing() -> None:
    entry = '[[model]]\nslug = "one"\nname = "One"\nlab = "acme"\naliases = ["acme/one"]\n'
    (subject,) = parse_curated({"models/acme.toml": entry.encode()}).subjects
    assert (subject.id, subject.name, subject.said) == ("one", "One", ())


def test_kinds_and_wire_formats_are_known_ones() -> None:
    facts = [fact for entry in read("providers.toml")["provider"] for fact in entry["fact"]]
    assert {fact["value"] for fact in facts if fact["field"] == "kind"} <= set(ProviderKind) - {"UNKNOWN"}
    assert {fact["value"] for fact in facts if fact["field"] == "api_shape"} <= set(ApiShape)
    addresses = [fact["value"] for fact in facts if fact["field"].startswith("endpoint.")]
    assert addresses
    assert all(address.startswith("https://") for address in addresses)


def test_a_company_behind_a_provider_is_a_lab() -> None:
    """A cloud and the models of its company name one company, or they would pass for two."""
    facts = [fact for entry in read("providers.toml")["provider"] for fact in entry["fact"]]
    groups = {fact["value"] for fact in facts if fact["field"] == "group"}
    assert {"ibm", "microsoft"} <= groups <= LABS


def test_labs_are_those_of_the_alias_table() -> None:
    assert {entry["slug"] for entry in read("labs.toml")["lab"]} <= LABS


def test_reference_page() -> None:
    page = read("reference-page.toml")
    assert page["source"] == {"id": "reference-page", "name": "LLM Reference", "reviewed": date(2026, 5, 26)}
    assert [model["slug"] for model in page["model"]] == ["mistral-small-4", "mimo-v2.5-tts"]
    for model in page["model"]:
        assert model["lab"] in LABS
        fields = [fact["field"] for fact in model["fact"]]
        assert len(fields) == len(set(fields))
        for fact in model["fact"]:
            assert set(fact) == {"field", "value", "as_written"}
            assert fact["as_written"]
            assert wrong_value(fact["field"], fact["value"]) is None
    providers = {provider["slug"]: provider["name"] for provider in page["provider"]}
    assert set(providers.values()) == {"Mistral AI Studio", "NVIDIA NIM", "OpenRouter", "Xiaomi"}
    slugs = {model["slug"] for model in page["model"]}
    for route in page["route"]:
        assert set(route) <= {"model", "provider", "id", "fact"}
        assert route["model"] in slugs
        assert route["provider"]
        assert route["id"]


def test_reference_page_prices_are_exact_decimal_text() -> None:
    prices = [fact for route in read("reference-page.toml")["route"] for fact in route.get("fact", [])]
    assert {fact["field"]: fact["value"] for fact in prices} == {
        "price.STANDARD.0.input": "0.15",
        "price.STANDARD.0.output": "0.60",
    }
    for fact in prices:
        _, mode, above, _ = fact["field"].split(".")
        assert mode in set(PriceMode)
        assert above.isdecimal()
        try:
            assert Decimal(fact["value"]) > 0
        except InvalidOperation:
            pytest.fail(fact["value"])
