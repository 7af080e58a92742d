"""Made-up statements: short builders for what a source says of a model, a route or a provider, with its document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from domain.provenance import Document, Source, Testimony
from domain.reconcile import Claim
from domain.statements import Value

_READ = datetime(2026, 3, 9, tzinfo=UTC)


def said(field: str, value: Value, source: str, day: int = 1, **facts: object) -> Claim:
    """A claim about the model itself, seen in March. A source is a lineage of its own unless told."""
    values: dict[str, object] = {"lineage": source, "observed_on": date(2026, 3, day)} | facts
    return Claim(0, source, field=field, value=value, **values)  # type: ignore[arg-type]


def numbered(claims: Sequence[Claim]) -> list[Claim]:
    """The claims as statements 1, 2, 3 …"""
    return [replace(claim, statement=number) for number, claim in enumerate(claims, start=1)]


def recorded(*told: tuple[tuple[str, int], Claim]) -> list[Testimony]:
    """The claims as statements 1, 2, 3 … with what each is about: `(("route", 7), claim)`. Routes get their key from it."""
    return [
        Testimony(
            replace(claim, statement=number, route=f"route-{about[1]}" if about[0] == "route" else None),
            about,
            subject=f"{about[0]} {about[1]}",
            source=Source(claim.source, claim.source.title(), claim.lineage),
            document=Document(f"https://{claim.source}.example", _READ, "0" * 64),
            locator="/0",
            recorded_at=_READ,
        )
        for number, (about, claim) in enumerate(told, start=1)
    ]
