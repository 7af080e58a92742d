"""What our own files say, as statements, and which mistakes in them stop everything: they are ours, so nothing is passed over."""

from __future__ import annotations

from datetime import date

import pytest

from domain.statements import BrokenDocument, Parsed, Said, SubjectKind
from ingest.sources.curated import parse_curated, parse_reference_page
from tests.ingest.said import said, subject, values

REFERENCE = 'url = "https://acme.example"\nread = 2026-03-01\nas_written = "words"'
PAGE = '[source]\nid = "reference-page"\nname = "LLM Reference"\nreviewed = 2026-05-26\n'


def parsed(text: str, name: str = "models/acme.toml") -> Parsed:
    return parse_curated({name: text.encode()})


def model(*facts: str, more: str = "") -> str:
    """A file with one model, `bolt-2`, and facts written as `field = value`."""
    return f'[[model]]\nslug = "bolt-2"\n{more}\n' + "".join(_fact("model", fact) for fact in facts)


def route(*facts: str) -> str:
    """A file with one route, `bolt` at `acme`."""
    return '[[route]]\nprovider = "acme"\nid = "bolt"\n' + "".join(_fact("route", fact) for fact in facts)


def _fact(kind: str, fact: str) -> str:
    field, _, value = fact.partition(" = ")
    return f'[[{kind}.fact]]\nfield = "{field}"\nvalue = {value}\n{REFERENCE}\n'


def test_a_model_with_a_fact() -> None:
    found = parsed(model("context_window = 256_000", more='name = "Bolt 2"\nlab = "acme"\naliases = ["acme/bolt2"]'))
    (one,) = found.subjects
    assert (one.kind, one.id, one.provider, one.name) == (SubjectKind.MODEL, "bolt-2", None, "Bolt 2")
    assert values(one) == {"context_window": 256000}  # name, lab and aliases are labels for the resolver
    assert said(one, "context_window") == Said(
        *("context_window", 256000, "models/acme.toml#/model/0/fact/0"),
        url="https://acme.example",
        read=date(2026, 3, 1),
        as_written="words",
    )
    assert (found.problems, found.document_date) == ((), None)


def test_providers_labs_licences_and_routes() -> None:
    license_ = '[[license]]\nkey = "MIT"\nname = "MIT"\nosi_approved = true\n[license.reference]\n' + REFERENCE
    found = parse_curated(
        {
            "labs.toml": ('[[lab]]\nslug = "acme"\n' + _fact("lab", "name = 'Acme'")).encode(),
            "providers.toml": ('[[provider]]\nslug = "acme"\n' + _fact("provider", "kind = 'LAB'")).encode(),
            "routes.toml": route("price.STANDARD.0.input = '0.150'", "hours.STANDARD = ['MON-FRI 01:00-04:00 UTC']").encode(),
            **{"licenses.toml": license_.encode(), "reference-page.toml": b"not read"},
        }
    )  # fmt: skip
    assert [(each.kind, each.provider, each.id) for each in found.subjects] == [
        (SubjectKind.LAB, None, "acme"),
        (SubjectKind.LICENSE, None, "MIT"),
        (SubjectKind.PROVIDER, None, "acme"),
        (SubjectKind.ROUTE, "acme", "bolt"),
    ]
    assert values(subject(found, "bolt")) == {
        "price.STANDARD.0.input": "0.15",
        "hours.STANDARD": ["MON-FRI 01:00-04:00 UTC"],
    }
    kind = said(subject(found, "acme", SubjectKind.PROVIDER), "kind")
    assert (kind.value, kind.as_written) == ("LAB", "words")
    approved = said(subject(found, "MIT", SubjectKind.LICENSE), "osi_approved")
    assert (approved.value, approved.url, approved.as_written) == (True, "https://acme.example", "words")


@pytest.mark.parametrize(
    ("fact", "value"),
    [
        ("capability.VISION = false", False),
        ("open_weights = true", True),
        ("parameters_total = 119_000_000_000", 119_000_000_000),
        ("released = '2026-03'", "2026-03"),
        ("retires_on = '2027-01-01'", "2027-01-01"),
        ("input_modalities = ['TEXT', 'IMAGE']", ["TEXT", "IMAGE"]),
        ("openness = 'OPEN_SOURCE'", "OPEN_SOURCE"),
        ("license = 'Apache-2.0'", "Apache-2.0"),
    ],
)
def test_values_of_a_model(fact: str, value: object) -> None:
    assert values(subject(parsed(model(fact)), "bolt-2", SubjectKind.MODEL)) == {fact.partition(" ")[0]: value}


def test_a_result_of_a_benchmark() -> None:
    fact = "benchmark.quiz = {name = 'Quiz', score = '62.50', metric = 'percent', runner = 'lab'}"
    found = said(subject(parsed(model(fact)), "bolt-2", SubjectKind.MODEL), "benchmark.quiz").value
    assert isinstance(found, dict)
    assert {key: value for key, value in found.items() if value is not None} == {
        **{"name": "Quiz", "score": "62.5", "metric": "percent", "runner": "lab"}
    }


@pytest.mark.parametrize(
    ("_case", "text", "word"),
    [
        ("no TOML", "[[model", "models/acme.toml: "),
        ("an unknown table", "[[modle]]\nslug = 'a'", "unknown key modle"),
        ("no array", "[model]\nslug = 'a'", "models/acme.toml#/model: not an array of tables"),
        ("an unknown key", "[[model]]\nslug = 'a'\ncolour = 'red'", "#/model/0: unknown key colour"),
        ("no slug", "[[model]]\nname = 'A'", "#/model/0: needs slug"),
        ("a route without its provider", "[[route]]\nid = 'a'", "#/route/0: needs provider and id"),
        ("a fact without a value", "[[model]]\nslug = 'a'\nfact = [{field = 'name'}]", "#/model/0/fact/0: a fact needs"),
        ("a reference without a day", "[[model]]\nslug = 'a'\nfact = [{field = 'family', value = 'a', url = 'https://a', as_written = 'a'}]", "a fact needs as_written, read, url"),
        ("an address that is not safe", "[[model]]\nslug = 'a'\nfact = [{field = 'family', value = 'a', url = 'http://a', read = 2026-03-01, as_written = 'a'}]", "not an https address"),
        ("a licence without its document", "[[license]]\nkey = 'MIT'\nname = 'MIT'", "a licence has a reference"),
        ("half a reference", "[[license]]\nkey = 'MIT'\nreference = {url = 'https://a'}", "a reference has url, read and as_written"),
        ("an unknown field", model("context = 1"), "a model has no field context"),
        ("a field of a model on a route", route("parameters_total = 1"), "a route has no field parameters_total"),
        ("a price of a model", model("price.STANDARD.0.input = '1'"), "a model has no field price.STANDARD.0.input"),
        ("no window at all", model("context_window = 0"), "context_window cannot be 0"),
        ("a window in words", model("context_window = '256k'"), "context_window cannot be '256k'"),
        ("true for a count", model("context_window = true"), "context_window cannot be True"),
        ("an unknown capability", model("capability.MAGIC = true"), "'MAGIC' is none of"),
        ("maybe", model("capability.VISION = 'maybe'"), "capability.VISION cannot be 'maybe'"),
        ("an unknown modality", model("input_modalities = ['SMELL']"), "'SMELL' is none of"),
        ("an empty list", model("input_modalities = []"), "input_modalities is a list of texts"),
        ("a day of no calendar", model("released = '2026-02-31'"), "'2026-02-31' is not a date"),
        ("half a day", model("last_reviewed = '2027-01'"), "'2027-01' is not a day"),
        ("no announced day", model("retires_on = '2027-13'"), "'2027-13' is not an announced day"),
        ("a price as a number", route("price.STANDARD.0.input = 0.15"), "an amount is decimal text"),
        ("a negative price", route("price.STANDARD.0.input = '-1'"), "an amount is decimal text"),
        ("more digits than a price has", route("price.STANDARD.0.input = '0.1234567890123'"), "has more digits"),
        ("a price of no mode", route("price.SLOW.0.input = '1'"), "'SLOW' is none of"),
        ("a price without a unit", route("price.STANDARD.0 = '1'"), "is not price.<mode>.<above>.<unit>"),
        ("hours of no mode", route("hours.SLOW = ['MON 01:00-04:00 UTC']"), "'SLOW' is none of"),
        ("hours in words", route("hours.STANDARD = ['at night']"), "not a window of hours: 'at night'"),
        ("hours that are no list", route("hours.STANDARD = 'MON 01:00-04:00 UTC'"), "hours are a list of texts"),
        ("hours that are numbers", route("hours.STANDARD = [9]"), "#/route/0/fact/0: "),
        ("a result without a score", model("benchmark.quiz = {name = 'Quiz'}"), "an amount is decimal text, not None"),
        ("a result of another kind", model("benchmark.quiz = {name = 'Quiz', score = '1', mood = 'good'}"), "unknown key mood"),
    ],
)  # fmt: skip
def test_a_mistake_stops_everything(_case: str, text: str, word: str) -> None:
    with pytest.raises(BrokenDocument) as refused:
        parsed(text)
    assert word in str(refused.value)
    assert str(refused.value).startswith("models/acme.toml")


def test_one_thing_has_one_entry() -> None:
    files = {name: model().encode() for name in ("models/a.toml", "models/b.toml")}
    with pytest.raises(
        BrokenDocument, match=r"models/b\.toml#/model/0: model bolt-2 is already in models/a\.toml#/model/0"
    ):
        parse_curated(files)


def test_the_reference_page_has_a_day_and_needs_no_references() -> None:
    fact = "[[model.fact]]\nfield = 'context_window'\nvalue = 256000\nas_written = '256K'\n"
    found = parse_reference_page(f"{PAGE}[[model]]\nslug = 'bolt-2'\n{fact}".encode())
    assert found.document_date == date(2026, 5, 26)
    one = said(subject(found, "bolt-2", SubjectKind.MODEL), "context_window")
    assert (one.value, one.url, one.as_written) == (256000, None, "256K")


@pytest.mark.parametrize(
    ("_case", "text", "word"),
    [
        ("no source", "[[model]]\nslug = 'a'", "[source] is not that of the reference page"),
        ("another one", PAGE.replace("reference-page", "curated"), "[source] is not that of the reference page"),
        ("a review on no day", PAGE.replace("2026-05-26", '"May"'), "#/source/reviewed: not a date"),
        ("an unknown key", f"{PAGE}mood = 1\n", "#/source: unknown key mood"),
    ],
)
def test_a_page_that_is_another(_case: str, text: str, word: str) -> None:
    with pytest.raises(BrokenDocument) as refused:
        parse_reference_page(text.encode())
    assert word in str(refused.value)
