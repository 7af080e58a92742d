"""`llmref keys`: from making a key to its end."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from starlette.testclient import TestClient

from api.__main__ import main
from api.app import create_app
from api.issuing import USUAL_BUDGET
from api.keys import presented
from api.settings import from_env
from db.engine import write_engine
from db.keys import Usage, all_keys, count_usage
from tests.ingest.small import run_script

Keys = Callable[..., Any]


@pytest.fixture(scope="module")
def url(new_database: Callable[[], str]) -> str:
    return new_database()


@pytest.fixture
def keys(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Keys:
    """Calls `llmref keys` and gives what it prints."""
    monkeypatch.setenv("DATABASE_URL", url)

    def call(*arguments: str, code: int = 0) -> Any:
        assert main(["keys", *arguments]) == code
        return json.loads(capsys.readouterr().out)

    return call


def run(url: str, act: Callable[[Any], Any]) -> Any:
    """What a function of db.keys gives."""

    async def acted() -> Any:
        engine = write_engine(url)
        async with engine.begin() as connection:
            found = await act(connection)
        await engine.dispose()
        return found

    return asyncio.run(acted())


def status(url: str, key: str) -> int:
    """What a server that just started answers to a key."""
    with TestClient(create_app(from_env({}), url)) as client:
        asked = {"authorization": f"Bearer {key}"}
        return client.post("/graphql", json={"query": "{ __typename }"}, headers=asked).status_code


def test_a_key_is_shown_once_and_works(keys: Keys, url: str) -> None:
    made = keys("create", "--name", "Ann's job", "--budget", "5000", "--scope", "query", "--expires", "90d")
    key = made.pop("key")
    kept = presented(key)
    assert kept is not None
    assert (made["id"], made["name"], made["state"], made["scopes"], made["budget"]) == (
        kept.id, "Ann's job", "good", ["query"], 5_000,
    )  # fmt: skip
    assert timedelta(days=89) < datetime.fromisoformat(made["expiresAt"]) - datetime.now(UTC) <= timedelta(days=90)
    (listed,) = (each for each in keys("list") if each["id"] == made["id"])
    assert listed == made | {"usage": {"requests": 0, "points": 0}, "usageByDay": []}
    assert key not in json.dumps(keys("list"))
    assert status(url, key) == 200


def test_usual_values(keys: Keys) -> None:
    made = keys("create", "--name", "a")
    assert (made["scopes"], made["budget"], made["expiresAt"]) == (["query", "subscribe"], USUAL_BUDGET, None)


def test_usage_is_listed_by_day(keys: Keys, url: str) -> None:
    id = keys("create", "--name", "a")["id"]
    now = datetime.now(UTC)
    used = [Usage(id, now.date() - timedelta(days=days), 1, points) for days, points in ((0, 10), (1, 20), (31, 40))]
    run(url, lambda connection: count_usage(connection, used, {id: now}))
    run(url, lambda connection: count_usage(connection, used[:1], {id: now - timedelta(hours=1)}))
    (listed,) = (each for each in keys("list") if each["id"] == id)
    assert listed["usage"] == {"requests": 3, "points": 40}
    assert [each["points"] for each in listed["usageByDay"]] == [20, 20]
    assert datetime.fromisoformat(listed["lastUsedAt"]) == now, "a replica that is late makes it no earlier"


def test_a_revoked_key_is_useless_for_ever(keys: Keys, url: str) -> None:
    made = keys("create", "--name", "a")
    revoked = keys("revoke", made["id"])
    assert revoked["state"] == "revoked"
    assert keys("revoke", made["id"])["revokedAt"] == revoked["revokedAt"]
    assert status(url, made["key"]) == 401
    assert "error" in keys("rotate", made["id"], code=1)


def test_a_rotated_key_has_two_secrets_for_a_while(keys: Keys, url: str) -> None:
    first = keys("create", "--name", "a", "--budget", "7000")
    second = keys("rotate", first["id"], "--overlap", "1h")
    assert (second["id"], second["budget"]) == (first["id"], 7_000)
    assert second["previousSecretUntil"] is not None
    assert [status(url, each["key"]) for each in (first, second)] == [200, 200]
    third = keys("rotate", first["id"], "--overlap", "0m")
    assert third["previousSecretUntil"] is None
    assert [status(url, each["key"]) for each in (first, second, third)] == [401, 401, 200]


def test_an_expired_key_is_listed_as_such(keys: Keys, url: str) -> None:
    made = keys("create", "--name", "short", "--expires", (datetime.now(UTC).date() + timedelta(days=1)).isoformat())
    run_script(url, "update api_key set expires_at = now() - interval '1 s' where name = 'short'")
    assert status(url, made["key"]) == 401
    (listed,) = (each for each in keys("list") if each["id"] == made["id"])
    assert listed["state"] == "expired"
    assert "error" in keys("rotate", made["id"], code=1)


@pytest.mark.parametrize("action", ["revoke", "rotate"])
def test_an_unknown_id_is_told(keys: Keys, action: str) -> None:
    assert "No key" in keys(action, "nobody00", code=1)["error"]


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["create"],
        ["create", "--name", ""],
        ["create", "--name", "a\nb"],
        ["create", "--name", "a", "--budget", "1"],
        ["create", "--name", "a", "--budget", "many"],
        ["create", "--name", "a", "--expires", "2020-01-01"],
        ["create", "--name", "a", "--expires", "soon"],
        ["create", "--name", "a", "--expires", "0m"],
        ["create", "--name", "a", "--expires", "9999-12-31"],
        ["create", "--name", "a", "--scope", "everything"],
        ["create", "--name", "a", "--scope", "trusted-only"],
        ["rotate"],
        ["rotate", "a", "--overlap", "99999d"],
    ],
)
def test_a_wrong_call_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["keys", *arguments])
    assert stopped.value.code == 2


def test_nothing_secret_is_stored(keys: Keys, url: str) -> None:
    """What can be read of the table opens nothing."""
    made = keys("create", "--name", "a")
    (stored,) = (each for each in run(url, all_keys) if each.id == made["id"])
    assert made["key"].split("_")[2] not in repr(stored)
    assert stored.digest == sha256(made["key"].encode()).digest()
