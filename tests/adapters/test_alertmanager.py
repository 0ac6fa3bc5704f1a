"""Alertmanager's answers, from ordinary to hostile, and clusters whose members disagree or are gone."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incident.core.alert import AlertState, Severity
from incident.core.text import LIMIT
from incident.errors import SourceError, UsageError
from incident.sources.access import Access
from incident.sources.alerts.alertmanager import Alertmanager, parse
from tests.adapters.http_server import Heard, Listener, Reply, WallClock, body, routes, silence, value

GRAPH = (
    "http://prom:9090/graph?g0.expr=%28sum%28rate%28errors_total%7Bjob%3D%22acme%22%7D%5B5m%5D%29%29%29+%3E+0.005+%2A+14"
    "&g0.tab=1"
)


def element(**changes: Any) -> dict[str, Any]:
    """One alert as the API gives it."""
    return {
        "annotations": {"summary": "Acme error rate burning budget fast"},
        "endsAt": "2026-05-02T03:08:41.034Z",
        "fingerprint": "84595b60fd90283a",
        "receivers": [{"name": "pager"}],
        "startsAt": "2026-05-02T03:04:41.034Z",
        "status": {"inhibitedBy": [], "silencedBy": [], "mutedBy": [], "state": "active"},
        "updatedAt": "2026-05-02T03:04:41.036Z",
        "generatorURL": GRAPH,
        "labels": {"alertname": "AcmeErrorBudgetFastBurn", "severity": "page"},
    } | changes


def one(**changes: Any) -> Any:
    [alert] = parse([element(**changes)], "am-eu")
    return alert


def labelled(**labels: str) -> dict[str, str]:
    return {"alertname": "A", "severity": "page"} | labels


def test_an_ordinary_alert_is_read_with_its_own_expression() -> None:
    alert = one()
    assert alert.name == "AcmeErrorBudgetFastBurn"
    assert alert.severity is Severity.PAGE
    assert alert.state is AlertState.ACTIVE
    assert alert.source == "am-eu"
    assert alert.expression == '(sum(rate(errors_total{job="acme"}[5m]))) > 0.005 * 14'
    assert alert.service == "acme"
    assert alert.starts_at == datetime(2026, 5, 2, 3, 4, 41, 34_000, UTC)
    assert alert.summary == "Acme error rate burning budget fast"


def test_quiet_is_an_empty_answer() -> None:
    assert parse([], "am") == ()


def test_the_teams_own_severity_words_decide() -> None:
    own = element(labels={"alertname": "A", "severity": "wakeup"})
    [alert] = parse([own], "am", frozenset({"wakeup"}), frozenset())
    assert alert.severity is Severity.PAGE
    [alert] = parse([own], "am", frozenset(), frozenset({"wakeup"}))
    assert alert.severity is Severity.INFO
    [alert] = parse([own], "am")
    assert alert.severity is Severity.TICKET


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-05-02T05:04:41+02:00", datetime(2026, 5, 2, 3, 4, 41, tzinfo=UTC)),
        ("2026-05-02T03:04:41.123456789Z", datetime(2026, 5, 2, 3, 4, 41, 123_456, UTC)),
        ("0001-01-01T00:00:00Z", datetime(1, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_start_is_utc_whatever_its_offset_and_its_digits(text: str, at: datetime) -> None:
    assert one(startsAt=text).starts_at == at


def test_the_end_is_a_timeout_and_says_nothing() -> None:
    assert one(endsAt="2020-01-01T00:00:00Z") == one(endsAt="nonsense") == one()


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ({"state": "suppressed", "silencedBy": ["id"], "inhibitedBy": []}, AlertState.SILENCED),
        ({"state": "suppressed", "silencedBy": [], "inhibitedBy": ["f"]}, AlertState.INHIBITED),
        ({"state": "suppressed", "silencedBy": ["id"], "inhibitedBy": ["f"]}, AlertState.SILENCED),
        ({"state": "suppressed"}, AlertState.SILENCED),
        ({"state": "unprocessed"}, AlertState.ACTIVE),
        ({"state": ["suppressed"]}, AlertState.ACTIVE),
        ({}, AlertState.ACTIVE),
        (None, AlertState.ACTIVE),
        ("suppressed", AlertState.ACTIVE),
    ],
)
def test_an_alert_is_muted_only_when_the_server_says_so(status: Any, state: AlertState) -> None:
    assert one(status=status).state is state


def test_an_alert_without_a_name_annotations_or_severity_still_shows() -> None:
    bare = {key: element()[key] for key in ("labels", "fingerprint", "startsAt")} | {"labels": {"job": "nameless"}}
    [alert] = parse([bare], "am")
    assert (alert.name, alert.title) == ("", "(alert without a name)")
    assert alert.severity is Severity.TICKET
    assert (alert.annotations, alert.expression, alert.state) == ({}, "", AlertState.ACTIVE)


@pytest.mark.parametrize("link", [None, 7, "", "javascript:alert(1)", "http://[", "http://g/?g1.expr=x", "\x00"])
def test_a_link_that_is_no_query_gives_no_expression(link: Any) -> None:
    assert one(generatorURL=link).expression == ""


def test_an_escape_inside_the_query_is_removed() -> None:
    assert one(generatorURL="http://p/graph?g0.expr=up%1B%5B2J+%3D%3D+0").expression == "up == 0"


@pytest.mark.parametrize("text", ["[/red]", "[@click=app.quit]x[/]", "a[/", "{job}", "$(reboot)", "%s", "größe 東京"])
def test_markup_in_a_label_stays_the_text_it_is(text: str) -> None:
    alert = one(labels=labelled(x=text), annotations={"summary": text})
    assert alert.labels["x"] == text
    assert alert.summary == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("\x1b[2Jwiped", "wiped"),
        ("\x1b]52;c;cm0gLXJm\x07copied", "copied"),
        ("\x1b]0;title\x1b\\x", "x"),
        ("never \x1b]8;;http://evil", "never 8;;http://evil"),
        ("\x9b31mred", "red"),
        ("nul\x00", "nul"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("half \ud83d pair", "half \ufffd pair"),
        ("two\r\nlines\tand a tab", "two lines and a tab"),
    ],
)
def test_a_label_cannot_reach_the_terminal_as_control_codes(text: str, clean: str) -> None:
    alert = one(labels={"alertname": text, "x": text, text: "x"})
    assert alert.labels["x"] == clean
    assert alert.name == clean
    assert alert.labels[clean] == "x"


def test_a_label_of_ten_kilobytes_is_kept_and_a_megabyte_of_annotation_is_capped() -> None:
    alert = one(labels=labelled(x="y" * 10_000), annotations={"description": "z" * 2**20})
    assert alert.labels["x"] == "y" * 10_000
    assert len(alert.annotations["description"]) < LIMIT + 50
    assert alert.annotations["description"].endswith("more characters)")


def test_a_label_that_pretends_to_be_the_severity_does_not_replace_it() -> None:
    for labels in ({"severity": "page", "sever\u200bity": "none"}, {"sever\u200bity": "none", "severity": "page"}):
        alert = one(labels=labels)
        assert alert.severity is Severity.PAGE
        assert alert.labels == {"severity": "page", "sever\\u200bity": "none"}


def test_a_label_name_of_nothing_visible_is_spelled_out() -> None:
    assert one(labels={"\x1b[0m": "a", "\u200b": "b"}).labels == {"\\x1b[0m": "a", "\\u200b": "b"}


def test_a_value_that_is_no_text_is_shown_as_it_came() -> None:
    assert one(labels={"a": 1, "b": None, "c": [True]}).labels == {"a": "1", "b": "null", "c": "[true]"}


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("broken", "what"),
    [
        ("text", "it is a text, not an object"),
        (None, "it is missing, not an object"),
        (element(labels=None), "its labels are missing, not an object"),
        (element(labels=["a"]), "its labels are a list, not an object"),
        (element(annotations=5), "its annotations are a number or a truth value, not an object"),
        (element(fingerprint=None), "it has no fingerprint"),
        (element(fingerprint="\x1b[0m"), "it has no fingerprint"),
        (element(startsAt=None), "its startsAt is missing, not a time"),
        (element(startsAt=1777691081), "its startsAt is a number or a truth value, not a time"),
        (element(startsAt="yesterday \x1b[2J"), "its startsAt is no time: yesterday"),
        (element(startsAt="2026-05-02T03:04:41"), "its startsAt is no time: 2026-05-02T03:04:41"),
        (element(startsAt="0001-01-01T00:00:00+01:00"), "its startsAt is no time: 0001-01-01T00:00:00+01:00"),
        (element(updatedAt={}), "its updatedAt is an object, not a time"),
    ],
)
def test_an_element_that_cannot_be_an_alert_is_named_and_never_left_out(broken: Any, what: str) -> None:
    with pytest.raises(SourceError) as caught:
        parse([element(), broken], "am")
    assert caught.value.what == f"alert 2 of 2: {what}"
    assert caught.value.hint


@pytest.mark.parametrize("payload", [None, {}, "[]", 7, {"status": "success", "data": {"alerts": []}}])
def test_an_answer_that_is_no_list_is_an_error(payload: Any) -> None:
    with pytest.raises(SourceError, match="not a list of alerts"):
        parse(payload, "am")


# --- over HTTP -------------------------------------------------------------------------------------------------


def server(alerts: Any, *, started: str = "2026-05-01T00:00:00Z", **headers: str) -> Reply:
    return routes(
        {
            "/api/v2/alerts": body(json.dumps(alerts).encode(), **headers),
            "/api/v2/status": body(json.dumps({"uptime": started}).encode(), **headers),
        }
    )


def source(*urls: str, **options: Any) -> Alertmanager:
    return Alertmanager(urls, clock=WallClock(), access=Access(timeout=5), **options)


async def test_a_read_tells_what_fires_since_when_the_server_runs_and_its_age() -> None:
    async with Listener(server([element()])) as listener:
        alertmanager = source(listener.url + "/", name="am-eu")
        before = datetime.now(UTC)
        snapshot = await alertmanager.fetch()
        await alertmanager.aclose()
    assert [alert.name for alert in snapshot.alerts] == ["AcmeErrorBudgetFastBurn"]
    assert snapshot.alerts[0].source == alertmanager.name == "am-eu"
    assert before <= snapshot.at <= datetime.now(UTC)
    assert snapshot.took > 0
    assert snapshot.up_since == datetime(2026, 5, 1, tzinfo=UTC)
    assert snapshot.missing == ()


async def test_a_path_prefix_and_a_tenant_are_part_of_every_request() -> None:
    replies = {"/alertmanager/api/v2/alerts": value([]), "/alertmanager/api/v2/status": value({"uptime": "x"})}
    async with Listener(routes(replies)) as listener:
        access = Access(headers={"X-Scope-OrgID": "team-a"}, timeout=5)
        mimir = Alertmanager([f"{listener.url}/alertmanager/"], clock=WallClock(), access=access)
        assert (await mimir.fetch()).alerts == ()
        await mimir.aclose()
    assert mimir.name == f"127.0.0.1:{listener.port}"
    assert {one.headers["x-scope-orgid"] for one in listener.heard} == {"team-a"}


@pytest.mark.parametrize("status", [value({}), value([]), value({"uptime": 7}), value({"uptime": "x"}),
                                    body(b"no", status="403 Forbidden"), body(b"<html>")])  # fmt: skip
async def test_a_status_that_cannot_be_read_never_hurts(status: Reply) -> None:
    async with Listener(routes({"/api/v2/alerts": value([element()]), "/api/v2/status": status})) as listener:
        alertmanager = source(listener.url)
        snapshot = await alertmanager.fetch()
        await alertmanager.aclose()
    assert len(snapshot.alerts) == 1
    assert snapshot.up_since is None


async def test_the_status_is_asked_again_only_when_an_alert_is_gone() -> None:
    def asked() -> int:
        return sum(heard.path == "/api/v2/status" for heard in listener.heard)

    async with Listener(server([element()])) as listener:
        alertmanager = source(listener.url)
        for _ in range(3):
            await alertmanager.fetch()
        assert asked() == 1
        listener.reply = server([], started="2026-05-02T03:00:00Z")
        snapshot = await alertmanager.fetch()
        assert asked() == 2
        await alertmanager.aclose()
    assert snapshot.alerts == ()
    assert snapshot.up_since == datetime(2026, 5, 2, 3, tzinfo=UTC)


async def test_after_a_failure_the_start_is_asked_for_again() -> None:
    async with Listener(server([])) as listener:
        alertmanager = source(listener.url)
        await alertmanager.fetch()
        listener.reply = body(b"", status="503 Busy")
        with pytest.raises(SourceError):
            await alertmanager.fetch()
        listener.reply = server([], started="2026-05-02T03:00:00Z")
        snapshot = await alertmanager.fetch()
        await alertmanager.aclose()
    assert snapshot.up_since == datetime(2026, 5, 2, 3, tzinfo=UTC)


async def test_a_servers_wrong_clock_does_not_make_it_look_older_than_it_is() -> None:
    started = datetime.now(UTC) - timedelta(hours=1, seconds=20)
    date = (datetime.now(UTC) - timedelta(hours=1)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    async with Listener(server([], started=started.isoformat(), date=date)) as listener:
        alertmanager = source(listener.url)
        snapshot = await alertmanager.fetch()
        await alertmanager.aclose()
    assert snapshot.offset == pytest.approx(-3600, abs=5)
    assert snapshot.up_since is not None
    assert (snapshot.at - snapshot.up_since).total_seconds() == pytest.approx(20, abs=5)


async def test_members_of_a_cluster_are_merged_by_fingerprint() -> None:
    older = element(
        updatedAt="2026-05-02T03:04:00Z", annotations={"summary": "old"}, startsAt="2026-05-02T03:04:40Z",
        status={"state": "suppressed", "silencedBy": ["id"]},
    )  # fmt: skip
    newer = element(updatedAt="2026-05-02T03:05:00Z", annotations={"summary": "new"})
    only_there = element(fingerprint="0000000000000001", labels={"alertname": "Other"})
    async with Listener(server([older, only_there])) as a, Listener(server([newer])) as b:
        cluster = source(a.url, b.url, a.url + "/")
        snapshot = await cluster.fetch()
        await cluster.aclose()
        assert [heard.path for heard in a.heard].count("/api/v2/alerts") == 1
    other, merged = snapshot.alerts
    assert other.name == "Other"
    assert merged.summary == "new"
    assert merged.starts_at == datetime(2026, 5, 2, 3, 4, 40, tzinfo=UTC)
    assert merged.state is AlertState.ACTIVE


async def test_what_every_member_mutes_is_muted() -> None:
    silenced = element(status={"state": "suppressed", "silencedBy": ["id"]})
    inhibited = element(status={"state": "suppressed", "inhibitedBy": ["f"]})
    async with Listener(server([silenced])) as a, Listener(server([inhibited])) as b:
        cluster = source(a.url, b.url)
        [alert] = (await cluster.fetch()).alerts
        await cluster.aclose()
    assert alert.state is AlertState.SILENCED


async def test_a_dead_member_does_not_hide_what_the_other_knows() -> None:
    async with Listener(server([element()])) as alive, Listener(body(b"", status="503 Busy")) as dead:
        cluster = source(dead.url, alive.url)
        snapshot = await cluster.fetch()
        await cluster.aclose()
    assert len(snapshot.alerts) == 1
    assert snapshot.missing == (f"{dead.url}/api/v2/alerts: it is busy (503)",)


async def test_a_young_member_is_vouched_for_by_one_that_ran_all_along() -> None:
    old, young = server([], started="2026-05-01T00:00:00Z"), server([], started="2026-05-02T03:00:00Z")
    async with Listener(young) as a, Listener(old) as b:
        cluster = source(a.url, b.url)
        snapshot = await cluster.fetch()
        await cluster.aclose()
    assert snapshot.up_since == datetime(2026, 5, 1, tzinfo=UTC)


async def test_only_all_members_failing_is_an_error_that_names_each() -> None:
    async with Listener(body(b"", status="503 Busy")) as a, Listener(value({})) as b:
        cluster = source(a.url, b.url)
        with pytest.raises(SourceError) as caught:
            await cluster.fetch()
        await cluster.aclose()
    assert caught.value.what == (
        f"none of its 2 members answered: {a.url}/api/v2/alerts: it is busy (503); "
        f"{b.url}/api/v2/alerts: its answer is an object, not a list of alerts"
    )


async def test_an_element_that_is_off_says_where_it_came_from() -> None:
    async with Listener(server([element(startsAt="soon")])) as listener:
        alertmanager = source(listener.url)
        with pytest.raises(SourceError) as caught:
            await alertmanager.fetch()
        await alertmanager.aclose()
    assert caught.value.at == f"{listener.url}/api/v2/alerts"
    assert caught.value.what == "alert 1 of 1: its startsAt is no time: soon"


async def test_at_most_two_members_are_asked_at_a_time() -> None:
    waiting, most = 0, 0
    two_are_there = asyncio.Event()

    async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
        nonlocal waiting, most
        waiting += 1
        most = max(most, waiting)
        if waiting == 2:
            two_are_there.set()
        await two_are_there.wait()
        await asyncio.sleep(0)
        waiting -= 1
        await value([] if heard.path.endswith("alerts") else {})(heard, writer)

    async with Listener(reply) as listener:
        cluster = source(*(f"{listener.url}/{n}" for n in range(5)))
        assert (await cluster.fetch()).alerts == ()
        await cluster.aclose()
    assert most == 2


async def test_giving_up_a_read_leaves_nothing_behind() -> None:
    asked = asyncio.Event()

    async def never(heard: Heard, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await silence(heard, writer)

    async with Listener(never) as listener:
        alertmanager = source(listener.url)
        task = asyncio.create_task(alertmanager.fetch())
        await asked.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        listener.reply = server([])
        assert (await alertmanager.fetch()).alerts == ()
        await alertmanager.aclose()


def test_urls_that_cannot_work_are_refused_when_it_is_made() -> None:
    with pytest.raises(UsageError, match="without a URL"):
        Alertmanager([], clock=WallClock())
    with pytest.raises(UsageError, match="no http or https URL"):
        Alertmanager(["am:9093"], clock=WallClock())


def test_a_single_url_is_not_taken_for_a_list_of_letters() -> None:
    assert Alertmanager("http://am:9093", clock=WallClock()).name == "am:9093"
