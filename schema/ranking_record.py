"""The record of a recommendation: of a ranking of the whole catalogue it keeps the first ones."""

from __future__ import annotations

from typing import Annotated, Any

import strawberry

from schema.errors import bad_input
from schema.groups import Group
from schema.ids import Identified
from schema.look import Info, look
from schema.needs import Need, needs
from schema.questions import MOST_RANKED, of_ranking
from schema.recording import SIGNED, recorded


def _recorded(first: int) -> int:
    if not 1 <= first <= MOST_RANKED:
        raise bad_input(f"A record has 1 to {MOST_RANKED} of the best, not {first}.")
    return first


@strawberry.type(description="A ranking that can be kept.")
class RecordedRanking:
    @strawberry.field(
        description="The order of the first ones that fit as one text that you keep: what was asked, the state of the catalogue, the "
        "rules and the facts with their documents. `replay` says later whether it still holds; nothing is stored here.",
        metadata=needs(
            Need(
                Group.TESTIMONY,
                lambda ranked, given: [one.model.id for one in ranked.ranking.fits[: _recorded(given["first"])]],
            ),
            *SIGNED,
        ),
    )
    def record(
        self: Any,
        info: Info,
        first: Annotated[int, strawberry.argument(description=f"So many of the best, at most {MOST_RANKED}.")] = 10,
    ) -> str:
        posed = Identified(self.ranking, "Recommendations", self.name, of_ranking(self.asked, _recorded(first)))
        return recorded(look(info), posed)
