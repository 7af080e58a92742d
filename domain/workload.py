"""A workload is what a month of use looks like: classes of requests with token counts, so that prices become costs.

The presets are data with visible counts: those with a reference follow measurements of real use, the others are our stated
assumptions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from domain.rules import Rule
from domain.shapes import Reference
from domain.units import exact

MAX_REQUESTS = 10**12
MAX_TOKENS = 10**9
MAX_CLASSES = 20
_MOST = {
    "requests": MAX_REQUESTS,
    **dict.fromkeys(("input", "cached_input", "cache_write", "cache_write_1h", "output", "reasoning"), MAX_TOKENS),
}
_SHARES = ("batch_share", "peak_share", "retries")
_WHOLE = (Decimal(0), Decimal(1))

WORKLOAD = Rule(
    "cost.workload",
    "Workload",
    "A workload is one or more classes of requests. Each states requests per month and, per request, input tokens "
    "(neither read from nor written to a cache), cached input, cache writes that last five minutes or an hour, visible "
    "output and reasoning tokens; and the share of requests that can wait for a batch, the share that falls into peak "
    "hours, and retries. The whole prompt is input + cached input + cache writes.",
    "docs/methodology.md#monthly-cost",
)
RETRIES = Rule(
    "cost.retries",
    "Retries",
    "A request that is sent again is billed again, whole: every class counts its requests times one plus the share that "
    "is sent again.",
    "docs/methodology.md#monthly-cost",
)
RULES = (WORKLOAD, RETRIES)


@dataclass(frozen=True, slots=True)
class RequestClass:
    """Requests of one shape. Token counts are per request and do not overlap: `input` is the part of the prompt that
    no cache serves, `cache_write` is kept for five minutes and `cache_write_1h` for an hour, `output` is what the reader
    sees, `reasoning` comes on top of it. Shares are between 0 and 1: `batch_share` can wait, `peak_share` falls into peak
    hours, `retries` is sent again.

    Raises ValueError for a negative or oversized number, a share outside 0 to 1, and a share of over nine decimals.
    """

    name: str
    requests: int
    input: int
    output: int
    cached_input: int = 0
    cache_write: int = 0
    reasoning: int = 0
    batch_share: Decimal = Decimal(0)
    cache_write_1h: int = 0
    peak_share: Decimal = Decimal(1)
    retries: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        for label, most in _MOST.items():
            number: int = getattr(self, label)
            if not 0 <= number <= most:
                raise ValueError(f"{label} of {self.name!r} must be between 0 and {most:,}, not {number:,}")
        for label in _SHARES:
            share: Decimal = getattr(self, label)
            if not share.is_finite() or not 0 <= share <= 1:
                raise ValueError(f"{label} of {self.name!r} must be between 0 and 1, not {share}")
            if share in _WHOLE:  # as nearly always, and workloads are made by the hundred
                continue
            # Bounded digits keep every product of the cost rules exact.
            with exact():
                scaled = share.scaleb(9)
                if scaled != scaled.to_integral_value():
                    raise ValueError(f"{label} of {self.name!r} may have nine decimals at most, not {share}")

    @property
    def prompt(self) -> int:
        """Tokens of the whole prompt, which decides the price tier."""
        return self.input + self.cached_input + self.cache_write + self.cache_write_1h

    @property
    def generated(self) -> int:
        """Tokens that the model produces, seen or not."""
        return self.output + self.reasoning

    @property
    def billed(self) -> Decimal:
        """Requests per month with those that are sent again (rule `cost.retries`)."""
        return self.requests * (1 + self.retries) if self.retries else Decimal(self.requests)


@dataclass(frozen=True, slots=True)
class Workload:
    """One month of use. Raises ValueError when it has no class, more than 20, or two of one name."""

    name: str
    classes: tuple[RequestClass, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.classes) <= MAX_CLASSES:
            raise ValueError(f"a workload has 1 to {MAX_CLASSES} request classes, not {len(self.classes)}")
        names = [each.name for each in self.classes]
        if len(set(names)) < len(names):
            raise ValueError(f"the request classes of {self.name!r} need different names")

    @property
    def waits(self) -> bool:
        """Whether some of it need not be answered at once: part of it may wait for a batch, or for quiet hours."""
        return any([each.batch_share or each.peak_share != 1 for each in self.classes])

    @property
    def context_need(self) -> int:
        """Tokens of the largest single request, prompt and generated together."""
        return max(each.prompt + each.generated for each in self.classes)

    @property
    def output_need(self) -> int:
        """The most tokens that one request generates."""
        return max(each.generated for each in self.classes)


@dataclass(frozen=True, slots=True)
class Preset:
    """A named workload with what it stands for and where its counts come from: `note` in words, `reference` the document that
    measured them, None where nobody did."""

    key: str
    title: str
    description: str
    note: str
    workload: Workload
    reference: Reference | None = None


_ASSUMED = "The token counts are our stated assumption, not a measurement. Pass your own workload for your own traffic."
_READ = date(2026, 11, 27)


def _preset(
    key: str,
    title: str,
    description: str,
    *classes: RequestClass,
    note: str = _ASSUMED,
    reference: Reference | None = None,
) -> Preset:
    return Preset(key, title, description, note, Workload(key, classes), reference)


CHAT = _preset(
    "CHAT",
    "Chat assistant",
    "A conversation of several turns; the earlier turns and the instructions are read from the cache.",
    RequestClass("turn", requests=500_000, input=70, cached_input=1_500, cache_write=280, output=215),
    note="Message and answer are the averages of LMSYS-Chat-1M, a million conversations of 2023, rounded; the cache write is the "
    "turn before, which is as long as the two. The 1,500 tokens of instructions and earlier turns, and the requests a month, "
    "are our assumption. Answers of newer models tend to be longer.",
    reference=Reference(
        "https://github.com/yukimaru77/kaggle_jp/blob/b41bd1b1b555ff0fc69a7c54714258b14f33e2fe/lmsys-chatbot-arena/discuss/"
        "lmsys_chat_1m_%28is_Allowed_-_dataset_consists_of_user_intera%E2%80%A6.md",
        _READ,
        "Conversations | 1,000,000 … Avg. # Turns per Sample | 2.0 | Avg. # Tokens per Prompt | 69.5 | Avg. # Tokens per "
        "Response | 214.5",
    ),
)
RAG = _preset(
    "RAG",
    "Question answering over retrieved text",
    "Fresh passages go with every question; only the instructions are cached.",
    RequestClass("question", requests=200_000, input=2_000, cached_input=1_000, output=270),
    note="The prompt of 3,000 tokens and the answer are the averages, rounded, of 117 requests in two stretches of RAGPulse, the "
    "trace of a university's question answering (2,968 and 265 tokens); its prompts without passages have about 1,050 "
    "tokens, which we take for the instructions. That they are cached, and the requests a month, are our assumption.",
    reference=Reference(
        "https://github.com/flashserve/RAGPulse/blob/99a62769a91d5ebd17a2d4ddbbc88c1d16edc0e8/data/0_trace.jsonl",
        _READ,
        '{"timestamp": "591968", "input_length": 3059, "output_length": 163, … {"timestamp": "592184", "input_length": 1053, '
        '"output_length": 111, "hash_ids": {"sys_prompt": [8308, 11700, 8310], "passages_ids": []',
    ),
)
AGENTIC_CODING = _preset(
    "AGENTIC_CODING",
    "Agentic coding",
    "Many short steps over one long, growing prompt, of which about 96 % is read from the cache at each step.",
    RequestClass(
        "step", requests=100_000, input=1_000, cached_input=147_000, cache_write=5_500, output=320, reasoning=200
    ),
    note="The averages per step of TraceLab, 357,161 steps of 43 people with Claude Code and Codex, rounded: 147,000 tokens read "
    "from the cache, 6,500 appended, 520 written. How many of the appended are written to the cache, how many of the written are "
    "reasoning, and the requests a month, are our assumption. An average is what a month costs by; most steps are shorter.",
    reference=Reference(
        "https://tracelab.cs.washington.edu/",
        _READ,
        "Distinct users 43 … Agent steps 357,161 … Total input tokens 54.9B | Cached-read tokens 52.6B 96% served from cache | "
        "Append input tokens 2.34B | Total output tokens 186.9M",
    ),
)
BATCH_EXTRACTION = _preset(
    "BATCH_EXTRACTION",
    "Batch extraction",
    "Structured fields out of documents, all of it overnight in batches.",
    RequestClass("document", requests=300_000, input=3_000, output=400, batch_share=Decimal(1)),
)
SUMMARISATION = _preset(
    "SUMMARISATION",
    "Summarisation",
    "Articles and transcripts of some length to a few paragraphs; half of them can wait for a batch.",
    RequestClass("text", requests=100_000, input=8_000, output=600, batch_share=Decimal("0.5")),
)
CLASSIFICATION = _preset(
    "CLASSIFICATION",
    "Classification",
    "Short texts to a label; the instructions with their examples are cached.",
    RequestClass("item", requests=2_000_000, input=250, cached_input=750, output=10),
)
LONG_DOCUMENT = _preset(
    "LONG_DOCUMENT",
    "Long-document analysis",
    "A contract or report in one prompt, then questions to it that read it from the cache.",
    RequestClass("first reading", requests=5_000, input=1_000, cache_write=150_000, output=2_000, reasoning=2_000),
    RequestClass("further question", requests=20_000, input=1_000, cached_input=150_000, output=1_000, reasoning=1_000),
)
EMBEDDING = _preset(
    "EMBEDDING",
    "Embedding of documents",
    "Passages turned into vectors: only prompts, nothing is written. For embedding models, which serve no other preset.",
    RequestClass("passage", requests=1_000_000, input=500, output=0),
)
AGENT_LOOP = _preset(
    "AGENT_LOOP",
    "Agent loop that re-sends its history",
    "10,000 tasks of twelve rounds without a cache: every round sends the instructions and all rounds before it again, so "
    "that the prompt grows by 2,000 tokens a round; two rounds of a hundred fail and are repeated.",
    RequestClass("rounds 1 to 4", requests=40_000, input=7_000, output=350, reasoning=250, retries=Decimal("0.02")),
    RequestClass("rounds 5 to 8", requests=40_000, input=15_000, output=350, reasoning=250, retries=Decimal("0.02")),
    RequestClass("rounds 9 to 12", requests=40_000, input=23_000, output=350, reasoning=250, retries=Decimal("0.02")),
)
REFERENCE_PAGE = _preset(
    "REFERENCE_PAGE",
    "The reference page's month",
    "One million requests of 1,000 input and 200 output tokens.",
    RequestClass("request", requests=1_000_000, input=1_000, output=200),
    note="The page does not publish its traffic. We chose counts that reproduce its $270 at $0.15 and $0.60 per "
    "million tokens; other counts would as well.",
)

PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        preset.key: preset
        for preset in (
            CHAT,
            RAG,
            AGENTIC_CODING,
            BATCH_EXTRACTION,
            SUMMARISATION,
            CLASSIFICATION,
            LONG_DOCUMENT,
            EMBEDDING,
            AGENT_LOOP,
            REFERENCE_PAGE,
        )
    }
)
"""All presets by key."""
