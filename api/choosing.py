"""`llmref recommend`: what fits the needs that the arguments name, printed for people or as JSON."""

from __future__ import annotations

import argparse

from api import choosing_page
from api.months import of_preset, peak_argument
from api.operations import document
from api.reading import ask_and_show, preset_argument, spelled
from api.recording import RECOMMEND, record_argument
from api.settings import Settings
from domain.facts import CapabilityKind, CommercialUse, Modality, Openness, ProviderKind, Task
from domain.scales import WEIGHTS

DESCRIPTION = (
    "What fits your needs at a month of use: the best by published weights, near misses with what they miss and by how much,\n"
    "and what would fit once somebody sources a fact."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `llmref recommend` takes."""
    preset_argument(parser, "CHAT")
    peak_argument(parser)
    for flag, kind, words in (
        ("--task", Task, "made for it; without it text-generation"),
        ("--capability", CapabilityKind, "has it: vision, function-calling …"),
        ("--input", Modality, "it goes in: text, image …"),
        ("--output", Modality, "it comes out: text, audio …"),
        ("--openness", Openness, "open-source, open-weights, proprietary"),
        ("--commercial-use", CommercialUse, "allowed, conditions, not-allowed"),
        ("--provider-kind", ProviderKind, "lab, cloud, host, aggregator …"),
    ):
        choices = [member.value for member in kind]
        parser.add_argument(flag, action="append", type=spelled, choices=choices, metavar="NAME", help=words)
    for flag, words in (
        ("--license", "under this licence, by its SPDX id"),
        ("--lab", "made by this lab"),
        ("--not-lab", "not made by this lab"),
        ("--provider", "at this provider or company"),
        ("--not-provider", "not at this provider or company"),
        ("--region", "served in this region"),
    ):
        parser.add_argument(flag, action="append", metavar="NAME", help=words)
    parser.add_argument("--min-context", type=int, metavar="TOKENS", help="context window of at least so many tokens")
    parser.add_argument("--min-output", type=int, metavar="TOKENS", help="answers of at least so many tokens")
    parser.add_argument("--max-monthly-cost", metavar="USD", help="at most so many USD a month")
    parser.add_argument("--max-input-price", metavar="USD", help="at most so many USD per million input tokens")
    parser.add_argument("--max-output-price", metavar="USD", help="at most so many USD per million output tokens")
    parser.add_argument("--released-after", metavar="DAY", help="released later than this day")
    parser.add_argument(
        "--lives-until", metavar="DAY", help="in service until this day; without it for 90 days as far as is announced"
    )
    parser.add_argument("--benchmark", action="append", type=_floor, metavar="SLUG=SCORE", help="reaches this score")
    parser.add_argument(
        "--weight",
        action="append",
        type=_weight,
        metavar="ROW=N",
        help=f"your own weight, 0 to 1000: {', '.join(WEIGHTS)}",
    )
    parser.add_argument("--routes", action="store_true", help="rank routes, not models")
    parser.add_argument("--first", type=int, default=10, metavar="N", help="so many, at most 100")
    parser.add_argument("--after", metavar="CURSOR", help="the page after this one, from --json")
    parser.add_argument("--json", action="store_true", help="print the answer as JSON")
    record_argument(parser)


def _floor(text: str) -> dict[str, str]:
    slug, separator, score = text.partition("=")
    if not (slug and separator and score):
        raise argparse.ArgumentTypeError("write SLUG=SCORE")
    return {"benchmark": slug, "score": score}


def _weight(text: str) -> dict[str, str | int]:
    row, _, number = text.partition("=")
    if spelled(row) not in list(WEIGHTS) or not number.isdecimal():
        raise argparse.ArgumentTypeError(f"write ROW=N with one of {', '.join(WEIGHTS)}")
    return {"signal": spelled(row), "weight": int(number)}


_REQUIREMENTS = {
    "tasks": "task",
    "capabilities": "capability",
    "inputs": "input",
    "outputs": "output",
    "openness": "openness",
    "commercialUse": "commercial_use",
    "providerKinds": "provider_kind",
    "licenses": "license",
    "labs": "lab",
    "notLabs": "not_lab",
    "providers": "provider",
    "notProviders": "not_provider",
    "regions": "region",
    "minContext": "min_context",
    "minOutput": "min_output",
    "maxMonthlyCost": "max_monthly_cost",
    "maxInputPrice": "max_input_price",
    "maxOutputPrice": "max_output_price",
    "releasedAfter": "released_after",
    "livesUntil": "lives_until",
    "benchmarks": "benchmark",
}
"""A requirement of the schema, and the argument that gives it."""


def run(settings: Settings, asked: argparse.Namespace) -> int:
    """`llmref recommend`."""
    given = {name: getattr(asked, argument) for name, argument in _REQUIREMENTS.items()}
    variables = {
        "requirements": {name: value for name, value in given.items() if value is not None},
        "workload": of_preset(asked.preset, peak_share=asked.peak_share),
        "weights": asked.weight,
        "of": "ROUTES" if asked.routes else "MODELS",
        "first": asked.first,
        "after": asked.after,
    }
    return ask_and_show(settings, asked, document("Recommend"), variables, choosing_page.recommendations, RECOMMEND)
