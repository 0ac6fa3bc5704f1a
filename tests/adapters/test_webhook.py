"""A webhook that drops, delays, redirects, lies or answers twice: a message leaves once, and what is said is true."""

from __future__ import annotations

import asyncio
import json

import pytest

from incident.core.told import Outcome
from incident.core.updates import Delivery, body
from incident.errors import SourceError
from incident.sources.messages.webhook import Webhook
from tests.adapters.hook import OK, SECRET, Answer, Hook, raw, says, silence
from tests.adapters.http_server import Listener, value
from tests.adapters.test_http_tls import Certificates, certificates

__all__ = ["certificates"]

TEXT = "SEV2 Acme <!channel>: we are on it\nSince: 03:07 UTC"


async def sent(answer: Answer, patience: float = 10.0) -> tuple[Delivery, Hook]:
    async with Hook(answer) as hook:
        delivery = await Webhook(lambda: hook.url, "#inc", patience).send(body(TEXT))
    assert "canary" not in delivery.reason
    assert SECRET not in delivery.reason
    return delivery, hook


async def test_a_message_that_is_answered_with_ok_arrived_as_the_bytes_that_were_read() -> None:
    delivery, hook = await sent(OK)
    assert delivery == Delivery(Outcome.SENT)
    assert hook.bodies == [body(TEXT)]
    assert json.loads(hook.bodies[0])["text"].startswith("SEV2 Acme &lt;!channel&gt;")
    assert "authorization" not in hook.heads[0].lower()
    assert "content-type: application/json" in hook.heads[0].lower()


@pytest.mark.parametrize("said", [b"ok\n", b'{"ok": true}', b'{"success": true}'])
async def test_what_is_compatible_with_slack_may_say_ok_in_its_own_way(said: bytes) -> None:
    delivery, _ = await sent(says("200 OK", said))
    assert delivery.outcome is Outcome.SENT


@pytest.mark.fault(89)
@pytest.mark.parametrize(
    "answer",
    [
        raw(b""),
        raw(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\no"),
        raw(b"nonsense\r\n\r\n"),
        says("500 Internal Server Error", b"rollup_error"),
        says("502 Bad Gateway", b"<html>proxy</html>"),
        says("503 Service Unavailable", b"", "retry-after: 99999"),
        says("200 OK", b"<html>please log in</html>"),
        says("200 OK", b"not ok"),
        says("200 OK", b'{"ok": false}'),
        says("200 OK", b"[" * 1500),
        says("204 No Content", b""),
    ],
)
async def test_what_left_and_was_not_answered_with_ok_is_unknown_and_not_sent_again(answer: Answer) -> None:
    delivery, hook = await sent(answer)
    assert delivery.outcome is Outcome.UNKNOWN
    assert "look in the channel" in delivery.reason
    assert len(hook.bodies) == 1


@pytest.mark.fault(88)
@pytest.mark.parametrize(
    ("status", "said"),
    [("400 Bad Request", b"invalid_payload"), ("403 Forbidden", b"action_prohibited"), ("404 Not Found", b"no_team"),
     ("410 Gone", b"channel_is_archived"), ("429 Too Many Requests", b"rate_limited")],
)  # fmt: skip
async def test_what_was_refused_surely_did_not_arrive_and_nothing_tries_again(status: str, said: bytes) -> None:
    delivery, hook = await sent(says(status, said, "retry-after: 99999"))
    assert delivery == Delivery(Outcome.FAILED, f"it was refused ({status[:3]}): {said.decode()}")
    assert len(hook.bodies) == 1


@pytest.mark.fault(89)
async def test_a_server_that_takes_it_and_never_answers_is_unknown_within_the_deadline() -> None:
    delivery, hook = await sent(silence, patience=0.3)
    assert delivery.outcome is Outcome.UNKNOWN
    assert delivery.reason.startswith("no answer within 0.3 s")
    assert len(hook.bodies) == 1


@pytest.mark.fault(84)
async def test_an_answer_that_drips_is_over_at_the_deadline() -> None:
    async def drip(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n\r\n")
        while True:
            writer.write(b"o")
            await writer.drain()
            await asyncio.sleep(0.01)

    delivery, _ = await sent(drip, patience=0.4)
    assert delivery.outcome is Outcome.UNKNOWN


async def test_an_answer_without_an_end_is_read_to_its_first_bytes_only() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    delivery, _ = await sent(endless)
    assert delivery.outcome is Outcome.UNKNOWN
    assert len(delivery.reason) < 400


@pytest.mark.fault(82)
@pytest.mark.parametrize("code", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
async def test_a_redirect_is_not_followed_and_its_address_is_not_shown(code: str) -> None:
    async with Hook() as other:
        delivery, hook = await sent(says(code, b"", f"location: http://127.0.0.1:{other.port}{SECRET}"))
    assert delivery.outcome is Outcome.FAILED
    assert "redirects" in delivery.reason
    assert (len(hook.bodies), other.bodies) == (1, [])


async def test_a_redirect_to_nowhere_readable_is_still_only_a_redirect() -> None:
    delivery, _ = await sent(says("302 Found", b"", "location: http://[::1"))
    assert delivery.outcome is Outcome.FAILED


async def test_an_answer_that_comes_twice_is_one_message() -> None:
    once = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
    delivery, hook = await sent(raw(once + once))
    assert delivery == Delivery(Outcome.SENT)
    assert len(hook.bodies) == 1


async def test_a_server_that_repeats_the_address_does_not_get_it_onto_the_timeline() -> None:
    delivery, _ = await sent(says("404 Not Found", f"no hook at {SECRET}".encode()))
    assert delivery.reason == "it was refused (404): no hook at ***"


async def test_a_server_that_is_not_there_surely_has_nothing() -> None:
    async with Hook() as hook:
        url = hook.url
    webhook = Webhook(lambda: url, "#inc")
    delivery = await webhook.send(body(TEXT))
    assert delivery.outcome is Outcome.FAILED
    assert "connection refused" in delivery.reason
    assert "canary" not in delivery.reason
    assert webhook.name == f"#inc at 127.0.0.1:{hook.port}"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://hooks.example.com{SECRET}", "is not https"),
        (f"ftp://hooks.example.com{SECRET}", "no plain https URL"),
        (f"https://user:pw@hooks.example.com{SECRET}", "no plain https URL"),
        (f"https://[::1{SECRET}", "is no URL"),
        (f"https://hooks.example.com:99999{SECRET}", "is no URL"),
        (SECRET, "no plain https URL"),
    ],
)
async def test_an_address_that_cannot_be_trusted_is_refused_without_being_shown(url: str, why: str) -> None:
    delivery = await Webhook(lambda: url).send("{}")
    assert delivery.outcome is Outcome.FAILED
    assert why in delivery.reason
    assert "canary" not in delivery.reason


async def test_a_secret_that_cannot_be_had_is_said_and_nothing_leaves() -> None:
    def gone() -> str:
        raise SourceError("the variable with the secret is not set", at="SLACK_WEBHOOK")

    webhook = Webhook(gone)
    with pytest.raises(SourceError):
        await webhook.look()
    delivery = await webhook.send("{}")
    assert delivery == Delivery(Outcome.FAILED, "SLACK_WEBHOOK: the variable with the secret is not set")
    assert webhook.name == "the webhook"


async def test_the_place_is_named_before_anything_is_sent() -> None:
    async with Hook() as hook:
        assert await Webhook(lambda: hook.url, "#inc").look() == f"#inc at 127.0.0.1:{hook.port}"
    assert hook.bodies == []


async def test_no_certificate_that_is_not_trusted_gets_the_message(certificates: Certificates) -> None:
    async with Listener(value("ok"), tls=certificates.serving(certificates.issue("stranger"))) as listener:
        delivery = await Webhook(lambda: f"{listener.url}{SECRET}").send("{}")
    assert delivery.outcome is Outcome.FAILED
    assert "not trusted" in delivery.reason
    assert listener.heard == []
