"""How many pairs of the models that are served most have a benchmark row in common, as a running service judges it.

Two lists, both taken from the catalogue so that nobody chooses them: the most served text models of all, and the two most
served of each lab below. Models named behind the address are counted instead. Nothing is asserted.
Run: python -m bench.shared_pairs http://127.0.0.1:8000/graphql [model …]
"""

from __future__ import annotations

import json
import sys
from itertools import combinations
from typing import Any
from urllib.request import Request, urlopen

MOST_SERVED, PER_LAB = 30, 2
LABS = (
    "openai",
    "anthropic",
    "google",
    "meta",
    "mistral",
    "deepseek",
    "alibaba",
    "moonshotai",
    "zai",
    "minimax",
    "xai",
)

LISTED = """query Listed($labs: [String!], $first: Int!) {
  models(first: $first, order: MOST_PROVIDERS, where: {labs: $labs, tasks: [TEXT_GENERATION]}) { nodes { slug } }
}"""
SHARED = """query Shared($models: [String!]!) {
  comparison(models: $models) { benchmarks { rows { benchmark } refused { benchmark blockedBy } } }
}"""


def ask(address: str, query: str, variables: dict[str, Any]) -> dict[str, Any]:
    """The data of one answer; an answer with errors ends the run."""
    body = json.dumps({"query": query, "variables": variables}).encode()
    with urlopen(Request(address, body, {"content-type": "application/json"})) as response:
        answer: dict[str, Any] = json.load(response)
    if answer.get("errors"):
        raise SystemExit(f"{variables}: {answer['errors'][0]['message']}")
    data: dict[str, Any] = answer["data"]
    return data


def listed(address: str, first: int, labs: list[str] | None = None) -> list[str]:
    """The most served text models: slugs."""
    return [node["slug"] for node in ask(address, LISTED, {"labs": labs, "first": first})["models"]["nodes"]]


def report(address: str, what: str, models: list[str]) -> None:
    """Prints the pairs with a row, those whose results are refused, and the models that share nothing with any other."""
    pairs = list(combinations(models, 2))
    found = {pair: ask(address, SHARED, {"models": pair})["comparison"]["benchmarks"] for pair in pairs}
    sharing = {pair for pair, shared in found.items() if shared["rows"]}
    refused = sum(1 for pair, shared in found.items() if pair not in sharing and shared["refused"])
    alone = [slug for slug in models if not any(slug in pair for pair in sharing)]
    print(f"{what}: {len(models)} models, {len(sharing)} of {len(pairs)} pairs share a row, {refused} are refused")
    print(f"  models: {', '.join(models)}")
    print(f"  share nothing with any other: {', '.join(alone) or 'none'}")


def main() -> None:
    """Prints both lists, or the one that was named."""
    address, *named = sys.argv[1:] or ["http://127.0.0.1:8000/graphql"]
    if named:
        report(address, "named", named)
        return
    report(address, "most served", listed(address, MOST_SERVED))
    by_lab = [slug for lab in LABS for slug in listed(address, PER_LAB, [lab])]
    report(address, f"{PER_LAB} most served of {len(LABS)} labs", by_lab)


if __name__ == "__main__":
    main()
