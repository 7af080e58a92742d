"""Operations that take long are read for a few at a time; what is short waits for none of them."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from api.budgets import Budgets
from api.service import LONG_ONES, Service
from api.settings import from_env
from schema.answer import LONG, Answer, Chosen, choose
from tests.asking import TODAY

LONG_ONE = '{ comparison(models: ["a", "b", "c", "d"]) { deepDive { text } } }'
SHORT_ONE = '{ comparison(models: ["a", "b"]) { id } }'
WRITTEN_AT_ONCE = "{ models(first: 100) { nodes { slug lab { name } } } }"


def chosen(text: str) -> Chosen:
    found = choose(text, {})
    assert not isinstance(found, Answer), found.errors
    return found


@pytest.mark.asyncio
async def test_few_of_those_that_take_long_are_read_for_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    service = Service(from_env({}), cast(Any, None), cast(Any, None), Budgets())
    at_once = most = 0
    go_on = asyncio.Event()

    async def answered(asked: Chosen, **_: Any) -> str:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await go_on.wait()
        at_once -= 1
        return "done"

    monkeypatch.setattr("api.service.answer_to", answered)
    assert chosen(LONG_ONE).points >= LONG > chosen(SHORT_ONE).points
    assert chosen(WRITTEN_AT_ONCE).compiled.straight is not None, "which the database makes: nothing of it is computed"

    def ask(text: str, times: int) -> list[asyncio.Task[Any]]:
        return [asyncio.create_task(service._in_turn(chosen(text), cast(Any, None), TODAY)) for _ in range(times)]

    waiting = ask(LONG_ONE, LONG_ONES + 4)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert at_once == LONG_ONES
    others = ask(SHORT_ONE, 5) + ask(WRITTEN_AT_ONCE, 5)
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert at_once == LONG_ONES + 10
    (left, *_) = waiting[LONG_ONES:]
    left.cancel()
    go_on.set()
    found = await asyncio.gather(*waiting, *others, return_exceptions=True)
    assert [each for each in found if each != "done"] == [found[LONG_ONES]]
    assert isinstance(found[LONG_ONES], asyncio.CancelledError)
    assert most == LONG_ONES + 10
