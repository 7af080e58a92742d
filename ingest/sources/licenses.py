"""The licences that models are published under, from our own file: what a spelling of a licence means. Anything unknown or
of the wrong type in it is an error: BrokenDocument names the place.
"""

from __future__ import annotations

import tomllib
from datetime import date
from typing import Any

from domain.accepted import LicenseTerms
from domain.facts import CommercialUse, License, Openness
from domain.statements import BrokenDocument

_TEXTS = ("key", "name", "spdx", "url", "commercial_use", "openness")
_REFERENCE = {"url", "read", "as_written"}


def read_licenses(body: bytes) -> dict[str, LicenseTerms]:
    """The licences by lower-case key, name and SPDX id. Raises BrokenDocument."""
    try:
        entries = tomllib.loads(body.decode())["license"]
    except (ValueError, KeyError) as error:
        raise BrokenDocument(f"licenses.toml: {error}") from error
    found: dict[str, LicenseTerms] = {}
    for index, entry in enumerate(entries):
        terms = _terms(entry, f"licenses.toml#/license/{index}")
        for spelling in filter(None, (terms.license.key, terms.license.name, terms.license.spdx)):
            found.setdefault(spelling.lower(), terms)
    return found


def _terms(entry: dict[str, Any], place: str) -> LicenseTerms:
    texts = {key: entry.get(key) for key in _TEXTS}
    wrong = [key for key, value in texts.items() if value is not None and (not isinstance(value, str) or not value)]
    unknown = sorted(entry.keys() - {*_TEXTS, "osi_approved", "reference"})
    approved, reference = entry.get("osi_approved"), entry.get("reference") or {}
    if wrong or unknown or not texts["key"] or not texts["name"] or type(approved) not in (bool, type(None)):
        raise BrokenDocument(f"{place}: {', '.join([*wrong, *unknown]) or 'key, name or osi_approved'} cannot be read")
    # "proprietary" is not one document: each vendor's terms differ.
    if texts["key"] != "proprietary" and (reference.keys() != _REFERENCE or type(reference["read"]) is not date):
        raise BrokenDocument(f"{place}: a reference has url, read and as_written")
    try:
        use = CommercialUse(texts["commercial_use"] or "UNKNOWN")
        openness = Openness(texts["openness"] or "UNKNOWN")
    except ValueError as error:
        raise BrokenDocument(f"{place}: {error}") from error
    license_ = License(0, texts["key"], texts["name"], texts["spdx"], approved, texts["url"])
    return LicenseTerms(license_, use, openness)
