"""A wrong setting is refused at start, with its name and what is allowed."""

from datetime import timedelta
from pathlib import Path

import pytest

from api.__main__ import main
from api.settings import TABLE, Settings, WrongSetting, from_env, hand_on
from db.migrate import head


def test_defaults() -> None:
    assert from_env({}) == Settings(
        host="127.0.0.1",
        port=8000,
        database_url=None,
        database_read_url=None,
        data_dir=Path(".data"),
        pool_size=10,
        pool_wait_seconds=2.0,
        statement_timeout_ms=3000,
        workers=1,
        operation_timeout_seconds=8.0,
        body_timeout_seconds=5.0,
        concurrency=32,
        response_cache_mb=64,
        documents="any",
        streams_most=500,
        cors_origins=("*",),
        hsts_days=0,
        rate_limit=60_000,
        rate_limit_store=None,
        rate_limit_fail="open",
        trusted_proxies=(),
        live_catalog=True,
        ingest_every=None,
        migrate=True,
        log_format="text",
        log_level="info",
        log_requests=0.0,
        log_slow_ms=1000,
        otel_exporter_otlp_endpoint=None,
        otel_traces_exporter=None,
        otel_metrics_exporter=None,
        record_key=None,
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
        *(
            ("CORS_ORIGINS", text, "separated by commas: https://example.org or http://127.0.0.1:3000, in lower case")
            for text in (
                "example.org",
                "https://",
                "http://:80",
                "https://example.org/",
                "https://example.org/app",
                "https://*.example.org",
                "https://Example.org",
                "https://example.org:443",
                "http://example.org:80",
                "https://example.org:65536",
                "https://me@example.org",
                "https://example.org?x",
                "https://bücher.example",
                "https://a.example https://b.example",
                "https://a.example, b.example",
                "null",
            )
        ),
        ("HSTS_DAYS", "731", "from 0 to 730"),
        ("LIVE_CATALOG", "yes", "on or off"),
        ("INGEST_EVERY", "", "off, or minutes, hours or days such as 30m, 6h or 1d"),
        ("INGEST_EVERY", "6", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "-6h", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "999999h", "off, or minutes, hours or days"),
        ("INGEST_EVERY", "14m", "off, or from 15m to 30d"),
        ("INGEST_EVERY", "31d", "off, or from 15m to 30d"),
        (
            "DATABASE_URL",
            "postgresql://u:secret@h/d?foo=secret",
            "without the parameter 'foo'; allowed are application_name, ",
        ),
        ("DATABASE_URL", "postgresql://u:secret@h/d?sslmode=on", "one of disable, allow, prefer, require, "),
        ("LOG_FORMAT", "xml", "text or json"),
        ("LOG_REQUESTS", "some", "off, slow, all, or a share of all such as 0.01"),
        ("LOG_REQUESTS", "1.5", "off, slow, all, or a share"),
        ("LOG_SLOW_MS", "0", "from 1 to 60000"),
        ("MIGRATE", "no", "on or off"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "secret:4318", "the address of a collector that takes OTLP over HTTP"),
        ("OTEL_TRACES_EXPORTER", "console", "otlp or none"),
        ("POOL_SIZE", "51", "from 1 to 50"),
        ("POOL_SIZE", "200", "the package's own PostgreSQL takes 60 connections; expected a whole number from 1 to 50"),
    ],
)
def test_a_wrong_setting_is_named_with_what_is_allowed(name: str, text: str, allowed: str) -> None:
    with pytest.raises(WrongSetting) as refused:
        from_env({name: text})
    assert str(refused.value).startswith(f"{name}: ")
    assert allowed in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "https://example.org",
        "http://127.0.0.1:3000",
        "http://[::1]:8080",
        "http://localhost",
        "http://example.org:443",
    ],
)
def test_origins_as_browsers_write_them(text: str) -> None:
    assert from_env({"CORS_ORIGINS": text}).cors_origins == (text,)
    assert from_env({"CORS_ORIGINS": f" {text} , https://other.example"}).cors_origins == (
        text,
        "https://other.example",
    )


@pytest.mark.parametrize(("text", "share"), [("off", None), ("slow", 0.0), ("0.01", 0.01), ("all", 1.0)])
def test_which_requests_are_logged(text: str, share: float | None) -> None:
    assert from_env({"LOG_REQUESTS": text}).log_requests == share


def test_a_database_of_one_s_own_may_have_more_connections() -> None:
    assert from_env({"POOL_SIZE": "50"}).pool_size == 50
    assert from_env({"POOL_SIZE": "200", "DATABASE_URL": "postgresql://u@h/d"}).pool_size == 200


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_READ_URL", "RECORD_KEY"])
def test_a_secret_may_be_in_a_file(tmp_path: Path, name: str) -> None:
    secret = "k" * 32 if name == "RECORD_KEY" else "postgresql://u:p@h/d"
    environment = {"DATABASE_URL": "postgresql://u@h/d"} if name == "DATABASE_READ_URL" else {}
    file = tmp_path / "secret"
    for end in ("", "\n", "\r\n"):
        file.write_text(secret + end)
        found = from_env({**environment, f"{name}_FILE": str(file), **({} if name in environment else {name: ""})})
        assert found == from_env({**environment, name: secret})


@pytest.mark.parametrize(
    ("_case", "content", "beside", "why"),
    [
        ("both", "postgresql://u:secret@h/d", "postgresql://u:secret@h/d", "not allowed beside the setting itself"),
        ("no such file", None, "", "(No such file or directory)"),
        ("empty", "\n", "", "is empty or larger than 10000 bytes"),
        ("another file", "x" * 10_001, "", "is empty or larger than 10000 bytes"),
        ("wrong within", "mysql://u:secret@h/d", "", "DATABASE_URL: what is set is not allowed; expected PostgreSQL"),
    ],
)
def test_a_file_without_a_secret_is_refused(
    tmp_path: Path, _case: str, content: str | None, beside: str, why: str
) -> None:
    file = tmp_path / "file"
    if content is not None:
        file.write_text(content)
    with pytest.raises(WrongSetting) as refused:
        from_env({"DATABASE_URL_FILE": str(file), "DATABASE_URL": beside})
    assert why in str(refused.value)
    assert str(refused.value).startswith("DATABASE_URL")
    assert "u:secret" not in str(refused.value)


def test_a_secret_is_not_shown() -> None:
    settings = from_env({"DATABASE_URL": "postgresql://u:hush@h/d", "RECORD_KEY": "hush" * 8})
    assert "hush" not in repr(settings)


def test_the_database_is_handed_on_in_one_way() -> None:
    environment = {"DATABASE_URL_FILE": "/run/secrets/database", "PORT": "1"}
    hand_on(environment, "postgresql://u@h/d")
    assert environment == {"DATABASE_URL": "postgresql://u@h/d", "PORT": "1"}
    assert from_env(environment).database_url == "postgresql://u@h/d"


def test_replicas_need_a_primary() -> None:
    with pytest.raises(WrongSetting, match="DATABASE_READ_URL: what is set is not allowed without DATABASE_URL"):
        from_env({"DATABASE_READ_URL": "postgresql://u@h/d"})


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


@pytest.mark.parametrize("name", ["DATABASE_URL", "DATABASE_READ_URL"])
@pytest.mark.parametrize("command", ["serve", "migrate", "ingest"])
def test_ports_that_are_none_are_found_before_anything_is_done(
    name: str, command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing was migrated then: nobody has connected, of which the word would be another one."""
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@127.0.0.1:1/d")
    monkeypatch.setenv(name, "postgresql://u:secret@/d?host=host1:abc,host2:99999")
    assert main([command]) == 2
    told = capsys.readouterr().err
    assert told.startswith(f"{name}: what is set is not allowed; expected ports from 1 to 65535")
    assert "secret" not in told


def test_a_database_that_does_not_answer_is_a_clear_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://u@127.0.0.1:1/d")
    assert main(["migrate"]) == 1
    assert "127.0.0.1" in capsys.readouterr().err
