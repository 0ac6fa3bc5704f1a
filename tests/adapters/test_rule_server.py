"""A server that is asked about alert rules: gaps in its data, and answers that are odd."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.cli.checked_live import Teacher
from incident.config import Config
from incident.core.check.alert_rules import AlertRule, RuleFile
from incident.core.check.health import NOTHING, Loaded, Seen, Stretch
from incident.core.check.selectors import Selector
from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.rule_server import RuleServer, longest
from tests.adapters.http_server import Heard, Listener, Reply, WallClock, body, value

NOW = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
RULE = AlertRule(4, "web", "AcmeErrors", "sum(a) > 1", True, waits=300.0)
REFUSED = body(b'{"error": "parse error"}', status="400 Bad Request")


def by_path(**answers: Any) -> Reply:
    """Answers by the last part of the path; a value is a proper answer."""

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        found = answers.get(heard.path.rpartition("/")[2], {"status": "success", "data": []})
        await (found if callable(found) else value(found))(heard, writer)

    return reply


def vector(*values: float) -> dict[str, Any]:
    result = [{"metric": {}, "value": [NOW.timestamp(), str(one)]} for one in values]
    return {"status": "success", "data": {"resultType": "vector", "result": result}}


def rules(*known: dict[str, Any]) -> dict[str, Any]:
    return {"status": "success", "data": {"groups": [{"name": "web", "rules": list(known)}]}}


async def asked(reply: Reply, what: str, *arguments: Any) -> Any:
    async with Listener(reply) as listener:
        server = RuleServer(listener.url, clock=WallClock(), access=Access(timeout=5))
        try:
            return await getattr(server, what)(*arguments)
        finally:
            await server.aclose()


async def test_the_servers_alert_rules_are_read_and_recording_rules_left_out() -> None:
    known = {"type": "alerting", "name": "A", "query": "a > 1", "health": "err", "lastError": "many\nto many"}
    answer = rules(known, {"type": "recording", "name": "r", "query": "x"}, {"name": "B", "query": "b"})
    assert await asked(by_path(rules=answer), "rules") == (
        Loaded("A", "web", "a > 1", "err", "many to many"),
        Loaded("B", "web", "b", "unknown", ""),
    )


async def test_a_server_without_alert_rules_is_perhaps_not_the_one_that_evaluates_them() -> None:
    assert await asked(by_path(rules=rules()), "rules") is None


@pytest.mark.parametrize(
    "odd",
    [
        {"status": "error"},
        {"status": "success"},
        [1],
        {"status": "success", "data": {"groups": [{"name": "x", "rules": [{}]}]}},
        {"status": "success", "data": {"groups": 3}},
        {"status": "success", "data": []},
    ],
)
async def test_an_odd_answer_is_an_error_of_the_source(odd: Any) -> None:
    with pytest.raises(SourceError, match="does not have the shape of a Prometheus's"):
        await asked(by_path(rules=odd), "rules")


async def test_values_that_are_no_list_are_an_error_of_the_source() -> None:
    with pytest.raises(SourceError, match="does not have the shape"):
        await asked(by_path(query=vector(), values={"status": "success", "data": {}}), "seen", Selector("a"))


async def test_what_is_there_now_is_asked_for_once() -> None:
    assert await asked(by_path(query=vector(3)), "seen", Selector("a")) == Seen()


async def test_a_selector_without_a_metric_is_not_explained() -> None:
    assert await asked(by_path(query=vector()), "seen", Selector("")) == Seen(now=False, lately=False)


async def test_an_expression_that_the_server_refuses_has_no_stretch() -> None:
    assert await asked(by_path(query_range=REFUSED), "stretch", RULE) is None


@pytest.mark.parametrize(
    ("minutes", "found"),
    [
        ([], None),
        (range(-60, 1), None),  # it began an hour ago, and goes on
        ([*range(-60, -50), *range(-20, -10)], Stretch(600.0, 86_400.0)),
        ([*range(-60, -30), *range(-20, 1)], Stretch(1800.0, 86_400.0)),
        (range(-60, -50), Stretch(600.0, 86_400.0)),
        ([-60, -40, -20], Stretch(60.0, 86_400.0)),
    ],
)
def test_the_longest_stretch_without_a_gap(minutes: Any, found: Stretch | None) -> None:
    times = [NOW.timestamp() + 60 * minute for minute in minutes]
    assert longest(times, 60.0, NOW) == found


def teacher(url: str, *, asked: bool = True) -> Teacher:
    return Teacher(Config(prometheus=url, state=Path("/nonexistent")), asked, offline=False, journal=False)


def learn(one: Teacher) -> Any:
    return one.learn([RuleFile("rules.yml", ("",), (RULE,))])


async def test_a_server_that_does_not_tell_its_rules_is_still_asked_for_series() -> None:
    async with Listener(by_path(rules=REFUSED, query=vector(1), query_range=REFUSED)) as listener:
        one = teacher(listener.url)
        learned = await asyncio.to_thread(learn, one)
    assert (learned.rules, learned.seen) == (None, {"a": Seen()})
    assert "does not tell its rules" in one.notes[0]
    assert not one.failed


async def test_a_selector_that_is_refused_is_not_judged() -> None:
    async with Listener(by_path(rules=rules(), query=REFUSED, query_range=REFUSED)) as listener:
        one = teacher(listener.url)
        learned = await asyncio.to_thread(learn, one)
    assert learned.seen == {}
    assert "has no alert rules of its own" in one.notes[0]


async def test_a_server_of_the_configuration_that_breaks_off_teaches_nothing() -> None:
    async with Listener(by_path(rules={"status": "error"})) as listener:
        one = teacher(listener.url, asked=False)
        assert await asyncio.to_thread(learn, one) == NOTHING
    assert (one.failed, len(one.notes)) == (False, 1)


def test_a_journal_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "journal.db").mkdir()
    one = Teacher(Config(state=tmp_path), False, offline=True, journal=True)
    assert learn(one) == NOTHING
    assert one.notes
    assert "past incidents were not looked at" in one.notes[0]
