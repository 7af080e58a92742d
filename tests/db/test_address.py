"""`DATABASE_URL` as hosts hand it out: every parameter of libpq is translated or refused, and the result connects."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from db import embedded
from db.address import PARAMETERS, address
from db.embedded import EmbeddedPostgres
from db.engine import read_engine, write_engine
from tests.api.test_serving import free_port


@pytest.mark.parametrize(
    ("_case", "url", "expected"),
    [
        ("short scheme", "postgres://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("long scheme", "postgresql://u@h:5433/d", "postgresql+asyncpg://u@h:5433/d"),
        ("with driver", "postgresql+asyncpg://u@h/d", "postgresql+asyncpg://u@h/d"),
        ("a socket", "postgresql://u@/d?host=/run/x&port=5432", "postgresql+asyncpg://u@/d?host=%2Frun%2Fx&port=5432"),
        ("all after the mark", "postgresql://h/?user=u&password=p&dbname=d", "postgresql+asyncpg://u:p@h/d"),
        ("IPv6", "postgresql://u@[::1]:5433/d", "postgresql+asyncpg://u@[::1]:5433/d"),
        ("IPv6 after the mark", "postgresql://u@/d?host=::1&port=1", "postgresql+asyncpg://u@/d?host=%3A%3A1&port=1"),
        ("a colon in a folder", "postgresql://u@/d?host=/run/a:b", "postgresql+asyncpg://u@/d?host=%2Frun%2Fa%3Ab"),
        ("a host alone", "postgresql://u@/d?host=a:1", "postgresql+asyncpg://u@/d?host=a%3A1"),
        ("ports apart", "postgresql://u@/d?host=a,b&port=1,2", "postgresql+asyncpg://u@/d?host=a%2Cb&port=1%2C2"),
        ("two hosts", "postgresql://u@/d?host=a:1&host=b:2", "postgresql+asyncpg://u@/d?host=a%3A1&host=b%3A2"),
    ],
)
def test_where_it_is(_case: str, url: str, expected: str) -> None:
    found = address(url)
    assert found.url.render_as_string(hide_password=False) == expected
    assert (found.arguments, found.server_settings) == ({}, {})


@pytest.mark.parametrize(
    ("_case", "query", "arguments", "server_settings"),
    [
        *(
            (f"sslmode {mode}", f"sslmode={mode}", {"dsn": f"postgresql://?sslmode={mode}"}, {})
            for mode in ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
        ),
        ("a file", "sslrootcert=/a%20b", {"dsn": "postgresql://?sslrootcert=%2Fa+b"}, {}),
        (
            "two for the driver",
            "target_session_attrs=standby&sslmode=require",
            {"dsn": "postgresql://?sslmode=require", "target_session_attrs": "standby"},
            {},
        ),
        ("who may write", "target_session_attrs=read-write", {"target_session_attrs": "primary"}, {}),
        ("the least of TLS", "ssl_min_protocol_version=TLSv1.3", {"dsn": "postgresql://?ssl_min_protocol_version=TLSv1.3"}, {}),
        ("a wait", "connect_timeout=7", {"timeout": 7}, {}),
        ("a name", "application_name=x", {}, {"application_name": "x"}),
        ("options", "options=-c%20work_mem%3D8MB", {}, {"options": "-c work_mem=8MB"}),
        ("binding if it can be had", "channel_binding=prefer", {}, {}),
        ("no encryption by GSSAPI", "gssencmode=disable", {}, {}),
    ],
)  # fmt: skip
def test_parameters_are_translated(
    _case: str, query: str, arguments: dict[str, Any], server_settings: dict[str, str]
) -> None:
    found = address(f"postgresql://u@h/d?{query}")
    assert found.url.render_as_string() == "postgresql+asyncpg://u@h/d"
    assert (found.arguments, found.server_settings) == (arguments, server_settings)


@pytest.mark.parametrize(
    ("_case", "url", "word"),
    [
        ("other engine", "mysql://u@h/d", "PostgreSQL, not 'mysql'"),
        ("nonsense", "here", "a database address"),
        ("hosts with commas", "postgresql://u@a,b/d", "of several hosts one for each"),
        ("other digits", "postgresql://u@h/d?host=a:\u0663", "ports from 1 to 65535"),
        ("empty", "", "a database address"),
        ("unknown", "postgresql://u@h/d?foo=hidden", f"the parameter 'foo'; allowed are {', '.join(sorted(PARAMETERS))}"),
        ("twice", "postgresql://u@h/d?sslmode=require&sslmode=hidden", "an address that gives sslmode once"),
        ("a mode that is none", "postgresql://u@h/d?sslmode=hidden", "one of disable, allow, .* in the parameter sslmode"),
        ("no time", "postgresql://u@h/d?connect_timeout=0", "a whole number from 1 to 600 in the parameter connect_timeout"),
        ("not to be kept", "postgresql://u@h/d?channel_binding=require", "one of disable, prefer in .*; our driver cannot do more"),
        ("not to be had", "postgresql://u@h/d?gssencmode=require", "one of disable, prefer in .*; our driver cannot do more"),
        *(
            (f"ports of {place}", f"postgresql://u@{place}", "ports from 1 to 65535, and of several hosts one for each")
            for place in (
                "/d?host=host1:abc,host2:99999", "/d?host=a:1&host=b:x", "/d?host=a:1&host=b:", "/d?host=a&port=x", "h:99999/d",
                "h:0/d", "h/d?host=b:x", "/d?port=70000", "/d?host=a,b&port=1", "/d?host=a:5432,b:5433", "/d?host=[::1]:5432",
            )
        ),
        ("an old TLS", "postgresql://u@h/d?ssl_min_protocol_version=TLSv1", "one of TLSv1.2, TLSv1.3 in the parameter"),
    ],
)  # fmt: skip
def test_what_cannot_be_kept_is_refused_by_name(_case: str, url: str, word: str) -> None:
    with pytest.raises(ValueError, match=word) as refused:
        address(url)
    assert "hidden" not in str(refused.value)


@pytest.fixture(scope="module")
def listening() -> Iterator[str]:
    """The start of an address over TCP."""
    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(embedded, "_SETTINGS", {**embedded._SETTINGS, "listen_addresses": "127.0.0.1", "port": str(port)})
        patch.setattr(embedded, "PORT", port)
        with EmbeddedPostgres.temporary():
            yield f"postgresql://llmref@127.0.0.1:{port}/llmref"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "query", "name", "memory"),
    [
        ("nothing", "", "llmref", "4MB"),
        ("no TLS", "?sslmode=disable", "llmref", "4MB"),
        ("TLS if it can be had", "?sslmode=prefer&channel_binding=prefer", "llmref", "4MB"),
        ("a name", "?application_name=x&connect_timeout=20", "x", "4MB"),
        ("options", "?options=-c%20work_mem%3D8MB", "llmref", "8MB"),
        ("who may write", "?target_session_attrs=read-write", "llmref", "4MB"),
        ("no cache", "?prepared_statement_cache_size=0", "llmref", "4MB"),
    ],
)
async def test_it_connects(listening: str, _case: str, query: str, name: str, memory: str) -> None:
    engine = read_engine(listening + query, pool_size=1, pool_wait_s=1, statement_timeout_ms=3000)
    shown = "application_name", "work_mem", "statement_timeout", "default_transaction_read_only"
    async with engine.connect() as connection:
        found = [await connection.scalar(text(f"show {setting}")) for setting in shown]
        assert await connection.scalar(text("select inet_server_addr()::text")) == "127.0.0.1/32"
    await engine.dispose()
    assert found == [name, memory, "3s", "on"]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "query", "word"),
    [
        ("TLS, which that server has not", "?sslmode=require", "rejected SSL upgrade"),
        ("a file that is not there", "?sslmode=verify-full&sslrootcert={folder}/none.pem", "No such file|none.pem"),
    ],
)
async def test_a_demand_that_is_not_met_is_told(
    listening: str, tmp_path: Path, _case: str, query: str, word: str
) -> None:
    engine = write_engine(listening + query.format(folder=tmp_path))
    with pytest.raises(Exception, match=word):
        await engine.connect()
    await engine.dispose()
