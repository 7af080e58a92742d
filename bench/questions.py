"""What is asked of the servers: Q1 to Q4 of all, the rest of the product alone. The documents are in documents/ and operations/."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

DOCUMENTS = Path(__file__).parent / "documents"
OPERATIONS = Path(__file__).parent.parent / "operations"
LISTS = ("q1", "q4")
"""Questions about the models that most providers serve; the other two name their models."""


@dataclass(frozen=True, slots=True)
class Question:
    """`key` is its name in files and paths; `title` says in a table what it is."""

    key: str
    title: str
    document: str

    @property
    def body(self) -> bytes:
        """The request, as a client of GraphQL over HTTP sends it."""
        return json.dumps({"query": self.document}).encode()


def _question(key: str, title: str, file: Path) -> Question:
    return Question(key, title, file.read_text())


QUESTIONS = (
    _question("q1", "Q1", DOCUMENTS / "q1.graphql"),
    _question("q2", "Q2", DOCUMENTS / "q2.graphql"),
    _question("q3", "Q3", DOCUMENTS / "q3.graphql"),
    _question("q4", "Q4", DOCUMENTS / "q4.graphql"),
)
SMALL = _question("small", "26 objects", DOCUMENTS / "small.graphql")
NOTHING = Question("nothing", "`{ __typename }`", "{ __typename }")
SEARCH = _question("search", "search", DOCUMENTS / "search.graphql")
PRODUCT_ONLY = (
    _question("compare", "full comparison", OPERATIONS / "1-compare.graphql"),
    _question("recommend", "recommend", OPERATIONS / "9-recommend.graphql"),
    SEARCH,
    SMALL,
    NOTHING,
)
"""With the defaults of their variables. They compute what none of the other servers does."""
_PAGE = """query Page($first: Int! = %s, $after: String = %s) {
  models(first: $first, after: $after, order: MOST_PROVIDERS) { nodes { slug name contextWindow } pageInfo { endCursor } }
}"""
FIRST_PAGE, DEEP_PAGE = "page 1", "page 1,000"
PAGE, DEEP, LARGEST_PAGE = 50, 1_000, 100


def pages(ask: Callable[[Question], bytes]) -> tuple[Question, Question]:
    """The first page of a long list and one far behind, to which is gone page by page, as a client would."""
    after = "null"
    for _ in range((DEEP - 1) * PAGE // LARGEST_PAGE):
        after = _behind(ask, LARGEST_PAGE, after)
    if rest := (DEEP - 1) * PAGE % LARGEST_PAGE:
        after = _behind(ask, rest, after)
    first, deep = (_PAGE % (PAGE, each) for each in ("null", after))
    return Question("page-1", FIRST_PAGE, first), Question("page-1000", DEEP_PAGE, deep)


def _behind(ask: Callable[[Question], bytes], first: int, after: str) -> str:
    answer = json.loads(ask(Question("", "", _PAGE % (first, after))))
    return json.dumps(answer["data"]["models"]["pageInfo"]["endCursor"])
