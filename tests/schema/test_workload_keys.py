"""A workload is part of ids: its key leads back to it, and what was an id before stays one."""

from decimal import Decimal

import pytest

from domain.workload import PRESETS, RequestClass, Workload
from schema.workloads import OWN, workload_key, workload_of_key

_PLAIN = RequestClass("one", 10, 1, 2, 3, 4, 5, Decimal("0.5"))


@pytest.mark.parametrize(
    ("_case", "workload", "key"),
    [
        ("a preset", PRESETS["AGENT_LOOP"].workload, "AGENT_LOOP"),
        ("as keys always were", Workload(OWN, (_PLAIN,)), '[["one","10","1","2","3","4","5","0.5"]]'),
        (
            "with what came later",
            Workload(OWN, (RequestClass("one", 10, 1, 2, cache_write_1h=7, retries=Decimal("0.1")),)),
            '[["one","10","1","2","0","0","0","0","7","1","0.1"]]',
        ),
    ],
)
def test_a_key_leads_back_to_its_workload(_case: str, workload: Workload, key: str) -> None:
    assert workload_key(workload) == key
    assert workload_of_key(key) == workload


@pytest.mark.parametrize(
    ("_case", "key"),
    [("too few", '[["one","10"]]'), ("half of what came later", '[["one","1","1","2","3","4","5","0","7"]]')],
)
def test_another_text_is_no_key(_case: str, key: str) -> None:
    with pytest.raises(ValueError, match="not enough values"):
        workload_of_key(key)
