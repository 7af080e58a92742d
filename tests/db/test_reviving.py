"""The package's own server is started again where it ended although somebody uses it."""

import os
import signal
import time
from pathlib import Path

from db.embedded import EmbeddedPostgres
from tests.db.test_embedded import ask, lives, postmaster


def test_a_killed_server_is_revived_by_one_of_its_users(tmp_path: Path) -> None:
    one, other = (EmbeddedPostgres(tmp_path) for _ in range(2))
    with one as url, other:
        ask(url, "CREATE TABLE kept AS SELECT 7 AS seven")
        assert not one.revive(), "it lives"
        os.kill(postmaster(tmp_path), signal.SIGKILL)
        while lives(tmp_path):
            time.sleep(0.01)
        assert [one.revive(), other.revive()] == [True, False]
        assert ask(url, "SELECT seven FROM kept") == [7]
    assert not lives(tmp_path)
    assert not one.revive(), "it is not used any more"
