"""Rows of other tools: at their own times, once each, clean, and refused with their place when they are nonsense."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incident.core import facts
from incident.core.event import Event
from incident.core.importing import Found, csv, not_yet, pagerduty, prometheus, slack, within
from incident.core.importing.row import epoch, json_of
from incident.core.text import plain
from incident.core.when import Precision
from incident.errors import UsageError
from tests.fakes import ME, START

BEGIN = datetime(2026, 5, 2, 3, 4, 0, tzinfo=UTC)
STAMP = int(BEGIN.timestamp())


def shown(rows: tuple[Found, ...]) -> list[tuple[str, str, str]]:
    return [(f"{row.at:%H:%M:%S}", row.who, row.text) for row in rows]


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


# -- which rows ------------------------------------------------------------------------------------------------------


def row(key: str, at: datetime = BEGIN) -> Found:
    return Found(at, "x", key)


def test_a_row_is_imported_once_from_its_source_however_often_it_comes() -> None:
    def imported(source: str, fact: facts.Fact) -> Event:
        return Event("e", "INC-1", START, fact, ME, START, source=source)

    log = [imported("slack", row("1").fact), imported("csv", row("2").fact), imported("slack", facts.Joined("1"))]
    found = (row("1"), row("2"), row("2"), row(""), row(""))
    assert not_yet(found, "slack", log) == (row("2"), row(""), row(""))
    assert not_yet(found, "csv", []) == (row("1"), row("2"), row(""), row(""))


def test_only_rows_between_two_times_are_wanted() -> None:
    rows = tuple(row(str(at), BEGIN + timedelta(minutes=at)) for at in range(4))
    assert within(rows, None, None) == rows
    assert within(rows, rows[1].at, rows[2].at) == rows[1:3]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1777691040", BEGIN), ("1777691040.000200", BEGIN + timedelta(microseconds=200)),
        ("1777691040.5", BEGIN + timedelta(milliseconds=500)), ("-1", None), ("", None), ("1.x", None), ("٣", None),
        ("1" * 12, None),
    ],
)  # fmt: skip
def test_seconds_since_1970_are_read_to_the_microsecond(text: str, read: datetime | None) -> None:
    assert epoch(text) == read


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"<html>", "f:1: this is no JSON"), (b'{\n"a": 1,\n}', "f:3: this is no JSON"), (b"\xff{}", "not UTF-8"),
        (b"[" * 100_000, "nested too deeply"), (b"1" * 5000, "too long"),
    ],
)  # fmt: skip
def test_what_is_no_json_is_refused_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        json_of(data, "f")
    assert said in str(refused.value)


# -- csv -------------------------------------------------------------------------------------------------------------


def test_a_table_is_read_with_its_own_names_marks_and_order() -> None:
    lines = (
        "\ufeffWhen (UTC);What happened;Author;Type",
        "2026-05-02 03:06;rolled back;ana;decision",
        "~2026-05-02T03:05:10Z;saw 500;;",
        ";;;",
        '2026-05-02 05:04:30.5 +0200;"first; then\nmore";kim;',
    )
    data = "\n".join(lines)
    told = csv.parse(data.encode(), "log.csv")
    assert shown(told.rows) == [
        ("03:04:30", "kim", "first; then\nmore"),
        ("03:05:10", "", "saw 500"),
        ("03:06:00", "ana", "decision: rolled back"),
    ]  # fmt: skip
    assert [r.precision for r in told.rows] == [Precision.SECOND, Precision.ABOUT, Precision.MINUTE]
    assert told.notices == ("1 times name no zone and count as UTC",)


@pytest.mark.parametrize(
    ("head", "line", "at"),
    [
        ("time,text", "1777691040,x", BEGIN),
        ("time,text", "1777691040.25,x", BEGIN + timedelta(milliseconds=250)),
        ("timestamp,message", "1777691040000,x", BEGIN),
        ("date,time,note", "2026-05-02,03:04,x", BEGIN),
        ("date,event", "2026-05-02 03:04,x", BEGIN),
        ("created_at\tdescription", "2026-5-2 3:04 UTC\tx", BEGIN),
        ("at,time,what", "?,2026-05-02 03:04Z,x", BEGIN),
    ],
)
def test_times_and_columns_are_guessed_but_never_what_they_mean(head: str, line: str, at: datetime) -> None:
    [only] = csv.parse(f"{head}\n{line}\n".encode(), "f").rows
    assert (only.at, only.text) == (at, "x")


def test_a_zone_that_is_given_is_that_of_times_that_name_none() -> None:
    data = b"time,text\n2026-05-02 05:04,a\n2026-05-02 03:04Z,b\n"
    told = csv.parse(data, "f", csv.zone_of("+02:00"))
    assert [r.at for r in told.rows] == [BEGIN, BEGIN]
    assert told.notices == ("1 times name no zone and count as UTC+02:00",)
    assert csv.zone_of("-0330").utcoffset(None) == -timedelta(hours=3, minutes=30)
    assert csv.zone_of("utc") is UTC
    for text in ("CET", "+15:00", "+02:60", "2"):
        with pytest.raises(UsageError, match="is no zone"):
            csv.zone_of(text)


def test_a_table_from_a_spreadsheet_in_utf_16_is_read() -> None:
    assert csv.parse("time,text\n1777691040,\N{EM DASH}\n".encode("utf-16"), "f").rows[0].text == "\N{EM DASH}"


def test_equal_rows_of_one_table_are_different_rows_and_stay_the_same_ones() -> None:
    data = b"time,text\n1777691040,x\n1777691040,x\n1777691040,y\n"
    keys = [r.key for r in csv.parse(data, "f").rows]
    assert len(set(keys)) == 3
    assert [r.key for r in csv.parse(data, "g").rows] == keys


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "f:1: no column is the time and no column the text; the first line names nothing"),
        (b"\n\n", "f:1: no column is the time"),
        (b"a,b\n1,2\n", "the first line names a, b"),
        (b"time,b\n1,2\n", "no column is the text"),
        (b"time,text\n1777691040,x\nnoon,x\n", "f:3: cannot read the time 'noon'"),
        (b"time,text\n03:04,x\n", "f:2: cannot read the time '03:04'"),
        (b"time,text\n02/05/2026 03:04,x\n", "f:2: whether 02/05/2026 begins with the day or the month is not said"),
        (b"time,text\n2.5.26 03:04,x\n", "f:2: whether 2.5.26 begins with the day or the month is not said"),
        (b"time,text\n2026-02-30 03:04,x\n", "f:2: there is no time '2026-02-30 03:04'"),
        (b"time,text\n0001-01-01 03:04+05:00,x\n", "f:2: there is no time"),
        (b"time,text\n12345,x\n", "f:2: cannot read the time '12345'"),
        (b"time,text\n1777691040,\n", "f:2: this row has no text"),
        (b"time,text\n1777691040\n", "f:2: this row has no text"),
        (b'time,text\n1777691040,"a\nb"\n1777691040,a,b\n', "f:4: 3 values under 2 names"),
        (b'time,text\n1777691040,"a"b\n', "f:2: this is no CSV"),
        (b"time,text\n1777691040," + b"x" * 200_000, "f:2: this is no CSV"),
        (b"time,text\n1777691040,\xff\n", "f:2: this is not UTF-8 text"),
    ],
)
def test_a_row_that_is_nonsense_is_refused_with_its_line(data: bytes, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        csv.parse(data, "f")
    assert said in str(refused.value)


# -- slack -----------------------------------------------------------------------------------------------------------

USERS = {"U1": "Ana", "U2": "kim"}


def message(text: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": "U1", "text": text, "ts": f"{STAMP}.000200", **more}


def read(*messages: Any) -> tuple[Found, ...]:
    return slack.parse(encoded(list(messages)), "day.json", USERS).rows


def test_a_message_reads_as_it_did_in_the_channel() -> None:
    [only] = read(message("<@U2> see <#C1|incidents> <!here> <https://a.example/x|graph> <https://b.example> a &lt; b"))
    assert (only.who, only.at) == ("Ana", BEGIN + timedelta(microseconds=200))
    assert only.text == "@kim see #incidents @here graph (https://a.example/x) https://b.example a < b"
    assert only.key == f"{STAMP}.000200/U1"
    assert read(message("<@U9|old> <@U9> <!subteam^S1|@oncall> <!subteam^S1> <#C2>"))[0].text == (
        "@old @U9 @oncall @subteam #C2"
    )


def test_thread_replies_come_with_the_rest_and_say_so() -> None:
    reply = message("same here", ts=f"{STAMP + 60}.000000", thread_ts=f"{STAMP}.000200")
    assert shown(read(reply, message("503", thread_ts=f"{STAMP}.000200"))) == [
        ("03:04:00", "Ana", "503"), ("03:05:00", "Ana", "in a thread: same here"),
    ]  # fmt: skip


def test_a_bot_is_no_person_and_its_attachment_is_its_text() -> None:
    alert = {"fallback": "FIRING Up"}
    bot = message(
        "", subtype="bot_message", username="alertbot", attachments=[alert, {"text": "x"}, "odd", {}], user=None
    )
    assert [(r.who, r.text) for r in read(bot)] == [("", "alertbot: FIRING Up\nx")]
    assert [(r.who, r.text) for r in read(message("up", bot_id="B1"))] == [("", "Ana: up")]
    assert read(message("hm", user=None))[0].text == "a bot: hm"


def test_what_was_edited_later_says_when_and_records_of_edits_are_rows_of_their_own() -> None:
    edited = {"user": "U1", "ts": f"{STAMP + 90}.000000"}
    assert read(message("503, not 502", edited=edited))[0].text == "503, not 502 (edited 03:05:30 UTC)"
    assert read(message("503", edited={"ts": "soon"}))[0].text == "503"
    changed = {"type": "message", "subtype": "message_changed", "ts": f"{STAMP + 90}.000000",
               "message": message("503", edited=edited, thread_ts="1.0")}  # fmt: skip
    assert shown(read(changed)) == [("03:05:30", "Ana", "in a thread: edited a message to: 503")]
    deleted = {"type": "message", "subtype": "message_deleted", "ts": f"{STAMP + 60}.0", "deleted_ts": f"{STAMP}.0"}
    assert shown(read(deleted, {**changed, "message": "odd"})) == [("03:05:00", "", "deleted a message")]


def test_a_message_of_blocks_or_files_has_their_text() -> None:
    rich = [
        {"type": "header", "text": {"type": "plain_text", "text": "FIRING"}},
        {"type": "section", "fields": [{"type": "mrkdwn", "text": "errors"}, {"type": "mrkdwn", "text": "19 %"}]},
        {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "rolled"}, {"type": "text", "text": " back"}, {"type": "emoji", "name": "x"}]}]},
        {"type": "divider"}, "odd",
    ]  # fmt: skip
    bot = {"name": "pager"}
    told = read(message("", blocks=rich, user=None, bot_id="B1", bot_profile=bot))
    assert [(r.who, r.text) for r in told] == [("", "pager: FIRING\nerrors 19 %\nrolled back")]
    files = [{"name": "graph.png"}, {"id": "F2"}, "odd"]
    assert [r.text for r in read(message("", files=files))] == ["file: graph.png"]
    assert [r.text for r in read(message("look", files=files))] == ["look\nfile: graph.png"]
    deep: Any = {"elements": []}
    for _ in range(200):
        deep = {"elements": [deep]}
    assert read(message("", blocks=[deep])) == ()


def test_who_is_named_by_the_export_by_the_message_or_by_the_id() -> None:
    assert read(message("x", user="U7", user_profile={"real_name": "Lee"}))[0].who == "Lee"
    assert read(message("x", user="U7", user_profile="odd"))[0].who == "U7"
    people = [
        {"id": "U1", "name": "ana", "profile": {"display_name": "Ana", "real_name": "Ana A"}},
        {"id": "U2", "name": "kim", "profile": {"display_name": ""}}, {"id": "U3", "profile": None}, {"name": "x"}, 5,
    ]  # fmt: skip
    assert slack.users_of(encoded(people), "users.json") == {"U1": "Ana", "U2": "kim", "U3": ""}
    with pytest.raises(UsageError, match="no list of users"):
        slack.users_of(b"{}", "users.json")


def test_who_came_and_went_is_left_out_and_messages_without_text_are_counted() -> None:
    told = slack.parse(
        encoded({"ok": True, "messages": [message("joined", subtype="channel_join"), message(""), message("x")]}),
        "d",
        {},
    )
    assert [r.text for r in told.rows] == ["x"]
    assert told.notices == ("d: 1 messages have no text and are left out",)
    assert read(message("", attachments="odd")) == ()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"channels": []}, "d, first value: these are no messages"),
        ([message("x"), "y"], "d, message 2: this is no message"),
        ([{"type": "file"}], "d, message 1: this is no message"),
        ([message("x", ts="soon")], "d, message 1: `ts` is 'soon' and no time"),
        ([message("x", ts=17)], "d, message 1: `ts` is 17 and no time"),
    ],
)
def test_what_is_no_message_is_refused_with_its_number(value: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        slack.parse(encoded(value), "d", {})
    assert said in str(refused.value)


# -- pagerduty -------------------------------------------------------------------------------------------------------


def entry(kind: str, **more: Any) -> dict[str, Any]:
    return {"id": "R1", "type": f"{kind}_log_entry", "created_at": "2026-05-02T05:04:00+02:00", **more}


def test_log_entries_read_as_what_happened_and_by_whom() -> None:
    person = {"type": "user_reference", "summary": "Kim Novak"}
    told = pagerduty.parse(
        encoded({"log_entries": [
            entry("acknowledge", summary="Acknowledged by Kim Novak.", agent=person),
            entry("trigger", id="R0", created_at="2026-05-02T03:03:00Z", summary="Triggered through the API.",
                  agent={"type": "service_reference", "summary": "Checkout"}),
            entry("annotate", summary="Note added", agent=person, channel={"type": "note", "content": "500s"}),
            entry("annotate", channel={"type": "note", "summary": "502s"}),
            entry("annotate", channel={"type": "note"}),
            entry("reach_ack_limit", id=None, agent="odd", channel="odd"),
        ], "more": False}), "p",
    )  # fmt: skip
    assert shown(told.rows) == [
        ("03:03:00", "", "Triggered through the API."), ("03:04:00", "Kim Novak", "Acknowledged by Kim Novak."),
        ("03:04:00", "Kim Novak", "note: 500s"), ("03:04:00", "", "note: 502s"), ("03:04:00", "", "annotate"),
        ("03:04:00", "", "reach ack limit"),
    ]  # fmt: skip
    assert (told.rows[0].key, len(told.rows[-1].key), told.notices) == ("R0", 24, ())


def test_what_triggered_says_what_the_event_said_once() -> None:
    details = {"description": "CPU is high"}
    told = pagerduty.parse(
        encoded([
            entry("trigger", id="R1", summary="Triggered through the API.", event_details=details),
            entry("trigger", id="R2", summary="Triggered: CPU is high", event_details=details),
            entry("resolve", id="R3", summary="Resolved.", event_details=details),
            entry("trigger", id="R4", summary="Triggered.", event_details={}),
        ]), "p",
    )  # fmt: skip
    assert [r.text for r in told.rows] == [
        "Triggered through the API: CPU is high", "Triggered: CPU is high", "Resolved.", "Triggered.",
    ]  # fmt: skip


def test_one_entry_and_a_bare_list_are_read_and_missing_pages_are_said() -> None:
    one = entry("resolve", type="resolve_log_entry_reference")
    with pytest.raises(UsageError):
        pagerduty.parse(encoded([one]), "p")
    assert pagerduty.parse(encoded({"log_entry": entry("resolve")}), "p").rows[0].text == "resolve"
    told = pagerduty.parse(encoded({"log_entries": [entry("resolve")], "more": True}), "p")
    assert told.notices == ("p: there are more entries than this file holds; ask for the next page",)
    assert len(pagerduty.parse(encoded([entry("resolve")]), "p").rows) == 1


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("x", "p, first value: these are no log entries"),
        ({"incidents": []}, "p, first value: these are no log entries"),
        ([entry("ack"), {"type": "incident"}], "p, entry 2: this is no log entry"),
        ([entry("ack", created_at="noon")], "p, entry 1: `created_at` is 'noon' and no time"),
        ([{"type": "ack_log_entry"}], "p, entry 1: `created_at` is None and no time"),
        ([entry("ack", created_at=5)], "p, entry 1: `created_at` is 5 and no time"),
    ],
)
def test_what_is_no_log_entry_is_refused_with_its_number(value: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        pagerduty.parse(encoded(value), "p")
    assert said in str(refused.value)


# -- prometheus ------------------------------------------------------------------------------------------------------


def firing(*minutes: int, name: str = "Up", **labels: str) -> dict[str, Any]:
    metric = {"__name__": "ALERTS", "alertname": name, "alertstate": "firing", **labels}
    return {"metric": metric, "values": [[STAMP + 60 * at, "1"] for at in minutes]}


def answer(*series: Any) -> Any:
    return {"status": "success", "data": {"resultType": "matrix", "result": list(series)}}


def history(*series: Any, asked: prometheus.Asked | None = None) -> list[tuple[str, str, Precision]]:
    rows = prometheus.parse(encoded(answer(*series)), "f", asked).rows
    return [(f"{r.at:%H:%M}", r.text, r.precision) for r in rows]


def test_an_alert_fired_when_it_is_first_seen_and_was_resolved_when_it_is_not() -> None:
    up = firing(2, 3, 4, 8, severity="page", job="acme", path="/api")
    assert history(firing(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, name="Slow"), up) == [
        ("03:04", "Slow was firing", Precision.ABOUT),
        ("03:06", "page Up fired (job=acme, path=/api)", Precision.MINUTE),
        ("03:09", "resolved page Up (job=acme, path=/api)", Precision.MINUTE),
        ("03:12", "page Up fired (job=acme, path=/api)", Precision.MINUTE),
        ("03:13", "resolved page Up (job=acme, path=/api)", Precision.MINUTE),
    ]


def test_what_the_question_was_tells_what_is_known() -> None:
    wide = prometheus.Asked(STAMP - 600, STAMP + 1200, 60)
    assert history(firing(0, 1), asked=wide) == [
        ("03:04", "Up fired", Precision.MINUTE), ("03:06", "resolved Up", Precision.MINUTE),
    ]  # fmt: skip
    coarse = prometheus.Asked(STAMP - 600, STAMP, 300)
    assert history(firing(0), asked=coarse) == [("03:04", "Up fired", Precision.ABOUT)]
    fine = prometheus.Asked(STAMP - 600, STAMP, 1)
    assert history(firing(0), asked=fine) == [("03:04", "Up fired", Precision.SECOND)]


def test_one_single_value_proves_neither_a_beginning_nor_an_end() -> None:
    assert history(firing(0)) == [("03:04", "Up was firing", Precision.ABOUT)]


def test_pending_alerts_and_zeros_are_no_firing() -> None:
    pending = firing(0, 1)
    pending["metric"]["alertstate"] = "pending"
    stale = {"metric": firing()["metric"], "values": [[STAMP, "0"]]}
    told = prometheus.parse(encoded(answer(pending, stale, {"metric": firing()["metric"]})), "f")
    assert (told.rows, told.notices) == ((), ("f: no alert fired in it",))


def test_the_same_firing_has_the_same_key_whatever_the_labels_order() -> None:
    one, other = firing(0, 1, a="1", b="2"), firing(0, 1, b="2", a="1")
    assert prometheus.told(answer(one), "f").rows == prometheus.told(answer(other), "f").rows
    assert prometheus.told(answer(one), "f").notices == ("the times are known to 60 s",)


@pytest.mark.fault(90)
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ([], "f, first value: this is no answer of a Prometheus"),
        ({"status": "error", "error": "bad query"}, "f, status: the answer is bad query"),
        ({"status": "error"}, "f, status: the answer is error"),
        ({"status": "success", "data": {"resultType": "vector", "result": []}}, "these are vector values and no range"),
        (answer(firing(0), {"metric": {}, "values": 5}), "f, series 2: this is no series"),
        (answer({"metric": firing()["metric"], "values": [["x", "1"]]}), "f, series 1: this is no series"),
        (answer({"metric": firing()["metric"], "values": [[1e300, "1"]]}), "f, series 1: this is no series"),
        (
            answer({"metric": {"__name__": "up", "alertname": "Up"}, "values": []}),
            "f, series 1: this series is not ALERTS",
        ),
        (answer({"metric": {"__name__": "ALERTS"}, "values": []}), "f, series 1: this series is not ALERTS"),
    ],
)
def test_what_is_no_history_of_alerts_is_refused_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        prometheus.parse(encoded(value), "f")
    assert said in str(refused.value)


# -- all of them -----------------------------------------------------------------------------------------------------

HOSTILE = "\x1b]0;owned\x07a\u202eb [bold]x[/] \ud800"


@pytest.mark.fault(61, 65)
def test_whatever_a_tool_says_is_inert_when_it_is_a_row() -> None:
    rows = (
        *csv.parse(f"time,text,who\n1777691040,{HOSTILE},{HOSTILE}\n".encode("utf-8", "replace"), "f").rows,
        *read(message(HOSTILE, user="U7", user_profile={"name": HOSTILE})),
        *pagerduty.parse(encoded([entry("x", summary=HOSTILE, id=HOSTILE)]), "f").rows,
        *prometheus.told(answer(firing(0, name=HOSTILE, job=HOSTILE)), "f").rows,
    )
    assert len(rows) == 4
    for found in rows:
        for text in (found.text, found.who, found.key):
            assert plain(text) == text
            assert not any(char in text for char in "\x1b\x07\u202e\ud800")


@settings(deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["csv", "slack", "pagerduty", "prometheus"]))
def test_any_bytes_are_rows_or_a_refusal(data: bytes, tool: str) -> None:
    parse = {
        "csv": csv.parse, "pagerduty": pagerduty.parse, "prometheus": prometheus.parse,
        "slack": lambda data, name: slack.parse(data, name, {}),
    }[tool]  # fmt: skip
    try:
        rows, place = parse(data, "f").rows, "f"
    except UsageError as refused:
        rows, place = (), refused.at
    assert place.startswith("f")
    assert all(found.at.tzinfo is UTC for found in rows)
