"""One small document of every source, in the shape in which its publisher writes it, all about the same made-up models."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from typing import Any

from ingest.documents import Document
from tests.ingest.small import body, of


def _json(document: Any) -> bytes:
    return json.dumps(document).encode()


LITELLM = {
    "sample_spec": {"mode": "one of"},
    "acme/bolt-2": {
        **{"litellm_provider": "acme", "mode": "chat", "max_input_tokens": 248000, "max_output_tokens": 8192},
        **{"input_cost_per_token": 2e-06, "output_cost_per_token": 4e-06, "input_cost_per_token_batches": 1e-06},
        "input_cost_per_token_above_200k_tokens": 4e-06,
        "cache_creation_input_token_cost_above_1hr": 4e-06,
        "off_peak_pricing": {"input_cost_per_token": 1e-06, "windows": [{"hours_utc": "16:00-00:00"}]},
        **{"deprecation_date": "2027-01-01", "supports_vision": True},
    },
}
OPENROUTER = {
    "data": [
        {
            **{"id": "acme/bolt-2", "name": "Acme: Bolt 2", "context_length": 256000, "created": 1772323200},
            "architecture": {"input_modalities": ["text"], "output_modalities": ["text"]},
            "pricing": {"prompt": "0.000002", "completion": "0.000004"},
            "supported_parameters": ["tools"],
        },
        {"id": "openrouter/auto", "name": "Auto Router", "pricing": {"prompt": "-1", "completion": "-1"}},
    ]
}
GENAI_PRICES = [
    {
        "id": "acme",
        "name": "Acme",
        "models": [
            {
                "id": "bolt-2",
                "match": {"or": [{"equals": "bolt-2"}, {"starts_with": "bolt-2-"}]},
                "prices": [
                    {"prices": {"input_mtok": 1, "output_mtok": 2}},
                    {
                        "constraint": {"start_date": "2026-02-01"},
                        "prices": {
                            "input_mtok": {"base": 2, "tiers": [{"start": 200000, "price": 4}]},
                            "output_mtok": 4,
                        },
                    },
                ],
            }
        ],
    }
]
GENAI_PRICES_2: Any = [
    {
        **GENAI_PRICES[0],
        "models": [
            {
                **{"id": "volt-1", "match": {"equals": "volt-1"}},
                "prices": {"input_mtok": 5, "output_mtok": 10, "cache_write_1h_mtok": 10},
                "price_variants": [{"when": {"processing": "batch"}, "prices": {"input_mtok": 2.5}}],
            },
        ],
    }
]
MODEL_PRICES = {
    "updated_at": "2026-03-01T00:00:00Z",
    "prices": {
        "acme": {
            "bolt-2": {
                "standard": [
                    {
                        "start": "2026-01-16",
                        "rates": {
                            "input": 2,
                            "output": 4,
                            "valid_from": "2026-01-16",
                            "valid_from_basis": "documented",
                        },
                    }
                ]
            }
        }
    },
    "schedules": {
        "schedule": [
            {
                **{"provider": "acme", "peak_multiplier": 2, "peak_hours_utc": [["01:00", "04:00"]]},
                "valid_from": "2026-02-01T00:00:00Z",
            }
        ]
    },
    "plans": [{"provider": "acme", "name": "Acme Plus", "usd_per_month": 20}],
}
RATES = {
    "snapshot_date": "2026-03-01",
    "models": [
        {
            **{"provider": "acme", "id": "bolt-2", "type": "chat", "context": {"input": 256000, "output": 8192}},
            "price": {"input_mtok": 2, "output_mtok": 4},
            "price_tiers": [{"when": {"dimension": "context", "over": 200000}, "price": {"input_mtok": 4}}],
            "lifecycle": {"status": "active", "release_date": "2026-01-16", "deprecation_date": "2027-01-01"},
        }
    ],
}
_RUN = "- model: bolt-2 (high)\n  edit_format: diff\n  pass_rate_2: 62.5\n  date: 2026-02-20\n  versions: 0.86\n"
AIDER_POLYGLOT = f"{_RUN}  test_cases: 225\n  total_tests: 225\n".encode()
AIDER_EDIT = f"{_RUN}  test_cases: 133\n".encode()
PAGE = b"""
[source]
id = "reference-page"
name = "LLM Reference"
reviewed = 2026-02-26

[[model]]
slug = "bolt-2"
name = "Bolt 2"
fact = [{field = "context_window", value = 256000, as_written = "256K"}]
"""
CURATED = {
    "models/acme.toml": """
[[model]]
slug = "bolt-2"
name = "Bolt 2"
lab = "acme"

[[model.fact]]
field = "parameters_total"
value = 119000000000
url = "https://acme.example/bolt-2"
read = 2026-03-01
as_written = "119B"
"""
}

BODIES: Mapping[str, bytes] = {
    "models.dev": body(),
    "litellm": _json(LITELLM),
    "openrouter": _json(OPENROUTER),
    "genai-prices": _json(GENAI_PRICES_2),
    "model-prices": _json(MODEL_PRICES),
    "rates": gzip.compress(_json(RATES), mtime=0),
    "aider-polyglot": AIDER_POLYGLOT,
    "aider-edit": AIDER_EDIT,
    "reference-page": PAGE,
}
"""By source id; the curated files are many and come beside."""


def everything() -> list[Document]:
    """A document of every source, our own included."""
    return [*(of(source, each) for source, each in BODIES.items()), of("curated", _json(CURATED))]
