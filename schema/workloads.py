"""What a client says about its use: a workload, weights of its own, and through which sources to look."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import astuple
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

import strawberry

from domain.lens import Lens
from domain.plain_json import read_json
from domain.scorecard import SignalKey
from domain.verdict import chosen_weights
from domain.workload import CHAT, MAX_CLASSES, PRESETS, RequestClass, Workload
from schema.enums import described
from schema.errors import bad_input
from schema.scalars import BigInt

OWN = "your own workload"
_ALWAYS = 8
"""So many values of a request class are always part of its key; ids from before the others were there stay the same."""

WorkloadPreset: Any = StrEnum("WorkloadPreset", {key: key for key in PRESETS})  # type: ignore[misc]
described(
    WorkloadPreset,
    "A named month of use. `methodology { presets }` lists what each counts.",
    {key: preset.description for key, preset in PRESETS.items()},
)


@strawberry.input(description="Requests of one shape in a month. Token counts are per request and do not overlap.")
class RequestClassInput:
    requests: BigInt = strawberry.field(description="How many requests of this shape a month has.")
    input: int = strawberry.field(description="Tokens of the prompt that no cache serves.")
    output: int = strawberry.field(description="Tokens of the visible answer.")
    cached_input: int = strawberry.field(default=0, description="Tokens of the prompt that a cache serves.")
    cache_write: int = strawberry.field(
        default=0, description="Tokens of the prompt that are written to a cache that keeps them for five minutes."
    )
    reasoning: int = strawberry.field(default=0, description="Tokens of thinking, on top of the visible answer.")
    batch_share: Decimal = strawberry.field(
        default=Decimal(0),
        description="Share of the requests that may wait, for a batch or for off-peak hours, 0 to 1.",
    )
    cache_write_1h: int = strawberry.field(
        default=0,
        description="Tokens of the prompt that are written to a cache that keeps them for an hour.",
        name="cacheWrite1h",
    )
    peak_share: Decimal = strawberry.field(
        default=Decimal(1),
        description="Share of the requests in peak hours, 0 to 1; where a provider has off-peak prices, the rest pays those.",
    )
    retries: Decimal = strawberry.field(
        default=Decimal(0), description="Share of the requests that are sent again and billed again, 0 to 1."
    )
    name: str = strawberry.field(default="requests", description="A name of your own, shown in the cost lines.")


@strawberry.input(
    one_of=True, description="A month of use: a preset, or request classes of your own. One of the two must be given."
)
class WorkloadInput:
    preset: WorkloadPreset | None = strawberry.field(
        default=strawberry.UNSET, description="One of our named months of use, such as CHAT."
    )
    requests: list[RequestClassInput] | None = strawberry.field(
        default=strawberry.UNSET, description="Your own month, as 1 to 20 classes of requests."
    )

    def of(self) -> Workload:
        """Raises GraphQLError BAD_USER_INPUT for impossible counts."""
        if self.preset:
            return PRESETS[self.preset.value].workload
        try:
            own = Workload(OWN, tuple(RequestClass(**vars(each)) for each in self.requests or ()))
            if not any(each.requests and each.prompt + each.generated for each in own.classes):
                raise ValueError(
                    "A month without requests, or without tokens in them, costs nothing anywhere: let some class have both."
                )
            return own
        except ValueError as error:
            raise bad_input(error) from None


WorkloadArgument = Annotated[
    WorkloadInput | None, strawberry.argument(description="Your month of use; without it the preset CHAT.")
]


def workload_of(given: WorkloadInput | None) -> Workload:
    """The workload that is given, else the preset CHAT."""
    return CHAT.workload if given is None else given.of()


def classes_in(given: Any) -> int:
    """How many request classes the argument has that `workload_of` takes, coerced or converted; as many as one may have where it cannot
    be read, which the resolver is going to say."""
    if given is None:
        return len(CHAT.workload.classes)
    said = given if isinstance(given, Mapping) else vars(given)
    if (preset := PRESETS.get(str(said.get("preset")))) is not None:
        return len(preset.workload.classes)
    own = said.get("requests")
    return min(len(own), MAX_CLASSES) if isinstance(own, list) else MAX_CLASSES


@strawberry.input(description="How much a row of the scorecard counts in a verdict.")
class WeightInput:
    signal: SignalKey = strawberry.field(description="The row of the scorecard to weigh.")
    weight: int = strawberry.field(description="0 to 1,000. Rows that only describe always count 0.")


def weights_of(
    given: list[WeightInput] | None, chosen: Callable[[Mapping[SignalKey, int] | None], object] = chosen_weights
) -> Mapping[SignalKey, int] | None:
    """Raises GraphQLError BAD_USER_INPUT for a weight that a verdict, or whatever has `chosen` these, does not take, and for a row with
    two weights."""
    own = None if given is None else {each.signal: each.weight for each in given}
    twice = [each.signal.value for each in given or () if sum(each.signal is one.signal for one in given or ()) > 1]
    try:
        if twice:
            raise ValueError(f"`weights` names {twice[0]} more than once.")
        chosen(own)
    except ValueError as error:
        raise bad_input(error) from None
    return own


@strawberry.input(
    description="Says which statements count: of which sources, what held on which day, what this service knew by which day."
)
class LensInput:
    sources: list[str] | None = strawberry.field(
        default=None, description="Only these, by key, such as `reference-page`; see `sources`. Without it all count."
    )
    valid: date | None = strawberry.field(
        default=None,
        description="What held on this day: prices, limits, capabilities, licences, scores, status. Without it what holds now.",
    )
    known: date | None = strawberry.field(
        default=None,
        description="What this service had recorded by the end of this day (UTC). Without it all that it knows.",
    )

    def of(self) -> Lens:
        """The lens. Raises GraphQLError BAD_USER_INPUT where nothing is said, or an empty list of sources."""
        if self.sources == [] or not (self.sources or self.valid or self.known):
            raise bad_input(
                ValueError(
                    "A lens names sources, a day that is valid or a day that is known; leave it out to count all."
                )
            )
        return Lens(tuple(dict.fromkeys(self.sources or ())), self.valid, self.known)


LensArgument = Annotated[
    LensInput | None,
    strawberry.argument(
        description="Look at the catalogue as some sources alone make it, as it was on a day, or as it was known by a day."
    ),
]


def checked(lens: LensInput | None) -> None:
    """An empty lens is an error, not all sources: the plan leaves saying so to the resolver, which does so first, as nothing was read."""
    if lens is not None:
        lens.of()


def workload_key(chosen: Workload) -> str:
    """A short text that is the same for the same workload: the preset's key where it is one."""
    for key, preset in PRESETS.items():
        if preset.workload == chosen:
            return key
    classes = [_class_key(each) for each in chosen.classes]
    return json.dumps(classes, separators=(",", ":"))


def _class_key(each: RequestClass) -> list[str]:
    """Its values in order; the last ones are left out where all of them are the usual ones."""
    values, usual = astuple(each), astuple(RequestClass("", 0, 0, 0))
    length = _ALWAYS if values[_ALWAYS:] == usual[_ALWAYS:] else len(values)
    return [str(value) for value in values[:length]]


def workload_of_key(key: str) -> Workload:
    """The workload of such a text. Raises ValueError or TypeError for another one."""
    if key in PRESETS:
        return PRESETS[key].workload
    made = []
    for name, requests, input_, output, cached, written, reasoning, share, *more in read_json(key):
        tokens = int(input_), int(output), int(cached), int(written), int(reasoning)
        kept, peak, retries = more or ("0", "1", "0")
        shares = Decimal(peak), Decimal(retries)
        made.append(RequestClass(name, int(requests), *tokens, Decimal(share), int(kept), *shares))
    return Workload(OWN, tuple(made))
