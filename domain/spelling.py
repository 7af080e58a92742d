"""How sources spell a model: an id taken apart into namespaces, words and the flags of an offer.

Two spellings of one model have the same bag of words once what belongs to the offer (region, cloud suffix, quantisation,
free or confidential serving) is set aside; whether softer flags may go too is for `identity` to decide, which knows the models.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

Key: TypeAlias = tuple[str, ...]
"""The words of a spelling as a sorted bag: word order carries no meaning (claude-4.5-sonnet = claude-sonnet-4-5)."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


REGIONS = _words("us eu global apac au jp ca in us-gov regional")
OFFERS = _words("free tee maas hf mtp autoround")
COLON_FLAGS = _words(
    "free thinking batch fast nitro floor online extended official exacto beta web high low medium max optimized"
)
HOST_PREFIXES = ("databricks-", "duo-chat-", "umans-", "alicloud-", "snowflake-", "system.ai.")
SHY_PREFIXES = ("fw-", "coding-", "azure-", "cc-", "deep-", "cerebras-", "groq-")
"""Taken away only where a model's name begins after them (deep-research is a name)."""
SPEED = _words(
    "fast turbo highspeed lightning flex ultrafast ultraspeed nitro speed tput throughput spot eco cheaper basic original"
)
CLEAR_SPEED = _words("highspeed ultraspeed ultrafast tput throughput spot nitro")
THINKING = _words("thinking think reasoning non nothink nothinking no")
EFFORT = _words("high low medium xhigh minimal")
CONTEXT = _words(
    "4k 8k 16k 32k 64k 128k 200k 202k 256k 1m 4096 8192 32768 40960 65536 131072 262144 long short extended"
)
PLANS = ("coding-plan", "token-plan")
"""Subscriptions under which a provider sells a model; they stand behind its name."""
REMEMBERED = 100_000
"""So many texts are remembered taken apart: sources repeat each other."""
STAGES = _words("preview latest beta experimental")
"""How far a release is; a display name often says it, or leaves it out, of one and the same model."""
RELEASES = _words("001 002")
TERMS = _words("flex spot nitro floor")
"""Flags of speed that say when and where a request is served, not by what."""
OTHER_FLAGS = _words("latest us eu fw cs")
SOFT_FLAGS = SPEED | THINKING | EFFORT | CONTEXT | RELEASES | OTHER_FLAGS
COMPLETABLE = frozenset({"instruct"})
TUNED = _words("instruct chat base pt guard thinking reasoning python embedding")
LINES = _words("opus sonnet haiku fable pro flash flashx lite mini nano micro air airx small medium large max plus")
"""Words that tell the models of one release apart."""
KINDS = _words(
    "base pt code coder codex math vision vl omni audio tts stt transcribe realtime live image video search research "
    "embed embedding embeddings rerank reranker reward guard safeguard distill abliterated uncensored roleplay"
)
"""Words that make other weights of a name: another purpose, another kind of input or output, another tuning."""
BASE_HOSTS = _words("fireworks fireworks-ai replicate")
"""Providers, and namespaces of them, at which a bare name of open weights means the base."""
BASE_FAMILIES = _words("llama codellama gemma mistral mixtral")
GENERIC = _words(
    "auto fast free best search chat base large small medium mini nano pro max lite standard premium default router "
    "model image video audio text to edit preview dev schnell latest quality turbo ultra smart mixed high low deep "
    "advanced basic instant reasoning thinking custom community research embeddings rerank extract query "
    "summarize balanced efficient frontier conservative creative enhanced generative neural multilingual english ai "
    "api reference inpaint outpaint upscale erase remove background redact structure sketch style transfer realtime "
    "streaming v moderation decisions container adaptive code prime coder vision general"
)

_SIZE = re.compile(r"^(?:\d+(?:\.\d+)?[btm]|\d+x\d+b|a\d+(?:\.\d+)?b|\d+e)$")
_QUANTISATION = re.compile(
    r"^(?:i?q\d(?:_\w+)?|(?:quantized\.)?w\d+a\d+|\d(?:\.\d+)?(?:bit|bpw)|(?:nv|mx)?fp\d*|bf16|nf4|int\d+|awq|gptq|gguf|mlx|exl\d|"
    r"bnb|qat|mxfp|quantized)$"
)
_DATE = re.compile(r"^d\d{4,8}$")
_ISO = re.compile(r"(?<!\d)(20[12]\d)-(0[1-9]|1[0-2])-([0-2]\d|3[01])(?!\d)")
_MONTH_YEAR = re.compile(r"(?<![\d.])(0[1-9]|1[0-2])-(20[12]\d)(?!\d)")
_MONTH_DAY = re.compile(r"(?<![\d.])(0[1-9]|1[0-2])-([0-2]\d|3[01])(?![\d.])")
_WORD_DIGITS = re.compile(r"([a-z]{3,})\.?(?=\d)")
_NUMBER = re.compile(r"^\d+(?:\.\d+)*$")
_WHOLE = re.compile(r"^\d{1,2}$")
_VISION = re.compile(r"^\dv$")
_LETTER_VERSION = re.compile(r"^[a-z]\d$")
_SEPARATOR = re.compile(r"--|[.-]")
_POINT = re.compile(r"(?<=\d)[p_](?=\d)")
_BELOW_ONE = re.compile(r"(?<![\d.])0-(?=\d+b\b)")
_PIECE = re.compile(r"[^a-z0-9.]+")
_VERSION_LETTER = re.compile(r"v\d")
_RELEASE = re.compile(r"-(v?)(\d+):(\d+)(?::\w+)?$")
_CLOUD_VERSION = re.compile(r"(claude-\w+-\d.*|nova-(?:lite|micro|pro|premier|2-\w+|sonic|canvas))-v1$")
_NOTES = re.compile(r"\((?![^)]*\d{4})[^)]*\)|\[[^]]*\]")
_FILE = re.compile(r"[._](gguf)$")
_GAP = re.compile(r"[\s/]+")
_VERSION = re.compile(r"v?r?\d")


@dataclass(frozen=True, slots=True)
class Spelling:
    """An id taken apart. `tail` is the name without what is surely of the offer, `words` its normalised words in order,
    `variants` the flags that went, `namespaces` what stood before it, outermost first."""

    tail: str
    words: tuple[str, ...]
    key: Key
    variants: tuple[str, ...]
    namespaces: tuple[str, ...]


def is_size(word: str) -> bool:
    """Whether a word counts parameters or experts: 70b, 8x7b, a17b, 128e."""
    return bool(_SIZE.match(word))


def is_date(word: str) -> bool:
    """Whether a word is a date as `words_of` writes them: `d` and the digits."""
    return bool(_DATE.match(word))


def same_day(one: str, other: str) -> bool:
    """Whether two date words may name one snapshot: 20250929 = 0929 = 2509, 202509 = 2509."""
    short, full = sorted((one[1:], other[1:]), key=lambda digits: (len(digits), digits))
    if len(short) == len(full):
        return short == full
    if len(full) == 8:
        return short in (full[4:], full[2:6], full[:6])
    return short == full[2:6]


def _month_day(digits: str) -> bool:
    return 1 <= int(digits[:2]) <= 12 and 1 <= int(digits[2:]) <= 31


def _date_word(digits: str) -> str | None:
    if len(digits) == 8 and digits.startswith("20") and _month_day(digits[4:]):
        return "d" + digits
    if len(digits) == 6 and 23 <= int(digits[:2]) <= 29 and _month_day(digits[2:]):
        return "d20" + digits
    if len(digits) == 4 and digits not in CONTEXT:
        year_month = 23 <= int(digits[:2]) <= 29 and 1 <= int(digits[2:]) <= 12
        if year_month or _month_day(digits):
            return "d" + digits
    return None


def words_of(tail: str) -> tuple[str, ...]:
    """The normalised words of a name: versions with dots (4-5, 4p5 and 4_5 are 4.5, 4.0 is 4, v3 is 3), dates as `d…`."""
    text = _POINT.sub(".", tail.lower())
    text = _BELOW_ONE.sub("0.", text)
    text = _ISO.sub(r"d\1\2\3", text)
    text = _MONTH_YEAR.sub(r"d\2\1", text)
    text = _MONTH_DAY.sub(r"d\1\2", text)
    text = _WORD_DIGITS.sub(r"\1-", text.replace("+", "-plus"))
    words: list[str] = []
    for piece in _PIECE.split(text):
        word = piece.strip(".")
        if _VERSION_LETTER.match(word):
            word = word[1:]
            if len(word) == 2 and word.isdigit() and word[0] == "0" and word[1] != "0":
                word = f"0.{word[1]}"
        if not word or word == "v":
            continue
        if not word.isdigit():
            if _VISION.match(word) and words and _WHOLE.match(words[-1]):
                words[-1] = f"{words[-1]}.{word}"  # glm-4-6v
                continue
            if _NUMBER.match(word):
                word = re.sub(r"(?:\.0)+$", "", word)
            words.append("instruct" if word == "it" else word)
            continue
        date = _date_word(word)
        before = words[-1] if words else ""
        if date:
            words.append(date)
        elif (len(word) == 1 and word != "0" and _LETTER_VERSION.match(before)) or (
            len(word) <= 2 and word[0] != "0" and _WHOLE.match(before)
        ):
            words[-1] = f"{before}.{word}"
        elif word == "0" and _NUMBER.match(before):
            continue
        elif len(word) == 1 and _NUMBER.match(before) and before.count(".") == 1:
            words[-1] = f"{before}.{word}"
        else:
            words.append(word)
    return tuple(words)


def key_of(words: tuple[str, ...] | frozenset[str] | list[str]) -> Key:
    """The bag of the words; a word said twice counts once (meta-llama/meta-llama-3)."""
    return tuple(sorted(set(words)))


class Speller:
    """Takes ids apart. `labs` gives, for each spelling of a lab that may stand before a name (`zai-`, `anthropic.`), the
    beginnings of that lab's names (`glm`, `claude`)."""

    def __init__(self, labs: Mapping[str, tuple[str, ...]]) -> None:
        self._labs = labs
        self._families = tuple(sorted({family for families in labs.values() for family in families}))
        self._beginnings: dict[tuple[str, ...], re.Pattern[str]] = {}
        self._seen: dict[tuple[str, str], Spelling] = {}

    def spelling(self, text: str, provider: str = "") -> Spelling:
        """Take an id apart, as the provider (its slug) means it. Case never matters."""
        asked = text, provider if provider in BASE_HOSTS else ""
        found = self._seen.get(asked)
        if found is None:
            if len(self._seen) >= REMEMBERED:
                self._seen.clear()
            found = self._seen[asked] = self._take_apart(*asked)
        return found

    def _take_apart(self, text: str, host: str) -> Spelling:
        segments = [part for part in text.strip().lower().replace("hf:", "", 1).split("/") if part.strip()]
        if not segments:
            return Spelling("", (), (), (), ())
        tail, variants = self._strip(segments[-1])
        words = words_of(tail)
        depth = len(segments) - 1
        while depth and self.says_nothing(tail, words):
            depth -= 1
            above, _ = self._strip(segments[depth])
            tail, words = f"{above}-{tail}", words_of(f"{above}-{tail}")
        if self._is_base(segments, words, host):
            tail, words = f"{tail}-base", (*words, "base")
        return Spelling(tail, words, key_of(words), variants, tuple(segments[:depth]))

    def says_nothing(self, tail: str, words: tuple[str, ...]) -> bool:
        """Whether words alone name no model: generic ones, numbers, sizes, dates. A lab's own family is a name."""
        return not self._begins(tail, self._families) and all(
            word in GENERIC or is_size(word) or is_date(word) or not any(char.isalpha() for char in word)
            for word in words
        )

    def name(self, text: str) -> Spelling:
        """Take a display name apart: `Z.AI: GLM-5.2 (free)`."""
        bare = _NOTES.sub(" ", text.lower())
        bare = bare.split(": ", 1)[-1] if ": " in bare else bare
        return self.spelling(_GAP.sub("-", bare.strip()))

    def _is_base(self, segments: list[str], words: tuple[str, ...], host: str) -> bool:
        """Fireworks, Replicate and the repositories of Meta, Mistral, Together, Gemma 2 and the older Qwen have base weights
        under the bare name, beside -instruct; so has a bare mistral-7b-v0.1, with the repository's own version."""
        if not words or not any(is_size(word) for word in words):
            return False
        owner = segments[-2] if len(segments) > 1 else ""
        old_qwen = words[:2] in (("qwen", "1.5"), ("qwen", "2"), ("qwen", "2.5"))
        # A gateway's google/gemma-2-9b is the tuned one; only the repository's own id is the base.
        bare = owner in ("meta-llama", "togethercomputer") or (
            segments[:-1] == ["google"] and words[:2] == ("gemma", "2")
        )
        if owner == "mistralai" or (not owner and words[0] in ("mistral", "mixtral")):
            bare = any(word.startswith("0.") for word in words)
        if not bare and not (owner == "qwen" and old_qwen) and not BASE_HOSTS & {host, *segments}:
            return False
        family = words[0] in BASE_FAMILIES or old_qwen or words[:2] == ("code", "llama")
        tuned = _words("instruct chat base python guard hf vision vl omni audio nemotron scout maverick nemo small 3.3")
        if any(word.endswith("e") for word in words if is_size(word)):
            tuned -= {"scout", "maverick"}  # only the repositories spell the experts out
        if owner == "meta-llama":
            tuned -= {"vision"}
        return family and not tuned & set(words) and not any(_DATE.match(word) for word in words)

    def _strip(self, segment: str) -> tuple[str, tuple[str, ...]]:
        variants: list[str] = []
        tail = _FILE.sub(r"-\1", segment)
        if "@" in tail:
            tail, _, at = tail.partition("@")
            if at in REGIONS or at in ("default", "001"):
                variants.append(at)
            else:
                tail = f"{tail}-{at.removesuffix('-001')}"
        first, dot, rest = tail.partition(".")
        if dot and first in REGIONS:
            variants.append(first)
            tail = rest
        tail = self._strip_vendor(tail)
        tail = re.sub(r"-v0:(\d)$", r"-v0.\1", tail)
        tail = re.sub(r"(claude-v\d):(\d)$", r"\1.\2", tail)
        release = _RELEASE.search(tail) if ":" in tail else None
        if release:
            kept = "" if release[3] == "0" and (release[2] == "1" or "claude" in tail) else f"-{release[1]}{release[2]}"
            tail = tail[: release.start()] + kept + ("" if release[3] == "0" else f".{release[3]}")
        elif _CLOUD_VERSION.match(tail):
            tail = tail.removesuffix("-v1")
        head, *colons = tail.split(":")
        if head == "ft":
            head, colons = "ft-" + "-".join(colons), []
        plan = next((plan for plan in PLANS if head.endswith(f"-{plan}")), None)
        if plan:
            variants.append(plan)
            head = head.removesuffix(f"-{plan}")
        pieces = [head]
        budget = head.endswith("thinking")
        for colon in colons:
            if colon in COLON_FLAGS or budget or colon == "peft":
                variants.append(colon)
                budget = colon in ("thinking", "peft")
            elif colon.isdigit() and len(colon) == 1:
                continue
            else:
                pieces.append(colon.removesuffix("-cloud"))
        words: list[str] = []
        for piece in "-".join(pieces).split("-"):
            if words and (_QUANTISATION.match(piece) or piece in OFFERS):
                variants.append(piece)
            elif piece in ("dynamic", "kv") and variants and variants[-1] == "fp8":
                continue
            elif piece:
                words.append(piece)
        return "-".join(words), tuple(variants)

    def _strip_vendor(self, tail: str) -> str:
        prefix = next((prefix for prefix in (*HOST_PREFIXES, *SHY_PREFIXES) if tail.startswith(prefix)), None)
        if prefix and len(tail) > len(prefix):
            rest = self._strip_vendor(tail.removeprefix(prefix))
            if prefix in HOST_PREFIXES or self._begins(rest, self._families):
                return rest
        for found in _SEPARATOR.finditer(tail):
            families = self._labs.get(tail[: found.start()])
            rest = tail[found.end() :]
            if families is None or not rest:
                continue
            if self._begins(rest, families):
                return rest
            if found[0] != "-":
                nested = self._strip_vendor(rest)
                return f"{tail[: found.start()]}-{rest}" if nested == rest and _VERSION.match(rest) else nested
        return tail

    def _begins(self, rest: str, families: tuple[str, ...]) -> bool:
        pattern = self._beginnings.get(families)
        if pattern is None:
            words = "|".join(re.escape(family) for family in families)
            pattern = self._beginnings[families] = re.compile(rf"(?:{words})(?![^\W\d_])" if families else r"(?!)")
        return pattern.match(rest) is not None


def class_of(variant: Iterable[str]) -> frozenset[str]:
    """The flags of an offer by which it may answer otherwise than its model: quantised weights, another speed (turbo, eco),
    another amount of thinking. Empty for the model as it is; free, batch, region and the like change only the terms."""
    differing = (SPEED | THINKING | EFFORT) - TERMS
    return frozenset(flag for flag in variant if flag in differing or _QUANTISATION.match(flag))
