"""The shapes that foreign catalogues share: modalities and what follows from them, tasks, lifecycles and amounts of money.
One rule each, so that two sources that mean the same say the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal

from domain.capabilities import CONVERTED, shown_by_modalities
from domain.facts import CapabilityKind, Lifecycle, Modality, Presence, Task
from ingest.sources.reading import Row, Saying

SIGNIFICANT_DIGITS = 12
"""No provider prices with more; what is written beyond is the noise of binary arithmetic (3.0001999999999996E-7)."""

_ROUNDED = Context(prec=SIGNIFICANT_DIGITS)
_EXACT = Context(prec=200)

_MODALITIES = {
    "text": Modality.TEXT,
    "image": Modality.IMAGE,
    "audio": Modality.AUDIO,
    "video": Modality.VIDEO,
    "pdf": Modality.PDF,
    "file": Modality.PDF,  # OpenRouter's word for documents
    "code": Modality.TEXT,  # LiteLLM tells it apart
    "embedding": Modality.EMBEDDING,
    "embeddings": Modality.EMBEDDING,
}

_LIFECYCLES = {
    "alpha": Lifecycle.PREVIEW,
    "beta": Lifecycle.PREVIEW,
    "preview": Lifecycle.PREVIEW,
    "active": Lifecycle.AVAILABLE,
    "deprecated": Lifecycle.DEPRECATED,
    "removed": Lifecycle.RETIRED,
}

_MODES = {
    "chat": Task.TEXT_GENERATION,
    "completion": Task.TEXT_GENERATION,
    "responses": Task.TEXT_GENERATION,
    "embedding": Task.EMBEDDING,
    "image_generation": Task.IMAGE_GENERATION,
    "image_edit": Task.IMAGE_GENERATION,
    "video_generation": Task.VIDEO_GENERATION,
    "audio_transcription": Task.TRANSCRIPTION,
    "audio_speech": Task.SPEECH,
    "rerank": Task.RERANKING,
    "moderation": Task.MODERATION,
    "search": Task.OTHER,
    "evaluation": Task.OTHER,
    "ocr": Task.OTHER,
    "decisions": Task.OTHER,
    "extraction": Task.OTHER,
    "guardrail": Task.OTHER,
    "vector_store": Task.OTHER,
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A price unit of ours, and the power of ten that turns a foreign amount into it."""

    name: str
    shift: int = 0


MTOK_UNITS: dict[str, Unit] = {
    "input_mtok": Unit("input"),
    "output_mtok": Unit("output"),
    "cache_read_mtok": Unit("cache_read"),
    "cache_write_mtok": Unit("cache_write"),
    "cache_write_1h_mtok": Unit("cache_write_1h"),
    "reasoning_mtok": Unit("reasoning"),
    "output_reasoning_mtok": Unit("reasoning"),
    "input_audio_mtok": Unit("audio_in"),
    "output_audio_mtok": Unit("audio_out"),
    "cache_audio_read_mtok": Unit("per_mtok_cache_read_audio"),
    "cache_image_read_mtok": Unit("per_mtok_cache_read_image"),
    "input_image_mtok": Unit("per_mtok_image_in"),
    "output_image_mtok": Unit("per_mtok_image_out"),
    "input_video_mtok": Unit("per_mtok_video_in"),
    "output_video_mtok": Unit("per_mtok_video_out"),
    "output_citation_mtok": Unit("per_mtok_citation"),
    "requests_kcount": Unit("per_request", -3),
    "web_searches_kcount": Unit("per_search", -3),
    "storage_searches_kcount": Unit("per_storage_search", -3),
    "input_text_messages_kcount": Unit("per_message_in", -3),
    "input_mchars": Unit("per_character_in", -6),
    "kchar": Unit("per_character_in", -3),
    "input_document_kpages": Unit("per_page", -3),
    "input_annotated_document_kpages": Unit("per_annotated_page", -3),
    "audio_hours": Unit("per_audio_hour"),
    "input_audio_hours": Unit("per_audio_hour_in"),
    "audio_minute": Unit("per_audio_minute"),
    "streaming_audio_minute": Unit("per_streaming_audio_minute"),
    "session_minute": Unit("per_session_minute"),
    "output_per_second": Unit("per_second_out"),
}
"""The unit words of genai-prices, which rates uses too. Where a source tells what goes in from what comes out, so does
the unit (`per_second_in`, `per_second_out`): one route may have both. Units other than facts.TOKEN_UNITS start with
`per_`; token kinds outside that list are `per_mtok_…`, so that no token cost adds them up by mistake."""


def amount(value: Decimal, shift: int = 0) -> tuple[str, bool]:
    """The amount times ten to the power of `shift` as decimal text without exponent or trailing zeros, and whether it had
    to be rounded to SIGNIFICANT_DIGITS."""
    exact = value.scaleb(shift, _EXACT)
    rounded = _ROUNDED.plus(exact)
    text = format(rounded.normalize(), "f") if rounded else "0"
    return text, rounded != exact


def threshold(tokens: int) -> int:
    """The size that a tier's prompts must exceed. Documents write one boundary as 199,999, 200,000 or 200,001, as they count the
    prompt that has just this size in or out; we take strictly more than the round one."""
    return next((tokens - off for off in (1, -1) if (tokens - off) % 1000 == 0), tokens)


def say_price(
    say: Saying,
    field: str,
    row: Row,
    key: str,
    shift: int = 0,
    *,
    valid_from: date | None = None,
    observed_from: date | None = None,
    valid_to: date | None = None,
    url: str | None = None,
    as_written: str | None = None,
    times: Decimal | int = 1,
) -> None:
    """States the amount in the row's field as `price.…`. A negative amount is dropped, a rounded one noted, a zero kept as it
    is and counted: what a zero means is not decided here."""
    value = row.number(key)
    if value is None:
        return
    if value < 0:
        say.report.count("dropped-row", f"{row.path}.{key} is negative, which is no price", row.at(key))
        return
    text, rounded = amount(value * times, shift)
    if rounded:
        say.report.count("rounded-number", f"{row.path}.{key} to {SIGNIFICANT_DIGITS} significant digits", row.at(key))
    if text == "0":
        say.report.count("zero-price", field, row.at(key))
    say(
        field,
        text,
        row.at(key),
        valid_from=valid_from,
        observed_from=observed_from,
        valid_to=valid_to,
        url=url,
        as_written=as_written,
    )


def lifecycle(row: Row, key: str) -> str | None:
    """A source's status word in our terms."""
    word = row.text(key)
    if word is not None and word not in _LIFECYCLES:
        row.bad(key, f"is the unknown status {word!r}")
        return None
    return None if word is None else str(_LIFECYCLES[word])


def task_of_mode(row: Row, key: str) -> Task | None:
    """LiteLLM's `mode`, which rates calls `type`. A realtime model's task follows from its modalities, not from this word."""
    word = row.text(key)
    if word is None or word == "realtime":
        return None
    if word not in _MODES:
        row.bad(key, f"is the unknown mode {word!r}")
        return None
    return _MODES[word]


_WORDS = re.compile(r"[^a-z0-9]+")
_EMBEDDERS = frozenset({"bge", "gte", "e5", "mpnet", "voyage"})
"""Families whose every model embeds, or is called a reranker: of bge, gte, e5 and voyage LiteLLM's map says so, of mpnet models.dev."""


def task_of(inputs: Sequence[Modality], outputs: Sequence[Modality], names: str) -> Task | None:
    """What a model is for, by its modalities: text out is text generation, or transcription where only audio goes in;
    else video, image or audio out say it. Catalogues write embedding and reranking models as text in, text out,
    so their names (id and family) decide first: that they embed or rerank, or a family of embedding models."""
    lowered = names.lower()
    if Modality.EMBEDDING in outputs or "embed" in lowered:
        return Task.EMBEDDING
    if "rerank" in lowered:
        return Task.RERANKING
    if not _EMBEDDERS.isdisjoint(_WORDS.split(lowered)):
        return Task.EMBEDDING
    if Modality.TEXT in outputs:
        return Task.TRANSCRIPTION if list(inputs) == [Modality.AUDIO] else Task.TEXT_GENERATION
    for modality, task in (
        (Modality.VIDEO, Task.VIDEO_GENERATION),
        (Modality.IMAGE, Task.IMAGE_GENERATION),
        (Modality.AUDIO, Task.SPEECH),
    ):
        if modality in outputs:
            return task
    return None


def modalities(row: Row, key: str) -> list[Modality] | None:
    """A list of modality words, in our order and without repetition."""
    words = row.texts(key)
    if words is None:
        return None
    for word in words:
        if word not in _MODALITIES:
            row.bad(key, f"holds the unknown modality {word!r}")
    known = {_MODALITIES[word] for word in words if word in _MODALITIES}
    return [modality for modality in Modality if modality in known] or None


def say_modalities(
    say: Saying, row: Row, input_key: str, output_key: str, names: str, stated: Task | None = None
) -> tuple[list[Modality], list[Modality]]:
    """States both lists and what they show by rule `capability.from-modalities`. A capability that the source states itself is
    not derived, and what no list denies is left to the list that is accepted: else one host that names it would outvote all
    that do not. Catalogues without a word for vectors write text for what an embedding model returns (`task_of`, by its names, or
    the `stated` task); that is an embedding."""
    inputs, outputs = modalities(row, input_key) or [], modalities(row, output_key) or []
    if outputs == [Modality.TEXT] and (stated or task_of(inputs, outputs, names)) is Task.EMBEDDING:
        outputs = [Modality.EMBEDDING]
    places = {}
    for field, listed, key in (("input_modalities", inputs, input_key), ("output_modalities", outputs, output_key)):
        if listed:
            places[field] = row.at(key)
            say(field, [str(modality) for modality in listed], places[field])
    for kind in CapabilityKind:
        if kind in CONVERTED:
            continue
        presence, fields = shown_by_modalities(kind, tuple(inputs), tuple(outputs))
        if presence is not Presence.UNKNOWN:
            at = places[fields[0]] if len(fields) == 1 else row.locator
            say_capability(say, kind, presence is Presence.YES, at)
    return inputs, outputs


def say_capability(say: Saying, kind: CapabilityKind, value: bool | None, locator: str) -> None:
    """States a capability once: what the source said first (its own words before what is derived) stands."""
    field = f"capability.{kind}"
    if field not in say:
        say(field, value, locator)


def say_batch(say: Saying) -> None:
    """A price of a batch says that there are batches."""
    at = next((said.locator for said in say.said if said.field.startswith("price.BATCH.")), None)
    if at is not None:
        say_capability(say, CapabilityKind.BATCH, True, at)
