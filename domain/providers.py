"""What follows about providers where no source says it: the kind of business, and which entries are one company's.

Only what the catalogue itself shows is derived; that somebody is a cloud or gives trials has to be stated.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.facts import Openness, ProviderKind
from domain.identity import Lab
from domain.rules import Rule

_PAGE = "docs/methodology.md#facts"
KIND = Rule(
    "provider.kind",
    "Kind of a provider",
    "Where no source states it, the first of these that holds. PLAN: the id or name says coding, code, token or step plan, "
    "or for coding. LOCAL: the address is on the user's own machine and no price is above zero. LAB: it is a lab's own "
    "endpoint. AGGREGATOR: it lists closed models of two or more labs, which are a tenth or more of its listings whose openness "
    "is known. HOST: more than half of these have open weights. Otherwise unknown.",
    _PAGE,
)
GROUP = Rule(
    "provider.group",
    "Entries of one company",
    "Where no source states it, entries are one company's when they are endpoints of one lab, or when their ids begin with "
    "the same word; a word that is a spelling or an endpoint of a lab stands for that lab, whose company an entry is in even alone.",
    _PAGE,
)
RULES = (KIND, GROUP)

DERIVED: Mapping[str, Rule] = {"kind": KIND, "group": GROUP}
"""The fields of a provider that follow from a rule where nobody states them."""

_PLAN = re.compile(r"(?<![a-z])((coding|code|token|step) plan|for coding)(?![a-z])")
_BETWEEN_WORDS = re.compile(r"[^a-z0-9]+")
_OWN_MACHINE = frozenset(["localhost", "127.0.0.1", "::1"])
_OPEN = (Openness.OPEN_SOURCE, Openness.OPEN_WEIGHTS)
_RESELLS_LABS, _RESELLS_SHARE = 2, 10
"""Of how many labs the closed models are, and the part of what is known that they are: hosts carry a partner's one or two."""


@dataclass(frozen=True, slots=True)
class Served:
    """One listing of a provider: who made the model, whether its weights are out, whether a price is above zero."""

    lab: str | None
    openness: Openness
    priced: bool = False


def provider_kind(
    names: Iterable[str], base_url: str | None, served: Collection[Served], *, of_lab: bool
) -> ProviderKind:
    """Rule `provider.kind`. `names` are the id and the display name; `of_lab`: it is a lab's own endpoint."""
    if any(_PLAN.search(_BETWEEN_WORDS.sub(" ", name.lower())) for name in names):
        return ProviderKind.PLAN
    if _on_own_machine(base_url) and not any(each.priced for each in served):
        return ProviderKind.LOCAL
    if of_lab:
        return ProviderKind.LAB
    closed = [each.lab for each in served if each.openness is Openness.PROPRIETARY]
    opened = sum(1 for each in served if each.openness in _OPEN)
    labs = {lab for lab in closed if lab is not None}
    if len(labs) >= _RESELLS_LABS and len(closed) * _RESELLS_SHARE >= len(closed) + opened:
        return ProviderKind.AGGREGATOR
    return ProviderKind.HOST if opened > len(closed) else ProviderKind.UNKNOWN


def _on_own_machine(base_url: str | None) -> bool:
    try:
        return base_url is not None and urlsplit(base_url).hostname in _OWN_MACHINE
    except ValueError:  # what a source gives as an address need not be one
        return False


def provider_groups(slugs: Iterable[str], labs: Iterable[Lab]) -> Mapping[str, str]:
    """Rule `provider.group`: the company of every entry that shares it or is not called as it, by slug."""
    labs = tuple(labs)
    endpoints: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for lab in labs:
        endpoints.update(dict.fromkeys(lab.providers, lab.slug))
        spelled.update(dict.fromkeys((lab.slug, *lab.spellings), lab.slug))
    companies: dict[str, str] = {}
    for slug in slugs:
        word = _BETWEEN_WORDS.split(slug)[0] or slug
        companies[slug] = endpoints.get(slug) or endpoints.get(word) or spelled.get(word) or word
    entries = Counter(companies.values())
    of_labs = {lab.slug for lab in labs}
    return {
        slug: company
        for slug, company in companies.items()
        if entries[company] > 1 or (company in of_labs and company != slug)
    }
