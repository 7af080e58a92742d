"""The interface of everything that has an id and can be asked for again."""

from __future__ import annotations

from typing import Any

import strawberry


@strawberry.interface(description="Something with an id, which `node` finds again.")
class Node:
    @strawberry.field(description="Opaque id, the same in every copy of the catalogue. Keep it and send it as it is.")
    def id(self: Any) -> strawberry.ID:
        return self.id
