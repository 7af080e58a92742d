"""How well a grouping of listings fits the grouping that a person made, counted over pairs of listings."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def pairwise(labels: Sequence[Hashable], found: Sequence[Hashable | None]) -> tuple[float, float]:
    """Precision and recall over all pairs: of the pairs that are found together, how many belong together, and of those that
    belong together, how many are found so. What was found for no model (None) is together with nothing."""
    alone = [("alone", place) if model is None else ("model", model) for place, model in enumerate(found)]
    together = _pairs(zip(labels, alone, strict=True))
    return together / _pairs(alone), together / _pairs(labels)


def _pairs(groups: Iterable[Hashable]) -> int:
    return sum(size * (size - 1) // 2 for size in Counter(groups).values())
