"""The English words for facts: labels of enum members, lists and counts that read well for any number of items.

Only words live here; which of them applies is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from domain.facts import ApiShape, CapabilityKind

NOT_SOURCED = "not sourced yet"
"""What a reader sees where no source says."""
NOT_APPLICABLE = "not applicable"
NO_ELIGIBLE_ROUTE = "no eligible route"
"""Instead of a cost, where all routes are known and none competes for the workload."""

# Where the member's own name with spaces is not what people write. Keyed by text of type and member, because equal
# members of different StrEnums are equal keys.
_EXCEPTIONS: Mapping[str, str] = MappingProxyType(
    {
        "CapabilityKind.IDE_INTEGRATION": "IDE integration",
        "CapabilityKind.AUDIO_IN": "Audio input",
        "CapabilityKind.AUDIO_OUT": "Audio output",
        "CapabilityKind.VIDEO_IN": "Video input",
        "CapabilityKind.PDF_IN": "PDF input",
        "CapabilityKind.IMAGE_OUT": "Image output",
        "CapabilityKind.BATCH": "Batch processing",
        "Modality.PDF": "PDF",
        "CommercialUse.ALLOWED": "Commercial use allowed",
        "CommercialUse.CONDITIONS": "Commercial use with conditions",
        "CommercialUse.NOT_ALLOWED": "No commercial use",
        "Architecture.MOE": "Mixture of experts",
        "ApiShape.OPENAI_CHAT": "OpenAI Chat Completions",
        "ApiShape.OPENAI_RESPONSES": "OpenAI Responses",
        "ApiShape.ANTHROPIC_MESSAGES": "Anthropic Messages",
        "ApiShape.GOOGLE_GENAI": "Google Gen AI",
        "ApiShape.BEDROCK": "Amazon Bedrock",
        "ApiShape.OTHER": "a format of its own",
        "PriceBasis.INCLUDED": "Included in a plan",
        "PriceBasis.LOCAL": "Runs locally",
    }
)


def label(value: StrEnum) -> str:
    """The words for an enum member as a heading or cell; `not sourced yet` for UNKNOWN."""
    if value.name == "UNKNOWN":
        return NOT_SOURCED
    return _EXCEPTIONS.get(f"{type(value).__name__}.{value.name}", value.name.replace("_", " ").capitalize())


@lru_cache(maxsize=1024, typed=True)  # equal members of two enumerations have words of their own
def in_sentence(value: StrEnum) -> str:
    """The label inside a sentence: lower case at its start, except for abbreviations and names."""
    if value is CapabilityKind.MULTIMODAL:
        return "multimodal support"  # the label is an adjective
    return label(value) if isinstance(value, ApiShape) else lowered(label(value))


def lowered(text: str) -> str:
    """A label with a small first letter, unless it starts with an abbreviation: `long context`, `RAG`."""
    return text if text[1:2].isupper() else text[:1].lower() + text[1:]


def listed(items: Iterable[str], conjunction: str = "and", *, limit: int = 0) -> str:
    """An English list: `a`, `a and b`, `a, b, and c`; beyond `limit` (0 is none) `a, b, and 3 more`. Empty is empty."""
    words = list(items)
    if limit and len(words) > limit + 1:
        words = [*words[:limit], f"{len(words) - limit} more"]
    if len(words) < 3:
        return f" {conjunction} ".join(words)
    return f"{', '.join(words[:-1])}, {conjunction} {words[-1]}"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """A number with its noun: `1 route`, `0 routes`, `1,200 routes`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def agree(subjects: Collection[object], singular: str, plural: str) -> str:
    """The form of a verb that goes with so many subjects: `is` for one, `are` for several."""
    return singular if len(subjects) == 1 else plural


def in_words(rule: Callable[..., object]) -> str:
    """A rule's docstring as one line: the text that the registry publishes is the text beside the code."""
    return " ".join((rule.__doc__ or "").split())
