"""The offers that are read of models near one are few, and say of its lowest price what all of its offers say."""

import pytest
from sqlalchemy import select

from db import near, reads
from db.engine import read_engine
from db.reader import Reader
from db.tables import ModelRow
from domain.cells import lowest_price
from domain.facts import Contender
from domain.tasks import PROMPT_ONLY
from tests.catalogue import DAY


@pytest.mark.asyncio
@pytest.mark.xdist_group("default catalogue")
async def test_the_few_offers_say_what_all_of_them_say(default_catalogue: str) -> None:
    engine = read_engine(default_catalogue, pool_size=1, pool_wait_s=2, statement_timeout_ms=10_000)
    on = DAY.date()
    async with Reader(engine) as reader:
        rows = await reader.execute(select(ModelRow.id).order_by(ModelRow.route_count.desc(), ModelRow.id).limit(400))
        ids = [row.id for row in rows]
        models = await reads.models_by_id(reader, ids)
        few = await near.lowest_offers(reader, ids, on=on)
        every = await reads.offers_by_model(reader, ids, on=on)
    await engine.dispose()
    for id_, model in models.items():
        unit = "input" if model.task in PROMPT_ONLY else "output"
        assert lowest_price(Contender(model, few[id_]), unit) == lowest_price(Contender(model, every[id_]), unit)
    assert sum(map(len, few.values())) * 4 < sum(map(len, every.values()))
