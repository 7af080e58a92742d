"""Who may be asked: https and public addresses, unless an operator wrote the address; and the same for whoever an answer names."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch import Fetched, FetchError, NotAllowed, UnknownAddress, Unreachable, fetch, host_of
from ingest.wire import RefusedAddress, admitted, is_public
from tests.ingest.served import Answer, serving

LOCAL = frozenset({"127.0.0.1"})


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def resolved(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name have these addresses."""

    async def getaddrinfo(*_: Any, **__: Any) -> list[Any]:
        return [(0, 0, 0, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.0.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a9fe:a9fe", False),
        ("fec0::1", False),
        ("::7f00:1", False),
        ("::ffff:0:7f00:1", False),
        ("2002:7f00:1::", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public


@given(st.integers(0, 2**32 - 1))
def test_wrapping_an_address_makes_it_no_more_public(number: int) -> None:
    plain = IPv4Address(number)
    for wrapped in (f"::ffff:{plain}", f"64:ff9b::{plain}", str(IPv6Address((0x2002 << 112) | (number << 80)))):
        assert is_public(ip_address(wrapped)) is is_public(plain)


@pytest.mark.parametrize(
    ("_case", "url", "trusted", "why"),
    [
        ("https", "https://models.dev/catalog.json", (), None),
        ("no TLS", "http://models.dev/catalog.json", (), "without TLS; https is needed"),
        ("no TLS, but trusted", "http://models.dev/catalog.json", {"models.dev"}, None),
        ("no TLS, another one is trusted", "http://models.dev/", {"example.org"}, "without TLS; https is needed"),
        ("a private number", "https://10.0.0.1/", (), "10.0.0.1 is no public address"),
        ("a private number of six", "https://[::1]:8000/", (), "::1 is no public address"),
        ("a private number, but trusted", "https://10.0.0.1/", {"10.0.0.1"}, None),
        ("a password", "https://a:b@models.dev/", (), "an address with a user name is not asked"),
        ("another scheme", "gopher://models.dev/", (), "only http and https can be asked"),
    ],
)
def test_what_is_admitted(_case: str, url: str, trusted: Any, why: str | None) -> None:
    if why is None:
        admitted(url, frozenset(trusted))
        return
    with pytest.raises(RefusedAddress) as refused:
        admitted(url, frozenset(trusted))
    assert str(refused.value) == why


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "addresses"), [("private", ["10.0.0.1"]), ("one of several", ["8.8.8.8", "127.0.0.1"])]
)
async def test_a_name_of_a_private_address_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, _case: str, addresses: list[str]
) -> None:
    resolved(monkeypatch, *addresses)
    with pytest.raises(NotAllowed) as refused:
        await fetch("https://catalogue.example/x")
    said = f"catalogue.example is at {addresses[-1]}, which is no public address"
    assert str(refused.value) == f"https://catalogue.example/x: {said}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "host", ["localhost", "localhost.", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::ffff:7f00:1]"]
)
async def test_no_spelling_of_this_machine_is_asked(host: str) -> None:
    """Names and numbers that only a resolver understands; the resolver may refuse to know some of them, which is as well."""
    with pytest.raises((NotAllowed, Unreachable, UnknownAddress)) as refused:
        await fetch(f"https://{host}:9/x", attempts=1)
    if isinstance(refused.value, Unreachable):
        assert "refused" not in str(refused.value).lower(), "it was connected to"


@pytest.mark.asyncio
async def test_the_address_that_was_looked_at_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving({"/x": Answer(b"[1]")}) as server:
        resolved(monkeypatch, "127.0.0.1")
        found = await fetch(server.url("/x", "catalogue.example"), trusted={"catalogue.example"})
        assert found == Fetched(b"[1]", server.url("/x", "catalogue.example"))
        assert server.asked[0][1]["host"] == f"catalogue.example:{server.port}"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("_case", "target", "said"),
    [
        ("to the same host", "/b", None),
        ("to a private number", "http://127.0.0.2/b", "leads to http://127.0.0.2/b: without TLS; https is needed"),
        ("with TLS to a private number", "https://127.0.0.2/b", "127.0.0.2 is no public address"),
        ("with TLS to a private name", "https://localhost/b", "localhost is at "),
        ("to a file", "file://host/passwd", "leads to file://host/passwd: only http and https can be asked"),
        ("to a password", "http://u:p@127.0.0.1/", "an address with a user name is not asked"),
        ("in a circle", "/a", "leads to more than 3 other addresses"),
    ],
)
async def test_where_an_answer_may_lead(_case: str, target: str, said: str | None) -> None:
    async with serving({"/a": Answer(status=302, headers={"location": target}), "/b": Answer(b"[1]")}) as server:
        if said is None:
            assert await fetch(server.url("/a"), trusted=LOCAL) == Fetched(b"[1]", server.url("/b"))
            assert server.paths == ["/a", "/b"]
            return
        with pytest.raises(FetchError) as refused:
            await fetch(server.url("/a"), trusted=LOCAL)
    assert str(refused.value).startswith(f"{server.url('/a')}: ")
    assert said in str(refused.value)


@pytest.mark.asyncio
async def test_three_redirects_and_no_more() -> None:
    hops = {f"/{n}": Answer(status=307, headers={"location": f"/{n + 1}"}) for n in range(4)}
    async with serving({**hops, "/4": Answer(b"[1]")}) as server:
        assert await fetch(server.url("/1"), trusted=LOCAL) == Fetched(b"[1]", server.url("/4"))
        with pytest.raises(Unreachable, match="leads to more than 3 other addresses"):
            await fetch(server.url("/0"), trusted=LOCAL)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody has signed, with its key."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl here to make a certificate")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test"
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", str(file.with_name("cert.pem"))]
    subprocess.run([*command.split(), *names], check=True, capture_output=True)
    file.write_text(file.read_text() + file.with_name("cert.pem").read_text())
    return file


@pytest.mark.asyncio
async def test_a_certificate_is_looked_at(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    async with serving({"/x": Answer(b"[1]")}, tls=tls) as server:
        with pytest.raises(Unreachable, match=r"(?i)certificate"):
            await fetch(server.url("/x"), trusted=LOCAL, attempts=1)
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert await fetch(server.url("/x"), trusted=LOCAL) == Fetched(b"[1]", server.url("/x"))


@pytest.mark.asyncio
async def test_from_https_nothing_leads_to_http(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with serving({"/x": Answer(b"[1]")}) as plain:
        leading = Answer(status=301, headers={"location": plain.url("/x")})
        async with serving({"/x": leading}, tls=tls) as server:
            with pytest.raises(NotAllowed) as refused:
                await fetch(server.url("/x"), trusted=LOCAL)
            assert str(refused.value) == f"{server.url('/x')}: leads from https to {plain.url('/x')}"
        assert plain.asked == []


@pytest.mark.parametrize(
    ("place", "host"),
    [
        ("http://127.0.0.1:8000/x", {"127.0.0.1"}),
        ("https://Example.org/x", {"example.org"}),
        ("catalog.json", set()),
        ("/data/catalog.json", set()),
    ],
)
def test_whom_an_operator_names(place: str, host: set[str]) -> None:
    assert host_of(place) == host
