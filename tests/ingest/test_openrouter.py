"""What OpenRouter's list of models says, as statements."""

from __future__ import annotations

import pytest

from domain.statements import BrokenDocument
from ingest.sources import openrouter
from tests.ingest.said import body, prices, problems, said, subject, values

BOLT = {
    "id": "acme/bolt-2",
    "canonical_slug": "acme/bolt-2-20260316",
    "hugging_face_id": "acme/Bolt-2",
    "name": "Acme: Bolt 2",
    "created": 1773619200,
    "context_length": 262144,
    "architecture": {
        "modality": "text+file->text",
        "input_modalities": ["text", "file"],
        "output_modalities": ["text"],
    },
    "pricing": {
        "prompt": "0.00000015",
        "completion": "0.0000006",
        "input_cache_read": "0.000000015",
        "input_cache_write": "0.00000008333333333333334",
        "image": "0.00000015",
        "web_search": "0.01",
        "discount": 0,
    },
    "top_provider": {"context_length": 262144, "max_completion_tokens": None, "is_moderated": False},
    "supported_parameters": ["max_tokens", "response_format", "tools"],
    "knowledge_cutoff": "2025-06-30",
    "expiration_date": "2026-12-31",
    "per_request_limits": None,
    "mascot": "owl",
}
LATEST = {"id": "~acme/bolt-latest", "hugging_face_id": "", "pricing": {"prompt": "-1", "completion": "0"}}
DOCUMENT = {"data": [BOLT, LATEST, {"name": "nameless"}]}


def test_a_route() -> None:
    found = subject(openrouter.parse(body(DOCUMENT)), "acme/bolt-2")
    assert (found.provider, found.name) == ("openrouter", "Acme: Bolt 2")
    assert values(found) == {
        "name": "Acme: Bolt 2",
        "context_window": 262144,
        "knowledge_cutoff": "2025-06-30",
        "retires_on": "2026-12-31",
        "weights_url": "https://huggingface.co/acme/Bolt-2",
        "task": "TEXT_GENERATION",
        "input_modalities": ["TEXT", "PDF"],
        "output_modalities": ["TEXT"],
        "capability.FUNCTION_CALLING": True,
        "capability.TOOL_USE": True,
        "capability.VISION": False,
        "capability.AUDIO_IN": False,
        "capability.VIDEO_IN": False,
        "capability.AUDIO_OUT": False,
        "capability.IMAGE_OUT": False,
        "capability.MULTIMODAL": True,
        "capability.PROMPT_CACHING": True,
        "price.STANDARD.0.input": "0.15",
        "price.STANDARD.0.output": "0.6",
        "price.STANDARD.0.cache_read": "0.015",
        "price.STANDARD.0.cache_write": "0.0833333333333",
        "price.STANDARD.0.per_search": "0.01",
    }
    assert said(found, "weights_url").as_written == "acme/Bolt-2"
    assert said(found, "price.STANDARD.0.input").locator == "/data/0/pricing/prompt"


def test_an_alias_keeps_its_id_and_minus_one_is_no_price() -> None:
    assert prices(subject(openrouter.parse(body(DOCUMENT)), "~acme/bolt-latest")) == {"STANDARD.0.output": "0"}


def test_problems() -> None:
    assert problems(openrouter.parse(body(DOCUMENT))) == [
        ("dropped-row", "data.*.pricing.prompt is negative, which is no price: once", "/data/1/pricing/prompt"),
        ("dropped-row", "model without id: once", "/data/2"),
        (
            "rounded-number",
            "data.*.pricing.input_cache_write to 12 significant digits: once",
            "/data/0/pricing/input_cache_write",
        ),
        ("unknown-field", "data.*.mascot: once", "/data/0/mascot"),
        ("unknown-field", "data.*.pricing.discount: once", "/data/0/pricing/discount"),
        ("zero-price", "price.STANDARD.0.output: once", "/data/1/pricing/completion"),
    ]


@pytest.mark.parametrize("document", [b"{", b"[]", b"{}", b'{"data": []}', b'{"data": {"id": "a"}}'])
def test_a_broken_document_is_refused(document: bytes) -> None:
    with pytest.raises(BrokenDocument):
        openrouter.parse(document)
