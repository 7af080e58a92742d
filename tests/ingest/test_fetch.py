"""How a document is got: whether there is anything new, what is asked for again, what is too much."""

from __future__ import annotations

import gzip
import random
import zlib
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest import fetch as fetching
from ingest.fetch import (
    ATTEMPTS,
    Fetched,
    FetchError,
    NotModified,
    TooLarge,
    UnknownAddress,
    Unreachable,
    Unreadable,
    Version,
    fetch,
    wait_before,
)
from tests.ingest.served import Answer, serving

LOCAL = frozenset({"127.0.0.1"})


@pytest.fixture(autouse=True)
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that were to be waited, without waiting; chance says the longest wait."""
    seconds: list[float] = []

    async def pause(wait: float) -> None:
        seconds.append(wait)

    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(fetching, "pause", pause)
    monkeypatch.setattr(random, "random", lambda: 1.0)
    return seconds


@pytest.mark.asyncio
async def test_a_document_comes_with_its_version_and_its_address() -> None:
    answer = Answer(b"[1]", headers={"ETag": '"a"', "Last-Modified": "Mon, 02 Mar 2026 12:00:00 GMT"})
    async with serving({"/x": answer}) as server:
        found = await fetch(server.url("/x"), trusted=LOCAL)
        assert found == Fetched(b"[1]", server.url("/x"), Version('"a"', "Mon, 02 Mar 2026 12:00:00 GMT"))
        [(_, headers)] = server.asked
    assert headers["user-agent"] == "llmref (catalogue import)"
    assert headers["accept-encoding"] == "gzip"
    assert "if-none-match" not in headers
    assert "if-modified-since" not in headers


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "known", "sent"),
    [
        ("a tag", Version('W/"a"'), {"if-none-match": 'W/"a"'}),
        ("a moment", Version(None, "Mon, 02 Mar 2026"), {"if-modified-since": "Mon, 02 Mar 2026"}),
        ("both", Version('"a"', "Mon"), {"if-none-match": '"a"', "if-modified-since": "Mon"}),
    ],
)
async def test_a_known_version_is_not_sent_again(_case: str, known: Version, sent: dict[str, str]) -> None:
    async with serving({"/x": Answer(status=304)}) as server:
        assert await fetch(server.url("/x"), known=known, trusted=LOCAL) == NotModified()
        [(_, headers)] = server.asked
    assert {name: value for name, value in headers.items() if name.startswith("if-")} == sent


@pytest.mark.asyncio
async def test_not_modified_without_having_asked_is_no_answer() -> None:
    async with serving({"/x": Answer(status=304)}) as server:
        with pytest.raises(Unreachable, match="answered 304"):
            await fetch(server.url("/x"), trusted=LOCAL)


@pytest.mark.asyncio
async def test_a_version_that_is_a_book_is_not_kept() -> None:
    async with serving({"/x": Answer(b"1", headers={"etag": '"' + "a" * 2000 + '"'})}) as server:
        assert await fetch(server.url("/x"), trusted=LOCAL) == Fetched(b"1", server.url("/x"))


@pytest.mark.parametrize(
    ("_case", "attempt", "asked", "chance", "seconds"),
    [
        ("at once, by chance", 1, None, 0.0, 0.5),
        ("at the latest", 1, None, 1.0, 1.0),
        ("twice as long", 2, None, 1.0, 2.0),
        ("again", 3, None, 0.5, 3.0),
        ("the server asks for more", 1, 7.0, 1.0, 7.0),
        ("the server asks for less", 3, 1.0, 1.0, 4.0),
    ],
)
def test_how_long_to_wait(_case: str, attempt: int, asked: float | None, chance: float, seconds: float) -> None:
    assert wait_before(attempt, asked, chance) == seconds


@given(attempt=st.integers(1, 20), chance=st.floats(0, 1), asked=st.none() | st.floats(0, 1000))
def test_waiting_grows_and_is_never_shorter_than_asked(attempt: int, chance: float, asked: float | None) -> None:
    wait = wait_before(attempt, asked, chance)
    assert wait >= (asked or 0)
    assert wait_before(attempt, None, 1) / 2 <= wait_before(attempt, None, chance) <= wait_before(attempt + 1, None, 0)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "before", "seconds"),
    [
        ("busy once", [Answer(status=503)], [1.0]),
        ("too many requests", [Answer(status=429, headers={"retry-after": "7"})], [7.0]),
        ("a word that is no time", [Answer(status=429, headers={"retry-after": "soon"})], [1.0]),
        ("cut short", [Answer(b"[1, 2]", cut=2)], [1.0]),
        ("broken gzip", [Answer(b"no gzip", headers={"content-encoding": "gzip"})], [1.0]),
        ("three times", [Answer(status=500), Answer(status=502), Answer(status=504)], [1.0, 2.0, 4.0]),
    ],
)
async def test_who_is_busy_is_asked_again(
    waited: list[float], _case: str, before: list[Answer], seconds: list[float]
) -> None:
    async with serving({"/x": [*before, Answer(b"[1]")]}) as server:
        found = await fetch(server.url("/x"), trusted=LOCAL)
        assert isinstance(found, Fetched)
        assert found.body == b"[1]"
        assert len(server.asked) == len(before) + 1
    assert waited == seconds


@pytest.mark.asyncio
async def test_a_moment_to_come_back_is_kept(waited: list[float]) -> None:
    at = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    past = "Mon, 02 Mar 2020 12:00:00 GMT"
    busy = [Answer(status=503, headers={"retry-after": each}) for each in (at, past)]
    async with serving({"/x": [*busy, Answer(b"[1]")]}) as server:
        await fetch(server.url("/x"), trusted=LOCAL)
    assert len(waited) == 2
    assert 20 < waited[0] <= 30
    assert waited[1] == 2.0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "answer", "attempts", "asked", "said"),
    [
        ("it stays busy", Answer(status=503), ATTEMPTS, 4, "answered 503 (asked 4 times)"),
        ("one attempt", Answer(status=503), 1, 1, "answered 503"),
        ("it is not there", Answer(status=404), ATTEMPTS, 1, "answered 404"),
        ("it is forbidden", Answer(status=403), ATTEMPTS, 1, "answered 403"),
        (
            "it asks for an hour",
            Answer(status=429, headers={"retry-after": "3600"}),
            ATTEMPTS,
            1,
            "answered 429, and asks to come back in 3600 s",
        ),
    ],
)
async def test_what_is_given_up(_case: str, answer: Answer, attempts: int, asked: int, said: str) -> None:
    async with serving({"/x": answer}) as server:
        with pytest.raises(Unreachable) as refused:
            await fetch(server.url("/x"), trusted=LOCAL, attempts=attempts)
        assert str(refused.value) == f"{server.url('/x')}: {said}"
        assert len(server.asked) == asked


@pytest.mark.asyncio
async def test_nobody_there_is_asked_again_too(waited: list[float]) -> None:
    with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:1/x: ConnectError: .*\(asked 4 times\)"):
        await fetch("http://127.0.0.1:1/x", trusted=LOCAL)
    assert waited == [1.0, 2.0, 4.0]


@pytest.mark.asyncio
async def test_an_answer_that_does_not_end_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "TOTAL_S", 0.2)
    async with serving({"/x": Answer(hangs=True)}) as server:
        with pytest.raises(Unreachable, match=r"ReadTimeout|no complete answer within"):
            await fetch(server.url("/x"), trusted=LOCAL, attempts=1)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "size", "fits"), [("as large as allowed", 1000, True), ("one byte more", 1001, False)]
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
async def test_the_size_is_bounded_unpacked(
    monkeypatch: pytest.MonkeyPatch, _case: str, size: int, fits: bool, packed: bool
) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1000)
    body = b"a" * size
    answer = Answer(gzip.compress(body), headers={"content-encoding": "gzip"}) if packed else Answer(body)
    async with serving({"/x": answer}) as server:
        if fits:
            assert await fetch(server.url("/x"), trusted=LOCAL) == Fetched(body, server.url("/x"))
        else:
            with pytest.raises(TooLarge, match="larger than 1000 bytes"):
                await fetch(server.url("/x"), trusted=LOCAL)
            assert len(server.asked) == 1, "it would be no smaller the next time"


@pytest.mark.asyncio
async def test_a_small_answer_cannot_become_a_huge_one() -> None:
    """200 MB in 200 kB are left at the limit: no piece is unpacked beyond it."""
    packer = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(200)) + packer.flush()
    assert len(bomb) < 400_000
    async with serving({"/x": Answer(bomb, headers={"content-encoding": "gzip"})}) as server:
        with pytest.raises(TooLarge):
            await fetch(server.url("/x"), trusted=LOCAL)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "encoding", "body"),
    [
        ("packed twice", "gzip, gzip", gzip.compress(gzip.compress(b"1", mtime=0), mtime=0)),
        ("packed in another way", "br", b"1"),
        ("cut in its packing", "gzip", gzip.compress(b"1" * 1000, mtime=0)[:-9]),
    ],
)
async def test_packings_that_are_not_taken(_case: str, encoding: str, body: bytes) -> None:
    async with serving({"/x": Answer(body, headers={"content-encoding": encoding})}) as server:
        with pytest.raises(Unreachable, match="DecodingError"):
            await fetch(server.url("/x"), trusted=LOCAL, attempts=1)


@pytest.mark.asyncio
async def test_an_answer_packed_in_several_parts() -> None:
    body = gzip.compress(b"[1,") + gzip.compress(b"2]")
    async with serving({"/x": Answer(body, headers={"content-encoding": "gzip"})}) as server:
        assert await fetch(server.url("/x"), trusted=LOCAL) == Fetched(b"[1,2]", server.url("/x"))


@pytest.mark.asyncio
async def test_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "x.json"
    file.write_bytes(b"[1]")
    assert await fetch(str(file)) == Fetched(b"[1]", str(file))
    monkeypatch.setattr(fetching, "MAX_BYTES", 2)
    for place, error in (
        (file, TooLarge),
        (Path("/dev/zero"), TooLarge),
        (tmp_path, Unreadable),
        (tmp_path / "none", Unreadable),
    ):
        with pytest.raises(error):
            await fetch(str(place))


@pytest.mark.asyncio
@pytest.mark.parametrize("place", ["ftp://x/y", "http://[", "https://", "file://host/passwd"])
async def test_what_is_no_address(place: str) -> None:
    with pytest.raises(FetchError) as refused:
        await fetch(place, trusted=LOCAL)
    assert isinstance(refused.value, UnknownAddress)
    assert str(refused.value).startswith(f"{place}: ")
