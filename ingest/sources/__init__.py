"""One module per foreign catalogue: a pure `parse` from its bytes to subjects, statements and problems."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ingest.sources import aider, curated, genai_prices, litellm, model_prices, models_dev, openrouter, rates
from ingest.sources.base import Catalogue, Source

CATALOGUES: Mapping[str, Catalogue] = MappingProxyType(
    {
        catalogue.source.id: catalogue
        for catalogue in (
            Catalogue(models_dev.SOURCE, models_dev.parse),
            Catalogue(litellm.SOURCE, litellm.parse),
            Catalogue(openrouter.SOURCE, openrouter.parse),
            Catalogue(genai_prices.SOURCE, genai_prices.parse),
            Catalogue(model_prices.SOURCE, model_prices.parse),
            Catalogue(rates.SOURCE, rates.parse),
            *(Catalogue(source, parse) for source, parse in aider.PARSERS),
            Catalogue(curated.REFERENCE_PAGE, curated.parse_reference_page),
        )
    }
)
"""Every source that comes as one document, by id. The curated files are many: `curated.parse_curated` reads them."""

SOURCES: Mapping[str, Source] = MappingProxyType(
    {**{id_: catalogue.source for id_, catalogue in CATALOGUES.items()}, curated.SOURCE.id: curated.SOURCE}
)
