"""What a source does with a server that is down, slow, hostile or simply another one."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import socket
import tracemalloc
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest

from incident.errors import SourceError, UsageError
from incident.sources.access import Access
from incident.sources.failure import RefusedError
from incident.sources.http import Answer, Server
from tests.adapters.http_server import Heard, Listener, Reply, WallClock, body, raw, silence, value

PATH = "/api/v2/alerts"


async def ask(url: str, access: Access | None = None, **options: int) -> Answer:
    server = Server(url, kind="an Alertmanager", clock=WallClock(), access=access or Access(timeout=5), **options)
    try:
        return await server.get_json(PATH, {"active": "true"})
    finally:
        await server.aclose()


async def failure_of(reply: Reply, access: Access | None = None, **options: int) -> SourceError:
    async with Listener(reply) as listener:
        with pytest.raises(SourceError) as caught:
            await ask(listener.url, access, **options)
    error = caught.value
    assert error.at == f"{listener.url}{PATH}"
    assert error.what
    assert error.hint
    assert all(text.isprintable() for text in (error.what, error.at, error.hint))
    return error


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_an_answer_is_json_and_tells_the_servers_clock() -> None:
    ahead = format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)
    async with Listener(body(b'{"a": [1, null, "x"]}', date=ahead)) as listener:
        answer = await ask(listener.url + "/")
    assert answer.data == {"a": [1, None, "x"]}
    assert answer.offset == pytest.approx(600, abs=5)
    assert listener.heard[0].target == "/api/v2/alerts?active=true"


@pytest.mark.parametrize("date", ["yesterday", "", "Mon, 99 Foo 2026 00:00:00 GMT", "Mon, 23 Nov 2026 07:00:00 -0000"])
async def test_an_unreadable_date_only_costs_the_clocks_difference(date: str) -> None:
    async with Listener(body(b"[]", date=date)) as listener:
        assert await ask(listener.url) == Answer([], None)


async def test_one_connection_is_kept_over_many_requests() -> None:
    async with Listener(value([])) as listener:
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock())
        for _ in range(3):
            await server.get_json(PATH)
        await server.aclose()
    assert len(listener.heard) == 3
    assert listener.connections == 1


async def test_a_restarted_server_is_asked_over_a_new_connection() -> None:
    async with Listener(value([])) as listener:
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock())
        await server.get_json(PATH)
        await listener.stop()
        with pytest.raises(SourceError):
            await server.get_json(PATH)
        await listener.start()
        assert (await server.get_json(PATH)).data == []
        await server.aclose()


async def test_nobody_listening_is_said_in_two_words() -> None:
    with pytest.raises(SourceError) as caught:
        await ask(f"http://127.0.0.1:{free_port()}")
    assert caught.value.what == "connection refused"
    assert caught.value.hint == "is it running, and is this its port?"


@pytest.mark.fault(100)
async def test_an_unknown_host_name_is_said() -> None:
    with pytest.raises(SourceError) as caught:
        await ask("http://alertmanager.invalid:9093")
    assert caught.value.what == "the host name is not known"
    assert caught.value.at == "http://alertmanager.invalid:9093/api/v2/alerts"


async def test_a_network_that_is_not_there_is_said() -> None:
    with pytest.raises(SourceError) as caught:
        await ask("http://255.255.255.255:9093")
    assert caught.value.hint == "check the network and the VPN"
    assert caught.value.what in ("network is unreachable", "permission denied", "no route to host")


@pytest.mark.fault(84)
async def test_a_silent_server_is_given_up_at_the_deadline() -> None:
    error = await failure_of(silence, Access(timeout=0.2))
    assert error.what == "no answer within 0.2 s"


@pytest.mark.fault(84)
async def test_a_slow_drip_is_given_up_at_the_same_deadline() -> None:
    async def drip(_: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.01)

    error = await failure_of(drip, Access(timeout=0.3))
    assert error.what == "the answer was not complete after 0.3 s"


@pytest.mark.fault(84, 85)
async def test_a_body_that_never_ends_is_cut_at_the_limit() -> None:
    async def pour(_: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n[")
        while True:
            writer.write(b" " * 65536)
            await writer.drain()

    error = await failure_of(pour, answer_limit=2**20)
    assert error.what == "its answer is larger than 1 MB"


@pytest.mark.fault(85)
async def test_a_body_declared_as_two_gigabytes_is_not_even_read() -> None:
    error = await failure_of(raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2147483648\r\n\r\n["))
    assert error.what == "its answer is larger than 64 MB"


@pytest.mark.fault(85)
async def test_a_gzip_bomb_is_cut_while_it_unpacks() -> None:
    bomb = gzip.compress(bytes(200 * 2**20), 9)
    tracemalloc.start()
    try:
        error = await failure_of(body(bomb, content_encoding="gzip"), answer_limit=4 * 2**20)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert error.what == "its answer is larger than 4 MB"
    assert peak < 24 * 2**20


async def test_a_packed_answer_is_unpacked() -> None:
    data = [{"n": n} for n in range(20_000)]
    async with Listener(body(gzip.compress(json.dumps(data).encode()), content_encoding="gzip")) as listener:
        assert (await ask(listener.url)).data == data


@pytest.mark.parametrize(
    ("content", "encoding", "what"),
    [
        (b"not gzip at all", "gzip", "its answer is no proper gzip"),
        (gzip.compress(b"[1, 2, 3]" * 99, mtime=0)[:-12], "gzip", "its answer ends too early"),
        (b"", "gzip", "its answer ends too early"),
        (b"[]", "br", "its answer is packed in a way that was not asked for"),
        (b"[]", "gzip, gzip", "its answer is packed in a way that was not asked for"),
    ],
)
async def test_broken_packing_is_said(content: bytes, encoding: str, what: str) -> None:
    assert (await failure_of(body(content, content_encoding=encoding))).what == what


@pytest.mark.fault(85)
async def test_two_megabytes_of_headers_are_refused() -> None:
    error = await failure_of(raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 2**21 + b"\r\n\r\n[]"))
    assert error.what.startswith(("no proper HTTP answer", "the connection broke off"))


@pytest.mark.parametrize(
    ("sent", "start"),
    [
        (b"\x16\x03\x01\x00\x00 SSH-2.0-OpenSSH_9.2\r\n\r\n", "no proper HTTP answer"),
        (b"HTTP/1.1 banana\r\n\r\n", "no proper HTTP answer"),
        (b"", "no proper HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[1,", "no proper HTTP answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n[]", "no proper HTTP answer"),
    ],
)
async def test_something_that_speaks_no_http_is_said(sent: bytes, start: str) -> None:
    error = await failure_of(raw(sent))
    assert error.what.startswith(start)
    assert error.hint == "is this its port? http or https?"


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"<!DOCTYPE html><html>Sign in</html>", "it answered with a web page instead of JSON"),
        (b"\n  <html>", "it answered with a web page instead of JSON"),
        (b"", "its answer is empty"),
        (b"[1, 2", "its JSON is broken"),
        (b"OK", "its JSON is broken"),
        (b"[" * 200_000, "its JSON is nested too deeply"),
        (b'[{"value": NaN}]', "its JSON is broken: NaN is no JSON number"),
        (b"[-Infinity]", "its JSON is broken: -Infinity is no JSON number"),
        (b"[" + b"9" * 5000 + b"]", "its JSON is broken"),
        (b'{"a": 1, "a": 2}', "its JSON is broken: the same key is there twice"),
    ],
)
async def test_an_answer_that_is_no_usable_json_is_one_clear_error(content: bytes, what: str) -> None:
    error = await failure_of(body(content))
    assert error.what.startswith(what)
    assert "an Alertmanager" in error.hint


async def test_broken_utf8_and_lone_surrogates_do_not_hide_the_rest() -> None:
    async with Listener(body(b'\xef\xbb\xbf["a\xff", "\\ud83d"]')) as listener:
        assert (await ask(listener.url)).data == ["a�", "\ud83d"]


@pytest.mark.parametrize(
    ("status", "content", "what"),
    [
        ("401 Unauthorized", b"", "it wants credentials (401)"),
        ("403 Forbidden", b"", "these credentials may not read this (403)"),
        ("404 Not Found", b"404 page not found", "not found (404)"),
        ("429 Too Many Requests", b"", "it is busy (429), it asks to wait 99999 s"),
        (
            "503 Service Unavailable",
            b"Limit of concurrent GETs reached",
            "it is busy (503), it asks to wait 99999 s: Lim",
        ),
        ("500 Internal Server Error", b'{"error": "out of\\u001b[31m memory"}', "it answered 500: out of memory"),
        ("500 Internal Server Error", b'{"code": 7, "message": "boom"}', "it answered 500: boom"),
        ("500 Internal Server Error", b"<html>oops</html>", "it answered 500"),
        ("500 Internal Server Error", b"[1]", "it answered 500"),
        ("502 Bad Gateway", b"[" * 5000, "it answered 502: [[["),
        ("410 Gone", b'"v1 is gone"', "it answered 410: v1 is gone"),
        ("204 No Content", b"", "it answered 204"),
    ],
)
async def test_every_status_says_what_to_do_next(status: str, content: bytes, what: str) -> None:
    error = await failure_of(body(content, status=status, retry_after="99999"))
    assert error.what.startswith(what)
    assert not isinstance(error, RefusedError)


async def test_a_path_prefix_that_is_missing_is_hinted_at() -> None:
    error = await failure_of(body(b"", status="404 Not Found"))
    assert error.hint == "is this an Alertmanager? a path prefix may be missing"


async def test_a_refused_request_is_told_from_a_server_in_trouble() -> None:
    error = await failure_of(body(b'"bad matcher"', status="400 Bad Request"))
    assert isinstance(error, RefusedError)
    assert error.what == "it does not accept the request (400): bad matcher"


async def test_a_packed_error_that_is_broken_is_still_the_error() -> None:
    error = await failure_of(body(b"junk", status="500 Oops", content_encoding="gzip"))
    assert error.what == "it answered 500"


async def test_an_error_body_without_end_is_not_read_to_its_end() -> None:
    async def pour(_: Heard, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 500 Oops\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    error = await failure_of(pour)
    assert error.what.startswith("it answered 500: xxx")
    assert len(error.what) < 300


@pytest.mark.fault(82)
async def test_a_redirect_to_another_host_is_an_error_and_takes_no_header_along() -> None:
    async with Listener(value([])) as elsewhere:
        moved = body(b"", status="302 Found", location=f"http://kim:pw@127.0.0.1:{elsewhere.port}/login?token=abc")
        access = Access(headers={"X-API-Key": "k-12345"}, token="t-67890", timeout=5)
        error = await failure_of(moved, access)
        assert elsewhere.heard == []
    assert error.what == f"it redirects to http://127.0.0.1:{elsewhere.port}/login (302), which is not followed"
    assert "pw" not in str(error)
    assert "abc" not in str(error)


@pytest.mark.fault(83)
@pytest.mark.parametrize(
    "location",
    ["file:///etc/passwd", "/api/v2/alerts", "http://[", "javascript:alert(1)", "//other.example/x", "\x1b[2J"],
)
async def test_no_redirect_is_followed(location: str) -> None:
    async with Listener(body(b"", status="307 Temporary Redirect", location=location)) as listener:
        with pytest.raises(SourceError, match="not followed"):
            await ask(listener.url)
        assert len(listener.heard) == 1


async def test_credentials_are_sent_and_never_shown() -> None:
    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        echo = json.dumps({"error": f"no: {heard.headers['authorization']} {heard.headers['x-api-key']}"})
        await body(echo.encode(), status="500 Oops")(heard, writer)

    access = Access(headers={"X-API-Key": "k-12345", "X-Scope-OrgID": "team-a"}, token="t-67890", timeout=5)
    async with Listener(reply) as listener:
        with pytest.raises(SourceError) as caught:
            await ask(listener.url, access)
    heard = listener.heard[0].headers
    assert (heard["authorization"], heard["x-scope-orgid"]) == ("bearer t-67890", "team-a")
    assert caught.value.what == "it answered 500: no: bearer *** ***"
    assert "12345" not in repr(access)
    assert "67890" not in repr(access)


async def test_a_token_out_of_a_file_is_not_shown_when_a_server_echoes_it(tmp_path: Path) -> None:
    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        await body(heard.headers["authorization"].encode(), status="500 Oops")(heard, writer)

    (tmp_path / "token").touch(0o600)
    (tmp_path / "token").write_text("t-67890")
    error = await failure_of(reply, Access(token_file=str(tmp_path / "token"), timeout=5))
    assert error.what == "it answered 500: bearer ***"


async def test_a_password_in_the_url_is_used_and_never_shown() -> None:
    async with Listener(body(b"", status="401 Unauthorized")) as listener:
        with pytest.raises(SourceError) as caught:
            await ask(f"http://kim:s%40cret@127.0.0.1:{listener.port}/#/alerts")
    assert listener.heard[0].headers["authorization"] == f"basic {b64encode(b'kim:s@cret').decode().lower()}"
    assert caught.value.what == "it does not accept the credentials (401)"
    assert "cret" not in str(caught.value)


async def test_a_token_file_is_read_again_for_every_request(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.touch(0o600)
    async with Listener(value([])) as listener:
        access = Access(token_file=str(file), timeout=5)
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock(), access=access)
        for token in ("first", "second"):
            file.write_text(f"{token}\n")
            await server.get_json(PATH)
        await server.aclose()
    assert [one.headers["authorization"] for one in listener.heard] == ["bearer first", "bearer second"]


@pytest.mark.parametrize(
    ("prepare", "what"),
    [
        (lambda p: p.touch(0o644), "others can read the token's file (mode 0644)"),
        (lambda p: p.touch(0o600), "the token's file does not hold one token"),
        (lambda p: (p.touch(0o600), p.write_text("two tokens\n")), "the token's file does not hold one token"),
        (lambda p: os.mkfifo(p, 0o600), "the token's file is no regular file"),
        (lambda p: None, "the token's file cannot be read: No such file or directory"),
    ],
)
async def test_a_token_file_that_cannot_be_trusted_is_refused_before_anything_is_sent(prepare, what, tmp_path) -> None:
    prepare(tmp_path / "token")
    async with Listener(value([])) as listener:
        with pytest.raises(SourceError) as caught:
            await ask(listener.url, Access(token_file=str(tmp_path / "token"), timeout=5))
    assert caught.value.what == what
    assert listener.heard == []


@pytest.mark.fault(87)
async def test_a_proxy_never_sees_the_credentials_of_a_plain_request(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Listener(value([])) as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("http_proxy", proxy.url)
        for access in (Access(token="t"), Access(user="kim", password="pw"), Access(headers={"X-API-Key": "k"})):
            with pytest.raises(SourceError) as caught:
                await ask("http://am.example.test:9093", access)
            assert caught.value.what == "HTTP_PROXY would read the credentials of a plain http request"
            assert caught.value.hint == "use https, or add am.example.test to NO_PROXY"
        assert proxy.heard == []
        assert (await ask("http://am.example.test:9093", Access(headers={"X-Scope-OrgID": "a"}, timeout=5))).data == []
        assert proxy.heard[0].target == "http://am.example.test:9093/api/v2/alerts?active=true"
        monkeypatch.setenv("NO_PROXY", "am.example.test")
        monkeypatch.setenv("no_proxy", "am.example.test")
        with pytest.raises(SourceError, match="host name is not known"):
            await ask("http://am.example.test:9093", Access(token="t", timeout=5))


async def test_a_server_on_this_machine_is_asked_without_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with Listener(value([])) as listener:
        assert (await ask(f"http://localhost:{listener.port}", Access(token="t", timeout=5))).data == []


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1", "gopher://127.0.0.1:1"])
async def test_a_proxy_of_an_unknown_sort_is_an_error_in_words(proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(SourceError) as caught:
        await ask("https://am.example.test")
    assert caught.value.what == "the proxy in the environment cannot be used"


async def test_a_proxy_that_refuses_is_named_as_the_culprit(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Listener(body(b"", status="407 Proxy Authentication Required")) as proxy:
        monkeypatch.setenv("HTTPS_PROXY", f"127.0.0.1:{proxy.port}")
        monkeypatch.setenv("https_proxy", f"127.0.0.1:{proxy.port}")
        with pytest.raises(SourceError) as caught:
            await ask("https://am.example.test")
    assert caught.value.what == "the proxy refused"


@pytest.mark.parametrize(
    "url",
    [
        "", "localhost:9093", "am:9093", "ftp://am", "file:///etc/passwd", "http://", "http://am:port", "http://[::1",
        "http://a b", "http://am?x=1", "http://am\x1b[2J", "//am", "http://am:99999",
    ],
)  # fmt: skip
def test_a_url_that_cannot_be_one_is_refused_with_an_example(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        Server(url, kind="an Alertmanager", clock=WallClock())
    assert caught.value.hint
    assert caught.value.at.isprintable()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://am:9093", "http://am:9093"),
        (" https://AM.example/prefix// ", "https://am.example/prefix"),
        ("http://[::1]:9093/", "http://[::1]:9093"),
        ("http://am:9093/#/alerts?silenced=false", "http://am:9093"),
        ("http://kim:pw@am", "http://am"),
    ],
)
def test_an_address_is_shown_without_what_does_not_belong_to_it(url: str, shown: str) -> None:
    assert Server(url, kind="an Alertmanager", clock=WallClock()).place.url == shown


@pytest.mark.parametrize(
    "options",
    [
        {"token": "a", "token_file": "b"},
        {"token": "a", "user": "kim"},
        {"token": "a b"},
        {"token": "a\nX-Evil: 1"},
        {"key_file": "k"},
        {"timeout": 0.0},
        {"timeout": -1.0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"headers": {"X-A": "a\r\nX-Evil: 1"}},
        {"headers": {"X A": "a"}},
        {"headers": {"X-A": "größe"}},
    ],
)
def test_access_that_contradicts_itself_is_refused_at_once(options: dict) -> None:
    with pytest.raises(UsageError):
        Access(**options)


def test_credentials_in_the_url_and_beside_it_are_refused() -> None:
    with pytest.raises(UsageError) as caught:
        Server("http://kim:pw@am", kind="an Alertmanager", clock=WallClock(), access=Access(token="t"))
    assert "pw" not in str(caught.value)
