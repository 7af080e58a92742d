"""Decision records: what is written comes back, every changed letter is refused, and a replay says why a decision turned."""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cost import monthly_cost
from domain.decided import Decided, decided
from domain.facts import Contender, Modality, Task
from domain.known import NOT_OFFERED, known_of
from domain.lens import DEFAULT, Lens
from domain.records import (
    MOST_TEXT,
    Kind,
    Question,
    Record,
    UnusableRecord,
    UsedFact,
    read_record,
    rules_now,
    written,
)
from domain.replay import Outcome, Part, Replayed, replayed, used_facts
from domain.rules import RULES_VERSION
from domain.verdict import verdict
from domain.workload import PRESETS, RequestClass, Workload
from tests.domain.made_up import APACHE, contender, model, offer

CHAT = PRESETS["CHAT"].workload
KEY = b"k" * 32

_texts = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20)
_values = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | _texts | st.lists(_texts, max_size=3)
_facts = st.builds(
    UsedFact,
    st.sampled_from(["model", "route", "provider"]),
    _texts,
    st.sampled_from(["context_window", "capability.VISION", "price.STANDARD.0.output", "benchmark.quiz"]),
    _values,
    st.none() | _texts,
    st.none() | _texts,
)
_workloads = st.builds(
    lambda name, requests, share: Workload(name, (RequestClass(name, requests, 10, 20, batch_share=share),)),
    _texts,
    st.integers(0, 10**9),
    st.decimals(0, 1, places=3),
)
RECORDS = st.builds(
    Record,
    st.builds(Question, st.sampled_from(Kind), st.tuples(_texts), _workloads, st.just({"overrides": ""})),
    st.sampled_from([DEFAULT, Lens(("reference-page",)), Lens(valid=date(2026, 3, 1), known=date(2026, 4, 1))]),
    st.none() | st.integers(1, 10**6),
    st.none() | _texts,
    st.dates(),
    _texts,
    st.dictionaries(_texts, _texts, max_size=3),
    st.dictionaries(_texts, _values, max_size=3),
    st.dictionaries(_texts, _values, max_size=3),
    _texts,
    st.lists(_facts, max_size=5).map(tuple),
)


@given(RECORDS)
def test_what_is_written_comes_back(record: Record) -> None:
    """Reading undoes writing, and the same record is the same text."""
    text = written(record, KEY)
    assert read_record(text, KEY) == read_record(text, None) == record
    assert written(read_record(text, KEY), KEY) == text


@given(RECORDS, st.data())
def test_every_changed_letter_is_refused(record: Record, data: st.DataObject) -> None:
    text = written(record, KEY)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda one: one != text[place]))
    with pytest.raises(UnusableRecord):
        read_record(text[:place] + letter + text[place + 1 :], KEY)


@given(st.text(max_size=200))
def test_garbage_is_a_bad_record(text: str) -> None:
    with pytest.raises(UnusableRecord, match="decision record"):
        read_record(text, KEY)


def _sealed(content: bytes, version: int = 1) -> str:
    """A text with a right digest over whatever content, without a signature: what anybody can make."""
    head = f"llmref{version}.{urlsafe_b64encode(content).decode().rstrip('=')}"
    return f"{head}.{sha256(head.encode()).hexdigest()}"


def _packed(said: object) -> bytes:
    return zlib.compress(json.dumps(said).encode())


def _record(**given: Any) -> Record:
    values: dict[str, Any] = {
        "question": Question(Kind.ROUTE_COST, ("acme/one",), CHAT, {"overrides": ""}),
        **{"lens": DEFAULT, "revision": 3, "catalog": "ab", "day": date(2026, 7, 1), "rules_version": RULES_VERSION},
        **{"rules": {}, "answer": {"total": "1"}, "figures": {}, "sentence": "It costs.", "facts": ()},
    }
    return Record(**{**values, **given})


def _said(record: Record) -> dict[str, Any]:
    payload = written(record, KEY).split(".")[1]
    return dict(json.loads(zlib.decompress(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))))


@pytest.mark.parametrize(
    ("_case", "content"),
    [
        ("not packed", b"{}"),
        ("packed and more", zlib.compress(b"{}") + b"x"),
        ("cut off", _packed(_said(_record()))[:-5]),
        ("unpacks to gigabytes", zlib.compress(b" " * 50_000_000)),
        ("nested", _packed(json.loads("[" * 400 + "]" * 400))),
        ("nested beyond the reader", zlib.compress(b"[" * 200_000)),
        ("no JSON", zlib.compress(b"\xff\xfe{")),
        ("a number without bound", zlib.compress(b"9" * 100_000)),
        ("no object", _packed([])),
        ("nothing in it", _packed({})),
    ],
)
def test_what_is_sealed_and_no_record_is_refused(_case: str, content: bytes) -> None:
    text = _sealed(content)
    with pytest.raises(UnusableRecord) as refusal:
        read_record(text, None)
    assert refusal.value.code == "BAD_RECORD"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("kind", "MOOD"),
        ("refs", "acme/one"),
        ("refs", [""]),
        ("refs", ["a"] * 101),
        ("workload", []),
        ("workload", ["mine", ["one", "NaN"]]),
        ("workload", ["mine", ["one", "1", "1", "1", "0", "0", "0", "NaN", "0", "1", "0"]]),
        ("terms", []),
        ("lens", "[]"),
        ("revision", True),
        ("revision", 1.5),
        ("day", "yesterday"),
        ("rules", {"a": 1}),
        ("answer", None),
        ("sentence", None),
        ("facts", [["model", "one", "context_window"]]),
        ("facts", [["planet", "one", "context_window", 1, None, None]]),
        ("facts", [["model", "one", "__class__", 1, None, None]]),
        ("facts", [["route", "one", "price.STANDARD.x.input", "1", None, None]]),
        ("facts", [["model", "one", "context_window", {"a": 1}, None, None]]),
    ],
)
def test_a_sealed_record_of_other_types_is_refused(field: str, value: object) -> None:
    with pytest.raises(UnusableRecord) as refusal:
        read_record(_sealed(_packed({**_said(_record()), field: value})), None)
    assert refusal.value.code == "BAD_RECORD"


def test_a_newer_form_says_so() -> None:
    with pytest.raises(UnusableRecord) as refusal:
        read_record(_sealed(b"whatever", version=2), None)
    assert refusal.value.code == "RECORD_TOO_NEW"


def test_a_digest_that_was_made_anew_is_refused() -> None:
    """Anybody can compute a digest; only the service can sign."""
    forged = _sealed(_packed({**_said(_record()), "sentence": "It costs nothing."}))
    assert read_record(forged, None).sentence == "It costs nothing."
    for text in (forged, f"{forged}.{'0' * 64}", written(_record(), b"another key of somebody" * 2)):
        with pytest.raises(UnusableRecord) as refusal:
            read_record(text, KEY)
        assert refusal.value.code == "TAMPERED_RECORD"


def test_a_record_of_too_much_is_not_written() -> None:
    facts = tuple(UsedFact("model", sha256(bytes([n % 256, n // 256])).hexdigest(), "name") for n in range(5_000))
    with pytest.raises(UnusableRecord) as refusal:
        written(_record(facts=facts), KEY)
    assert refusal.value.code == "RECORD_TOO_LARGE"
    with pytest.raises(UnusableRecord):
        read_record("llmref1." + "A" * MOST_TEXT + "." + "0" * 64, KEY)


# What was decided, and what becomes of it.

ONE = model(1, "One", context_window=200_000)
TWO = model(2, "Two", context_window=100_000)
HERE = offer("acme", "one", price=("0.15", "0.60"), lifecycle="AVAILABLE")
THERE = offer("host", "one", price=("0.15", "1.20"))


def _cost(found: Contender) -> Decided:
    return decided(monthly_cost(found, CHAT))


def _kept(kind: Kind, made: Decided, *things: Contender) -> Record:
    """A record as it comes back to us after it was written."""
    record = _record(
        question=Question(kind, tuple(each.model.slug for each in things), CHAT, {"overrides": ""}),
        rules=rules_now(made.rules),
        answer=made.answer,
        figures=made.figures,
        sentence=made.sentence,
        facts=used_facts(made, known_of(things)),
    )
    return read_record(written(record, KEY), KEY)


def _again(record: Record, decide: Callable[..., Decided], *now: Contender) -> Replayed:
    return replayed(record, decide(*now), known_of(now), lambda alter: decide(*map(alter, now)))


def _priced(found: Contender, place: int, output: str | None) -> Contender:
    offers = list(found.offers)
    (sheet,) = offers[place].prices
    amount = None if output is None else Decimal(output)
    offers[place] = replace(offers[place], prices=(replace(sheet, output_mtok=amount),))
    return replace(found, loaded_offers=tuple(offers))


def test_the_same_facts_hold() -> None:
    found = contender(ONE, HERE, THERE)
    same = _again(_kept(Kind.MONTHLY_COST, _cost(found), found), _cost, found)
    assert (same.outcome, same.changes, same.rules_changed) == (Outcome.HOLDS, (), ())


def test_a_price_that_turns_the_cheapest_is_named() -> None:
    found = contender(ONE, HERE, THERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    turned = _again(record, _cost, _priced(found, 1, "0.01"))
    assert turned.outcome is Outcome.TURNED
    assert [
        (each.of, each.field, each.before and each.before.value, each.after, each.part) for each in turned.changes
    ] == [("host/one", "price.STANDARD.0.output", "1.2", "0.01", Part.DECISIVE)]
    assert "Because of price.STANDARD.0.output of host/one (1.2 before, 0.01 now)." in turned.sentence


def test_of_two_changes_only_the_decisive_one_is_said_to_be_it() -> None:
    found = contender(ONE, HERE, THERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    turned = _again(record, _cost, _priced(_priced(found, 1, "9"), 0, "0.61"))
    assert {each.of: each.part for each in turned.changes} == {
        "acme/one": Part.DECISIVE,
        "host/one": Part.NOT_ALONE,
    }


def test_a_price_that_is_gone_leaves_nothing_to_decide() -> None:
    found = contender(ONE, HERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    gone = _again(record, _cost, _priced(found, 0, None))
    assert gone.outcome is Outcome.UNDECIDABLE
    assert [(each.field, each.after, each.part) for each in gone.changes] == [
        ("price.STANDARD.0.output", None, Part.DECISIVE)
    ]


def test_an_irrelevant_change_holds_and_is_still_named() -> None:
    found = contender(ONE, HERE, THERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    dearer = _again(record, _cost, _priced(found, 1, "5"))
    assert (dearer.outcome, [each.of for each in dearer.changes]) == (Outcome.HOLDS, ["host/one"])
    renamed = _again(record, _cost, replace(found, model=replace(ONE, family="Unrelated")))
    assert (renamed.outcome, renamed.changes) == (Outcome.HOLDS, ())


def test_a_new_route_is_newly_used_and_never_said_to_have_changed() -> None:
    found = contender(ONE, HERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    turned = _again(record, _cost, contender(ONE, HERE, offer("new", "one", price=("0.01", "0.02"))))
    assert turned.outcome is Outcome.TURNED
    assert {(each.of, each.part) for each in turned.changes} == {("new/one", Part.NEWLY_USED)}
    assert "No used fact changed" in turned.sentence


def test_a_route_that_is_no_longer_offered_is_named() -> None:
    found = contender(ONE, HERE, THERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    off = replace(HERE, route=replace(HERE.route, live=False))
    assert known_of([off]).value(known_of([off]).ref("route", "acme/one", "lifecycle")) == NOT_OFFERED  # type: ignore[arg-type]
    assert _again(record, _cost, contender(ONE, off, THERE)).outcome is Outcome.TURNED


def test_a_rule_that_changed_is_named() -> None:
    found = contender(ONE, HERE)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    record = replace(record, rules={**record.rules, "cost.cheapest": "0" * 12, "cost.gone": "1" * 12})
    assert _again(record, _cost, found).rules_changed == ("cost.cheapest", "cost.gone")


def _judged(*models: Contender) -> Decided:
    return decided(verdict(models, CHAT))


def test_a_verdict_that_loses_its_winner_cannot_be_decided_any_more() -> None:
    """Of two models one alone qualifies, until its price is gone."""
    whole: dict[str, Any] = {"task": Task.TEXT_GENERATION, "license": APACHE, "output_modalities": (Modality.TEXT,)}
    good = contender(replace(ONE, **whole), HERE)
    poor = contender(replace(TWO, **whole), offer("acme", "two"))
    record = _kept(Kind.VERDICT, _judged(good, poor), good, poor)
    assert record.answer == {"winner": "one"}
    assert _again(record, _judged, good, poor).outcome is Outcome.HOLDS
    now = _again(record, _judged, _priced(good, 0, None), poor)
    assert now.outcome is Outcome.UNDECIDABLE
    assert ("acme/one", "price.STANDARD.0.output", Part.DECISIVE) in [(e.of, e.field, e.part) for e in now.changes]


_amounts = st.integers(1, 500).map(lambda cents: str(Decimal(cents).scaleb(-2)))


@given(st.lists(_amounts, min_size=2, max_size=4), st.integers(0, 3), _amounts)
def test_a_decisive_fact_alone_brings_the_old_answer_back(outputs: list[str], place: int, changed: str) -> None:
    """Any price of any route changes: the decision holds exactly where the answer is the same, else that price is named."""
    routes = [offer(f"host{number}", "one", price=("0.10", each)) for number, each in enumerate(outputs)]
    found = contender(ONE, *routes)
    place %= len(outputs)
    now = _priced(found, place, changed)
    record = _kept(Kind.MONTHLY_COST, _cost(found), found)
    result = _again(record, _cost, now)
    assert (result.outcome is Outcome.HOLDS) is (_cost(now).answer == _cost(found).answer)
    if result.outcome is not Outcome.HOLDS:
        assert [(each.of, each.part) for each in result.changes] == [(routes[place].route.key, Part.DECISIVE)]
