"""Which wire formats a provider speaks, and where: its own, and those that documents state besides it."""

from __future__ import annotations

from dataclasses import dataclass

from domain.facts import ApiShape, FactRef, Provider


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A wire format and the address to use with it; `base_url` None is not sourced."""

    api_shape: ApiShape
    base_url: str | None


def endpoints(provider: Provider) -> tuple[Endpoint, ...]:
    """Every format that a provider is known to speak, each once, its own first."""
    own = () if provider.api_shape is ApiShape.UNKNOWN else (Endpoint(provider.api_shape, provider.base_url),)
    more = (Endpoint(*each) for each in provider.more_endpoints if each[0] is not provider.api_shape)
    return (*own, *more)


def api_shapes(provider: Provider) -> tuple[ApiShape, ...]:
    """The formats of its endpoints."""
    return tuple(each.api_shape for each in endpoints(provider))


def shape_ref(provider: Provider, shape: ApiShape) -> FactRef:
    """The fact that says that a provider speaks a format, or that would say which one it speaks."""
    own = shape in (provider.api_shape, ApiShape.UNKNOWN)
    return FactRef("provider", provider.id, "api_shape" if own else f"endpoint.{shape}")
