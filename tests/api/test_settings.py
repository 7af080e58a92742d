"""A wrong setting is refused at start, with its name and what is allowed."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.__main__ import main
from api.settings import TABLE, Settings, WrongSetting, from_env
from db.migrate import head


def test_defaults() -> None:
    assert from_env({}) == Settings(
        host="127.0.0.1",
        port=8000,
        database_url=None,
        data_dir=Path(".data"),
        pool_size=10,
        pool_wait_seconds=2.0,
        statement_timeout_ms=3000,
        cors_origins=("*",),
        live_catalog=True,
        ingest_every=None,
    )


@pytest.mark.parametrize(
    ("text", "every"),
    [("off", None), ("15m", timedelta(minutes=15)), ("6h", timedelta(hours=6)), ("30d", timedelta(days=30))],
)
def test_how_often(text: str, every: timedelta | None) -> None:
    assert from_env({"INGEST_EVERY": text}).ingest_every == every


@pytest.mark.parametrize(
    ("name", "text", "allowed"),
    [
        ("HOST", "", "a host name or an address"),
        ("HOST", "a b", "a host name or an address"),
        ("PORT", "0", "from 1 to 65535"),
        ("PORT", "65536", "from 1 to 65535"),
        ("PORT", "eighty", "from 1 to 65535"),
        ("PORT", "²", "from 1 to 65535"),
        ("DATABASE_URL", "mysql://u:secret@h/d", "PostgreSQL, not 'mysql'"),
        ("DATABASE_URL", "nonsense", "a database address"),
        ("DATA_DIR", "", "a folder"),
        ("POOL_SIZE", "0", "from 1 to 200"),
        ("POOL_WAIT_SECONDS", "0", "more than 0"),
        ("POOL_WAIT_SECONDS", "nan", "more than 0"),
        ("STATEMENT_TIMEOUT_MS", "-1", "from 1 to 60000"),
        ("CORS_ORIGINS", "example.org", "separated by commas"),
        ("LIVE_CATALOG", "yes", "on or off"),
        ("INGEST_EVERY", "", "off, or minutes, hours or days such as 30m, 6h or 1d"),
        ("INGEST_EVERY", "6", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "-6h", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "999999h", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "14m", "off, or from 15m to 30d"),
        ("INGEST_EVERY", "31d", "off, or from 15m to 30d"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(name: str, text: str, allowed: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        from_env({name: text})
    assert str(refused.value).startswith(f"{name}: ")
    assert allowed in str(refused.value)
    assert "secret" not in str(refused.value)


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(WrongSetting) as refused:
        from_env({"PORT": "x", "POOL_SIZE": "x"})
    assert [line.partition(":")[0] for line in str(refused.value).splitlines()] == ["PORT", "POOL_SIZE"]


def test_every_setting_has_a_field_and_a_help() -> None:
    assert {setting.name.lower() for setting in TABLE} == set(Settings.__dataclass_fields__)
    assert [setting.name for setting in TABLE if not setting.help.endswith(".")] == []


def test_migrate_on_the_package_s_own_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out == f"schema at revision {head()}\n"
    assert main(["migrate"]) == 0


def test_a_wrong_setting_ends_the_program(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PORT", "no")
    assert main(["migrate"]) == 2
    assert capsys.readouterr().err.startswith("PORT: 'no' is not allowed")


def test_a_database_that_does_not_answer_is_a_clear_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@127.0.0.1:1/d")
    assert main(["migrate"]) == 1
    assert "127.0.0.1" in capsys.readouterr().err
