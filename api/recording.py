"""`--record` of the commands that decide: a decision is printed as one line that you keep, for `llmref replay`."""

from __future__ import annotations

import argparse
import sys
from typing import Any

COMPARE = """query ($models: [String!]!, $workload: WorkloadInput, $lens: LensInput) {
  comparison(models: $models, workload: $workload, lens: $lens) { verdict { record } } }"""
SWITCH = """query ($from: String!, $to: String!, $workload: WorkloadInput) {
  switchPlan(from: $from, to: $to, workload: $workload) { ... on SwitchPlan { record } ... on Unavailable { message } } }"""
RECOMMEND = """query ($requirements: RequirementsInput, $workload: WorkloadInput, $weights: [WeightInput!],
  $of: RecommendationOf!, $first: Int!) {
  recommend(requirements: $requirements, workload: $workload, weights: $weights, of: $of) { record(first: $first) } }"""


def record_argument(parser: argparse.ArgumentParser) -> None:
    """`--record`."""
    parser.add_argument("--record", action="store_true", help="print the decision as one line for `llmref replay`")


def show_records(data: Any) -> int:
    """Prints the records of an answer, a line each, and why there is none; 1 where one is missing."""
    said = list(_texts(data))
    for name, text in said:
        print(text, file=sys.stdout if name == "record" else sys.stderr)
    return 0 if said and all(name == "record" for name, _ in said) else 1


def _texts(data: Any) -> list[tuple[str, str]]:
    if not isinstance(data, dict):
        return []
    own = [(name, data[name]) for name in ("record", "message") if isinstance(data.get(name), str)]
    return own or [one for each in data.values() for one in _texts(each)]
