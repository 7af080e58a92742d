"""`llmref cost`: a bill that a person reads, JSON for programs, and a word where a name means nothing."""

import json
from argparse import ArgumentParser
from typing import Any

import pytest

from api import bill, costing, reading
from api.__main__ import main
from domain.workload import PRESETS
from tests.api.test_reading import UNKNOWN, Fixed


@pytest.fixture(autouse=True)
def url(filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", filled)
    monkeypatch.setattr(reading, "datetime", Fixed)


def lines(said: str) -> list[str]:
    """Without the frames of tables, and with single spaces."""
    return [" ".join(line.split()) for line in said.splitlines() if line.strip() and "───" not in line]


def test_the_bill_of_a_model(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "One", "--preset", "reference_page"]) == 0
    assert lines(capsys.readouterr().out) == [
        "One: $270 a month, cheapest at acme/one",
        "The month (REFERENCE_PAGE), tokens per request:",
        "requests a month input output",
        "request 1,000,000 1,000 200",
        "requests billed as tokens a month USD per 1M amount",
        "request input 1,000,000,000 0.15 $150",
        "request output 200,000,000 0.6 $120",
        "total $270",
        "Other routes:",
        "route a month",
        "host/one No input and output price of Host (one) is known.",
        "host/one-free Host (one-free) is free: it has no metered price to compete with.",
        "What moves it:",
        "• One percent point more generated tokens: $5.40 a month more (2 %).",
        "• One percent point more cached prompt tokens: no change.",
        "• 1 % more requests: $2.70 a month more (1 %).",
    ]


def test_routes_under_own_terms_and_a_month_of_ones_own(capsys: pytest.CaptureFixture[str]) -> None:
    own = ["--requests", "1000000", "--input", "1000", "--cached-input", "500", "--retries", "0.1"]
    assert main(["cost", "acme/one", "host/one", *own, "--discount", "acme/one=50"]) == 0
    assert lines(capsys.readouterr().out) == [
        "acme/one (One): $124 a month",
        "requests billed as tokens a month USD per 1M amount",
        "requests input 1,100,000,000 0.075 $82.50",
        "requests cache read at the input price 550,000,000 0.075 $41.25",
        "total $124",
        "• Your own discount of 50 % on acme/one is taken off its published prices.",
        "• No cache read price: cached input is billed at the input price.",
        "host/one (One): no cost",
        "No input and output price of Host (one) is known.",
        "Missing: price.STANDARD.0.input of host/one, price.STANDARD.0.output of host/one",
    ]


@pytest.mark.parametrize(
    "found",
    [
        {"__typename": "RouteCost", "display": "$1", "lines": [], "notes": [], "suspicious": []},
        {"__typename": "Unavailable", "message": "No price."},
    ],
)
def test_a_route_is_told_with_its_end_whether_or_not_it_has_a_cost(
    capsys: pytest.CaptureFixture[str], found: dict[str, Any]
) -> None:
    end = "This route: to be shut down in 2026-12."
    route = {"key": "acme/one", "model": None, "caveats": [{"text": end}], "monthlyCost": found}
    bill.show(1, {"route0": route, "model0": None})
    assert f"• {end}" in lines(capsys.readouterr().out)


def test_an_excluded_provider_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "acme/one", "--exclude", "acme"]) == 0
    assert lines(capsys.readouterr().out) == [
        "acme/one (One): no cost",
        "Acme (one) is excluded: you asked for costs without Acme.",
    ]


def test_a_bill_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "one", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["data"]
    assert (found["route0"], found["model0"]["monthlyCost"]["display"]) == (None, "$203")


def test_a_name_that_means_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cost", "three", "two"]) == 1
    said = capsys.readouterr()
    assert lines(said.out) == ["Two: no cost", "No live route of Two is tracked."]
    assert said.err == UNKNOWN


@pytest.mark.parametrize(
    ("_case", "more", "message"),
    [
        ("tokens without requests", ["--input", "5"], "--input describes your own month; say also --requests"),
        (
            "a preset and tokens",
            ["--preset", "RAG", "--input", "5", "--requests", "1"],
            "--preset says what a request is",
        ),
        ("a discount of nothing", ["--discount", "acme/one"], "--discount is written ROUTE=PERCENT"),
        ("six names", ["a", "b", "c", "d", "e"], "at most 5 models or routes at once"),
    ],
)
def test_a_wrong_call(capsys: pytest.CaptureFixture[str], _case: str, more: list[str], message: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["cost", "one", *more])
    assert stopped.value.code == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_scaled_to_so_many_requests(preset: str) -> None:
    """Its shapes keep their proportions, and the whole is what was asked for."""
    parser = ArgumentParser()
    costing.arguments(parser)
    before = PRESETS[preset].workload.classes
    total = 2 * sum(each.requests for each in before)
    asked: Any = costing.workload(parser.parse_args(["one", "--preset", preset, "--requests", str(total)]))
    assert [each["requests"] for each in asked["requests"]] == [2 * each.requests for each in before]
    assert [each["retries"] for each in asked["requests"]] == [str(each.retries) for each in before]


@pytest.mark.parametrize(
    ("_case", "more", "expected"),
    [
        ("as presets are", ["--preset", "RAG"], {"preset": "RAG"}),
        ("of a preset", ["--preset", "RAG", "--peak-share", "0.2"], {("200000", "2000", "0.2")}),
        (
            "of a scaled one",
            ["--preset", "LONG_DOCUMENT", "--peak-share", "0.2", "--requests", "10"],
            {("2", "1000", "0.2"), ("8", "1000", "0.2")},
        ),
        ("of the usual one", ["--peak-share", "0"], {("500000", "70", "0")}),
        ("of a month of one's own", ["--requests", "5", "--input", "7", "--peak-share", "1"], {("5", "7", "1")}),
    ],
)
def test_the_share_in_peak_hours(_case: str, more: list[str], expected: object) -> None:
    """It says when requests come, not what a request is, so it goes with every month."""
    parser = ArgumentParser()
    costing.arguments(parser)
    asked: Any = costing.workload(parser.parse_args(["one", *more]))
    if "requests" in asked:
        asked = {tuple(str(each[name]) for name in ("requests", "input", "peakShare")) for each in asked["requests"]}
    assert asked == expected


@pytest.mark.parametrize("command", ["compare", "switch", "recommend"])
def test_who_compares_can_say_the_share_in_peak_hours(capsys: pytest.CaptureFixture[str], command: str) -> None:
    names = [] if command == "recommend" else ["one", "two"]
    assert main([command, *names, "--preset", "rag", "--peak-share", "1.5"]) == 1
    assert "peak_share of 'question' must be between 0 and 1, not 1.5" in capsys.readouterr().err


def test_notes_of_one_of_several_cheapest_routes_name_it(capsys: pytest.CaptureFixture[str]) -> None:
    tied = [
        {"route": {"key": f"{host}/one"}, "lines": [], "display": "$1", "notes": notes, "suspicious": []}
        for host, notes in (("a", ["No cheaper batch price."]), ("b", []))
    ]
    for cheapest, said in ((tied, "• a/one: No cheaper batch price."), (tied[:1], "• No cheaper batch price.")):
        found = {"__typename": "MonthlyCost", "display": "$1", "workload": {"name": "CHAT", "classes": []}}
        cost = {
            **found,
            "cheapest": cheapest,
            "ranked": [],
            "rankingGap": None,
            "sensitivity": [],
            "caveats": [{"text": "Old."}],
        }
        bill.show(1, {"route0": None, "model0": {"name": "One", "monthlyCost": cost}})
        shown = lines(capsys.readouterr().out)
        assert said in shown
        assert "• Old." in shown
        assert ("As a/one bills it; the others come to the same:" in shown) is (len(cheapest) > 1)


def test_of_many_routes_the_cheapest_and_the_labs_own_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def ranked(number: int, *, own: bool = False) -> dict[str, Any]:
        cost = {"__typename": "RouteCost", "display": f"${number}", "suspicious": []}
        return {"rank": number, "route": {"key": f"host-{number}/one", "firstParty": own}, "outcome": cost}

    best = {"route": {"key": "host-1/one"}, "lines": [], "display": "$1", "notes": [], "suspicious": []}
    found = {
        "__typename": "MonthlyCost",
        "display": "$1",
        "workload": {"name": "CHAT", "classes": []},
        "cheapest": [best],
    }
    routes = [ranked(number, own=number == 12) for number in range(1, 15)]
    cost = {**found, "ranked": routes, "rankingGap": None, "sensitivity": [], "caveats": []}
    data = {"route0": None, "model0": {"name": "One", "monthlyCost": cost}}
    bill.show(1, data)
    said = lines(capsys.readouterr().out)
    keys = [
        line.split()[1] for line in said if line.split()[-1].startswith("$") and "/one" in line and line[0].isdigit()
    ]
    assert keys == [f"host-{number}/one" for number in (*range(2, 10), 12)]
    assert "and 4 more routes; --all shows them" in said
    bill.show(1, data, every=True)
    told = capsys.readouterr().out
    assert all(f"host-{number}/one" in told for number in range(1, 15))
    assert "more route" not in told
