"""`incident import`: rows of other tools, at their own times, once each, all or none."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from incident.core import facts
from tests.adapters.http_server import Listener, Reply, body, value
from tests.adapters.test_cli import IDENTITY, data_of, home, recorded, write
from tests.system.terminal import from_a_shell

__all__ = ["home", "recorded"]
INTO = ("--incident", IDENTITY)
STAMP = int(datetime(2026, 5, 2, 3, 4, tzinfo=UTC).timestamp())
TABLE = "time,text,who\n2026-05-02T03:05:00Z,saw 500,ana\n2026-05-02 03:08,rolled back,ana\n"
METRIC = {"__name__": "ALERTS", "alertname": "Up", "alertstate": "firing", "severity": "page"}


def history(*minutes: int) -> dict[str, Any]:
    values = [[STAMP + 60 * at, "1"] for at in minutes]
    return {"status": "success", "data": {"resultType": "matrix", "result": [{"metric": METRIC, "values": values}]}}


@pytest.fixture
def table(recorded: Path) -> Path:
    """A person with an incident and a table."""
    (recorded / "log.csv").write_text(TABLE)
    return recorded


def imported(home: Path) -> list[tuple[str, str, str]]:
    """What was imported, as time, source and words."""
    events = data_of(from_a_shell("timeline", IDENTITY, "--json", home=home))["events"]
    return [(e["at"][11:16], e["source"], e["body"]["text"]) for e in events if e["kind"] == "imported"]


def test_rows_stand_at_their_own_times_and_are_imported_once(table: Path) -> None:
    done = from_a_shell("import", "csv", "log.csv", *INTO, home=table)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"1 times name no zone and count as UTC\n2 rows imported into {IDENTITY}\n"
    assert imported(table) == [("03:05", "csv", "saw 500"), ("03:08", "csv", "rolled back")]
    again = from_a_shell("import", "csv", "log.csv", *INTO, home=table)
    assert again.stderr.endswith("there is nothing to import; 2 were there already\n")
    (table / "log.csv").write_text(TABLE + "2026-05-02T03:09:00Z,calm,\n")
    more = from_a_shell("import", "csv", "log.csv", *INTO, home=table)
    assert more.stderr.endswith(f"1 row imported into {IDENTITY}; 2 were there already\n")
    assert len(imported(table)) == 3
    assert "imported ana: saw 500\n" in from_a_shell("timeline", "--kind", "imported", home=table).stdout
    draft = from_a_shell("export", "-o", "-", home=table).stdout
    assert "| 03:05 | saw 500 | imported from csv |" in draft


def test_a_dry_run_shows_what_would_come_and_writes_nothing(table: Path) -> None:
    done = from_a_shell("import", "csv", "log.csv", *INTO, "--dry-run", home=table)
    assert done.returncode == 0
    assert [line.split() for line in done.stdout.splitlines()] == [
        ["DATE", "TIME", "(UTC)", "WHO", "TEXT"], ["2026-05-02", "03:05:00", "ana", "saw", "500"],
        ["2026-05-02", "03:08", "ana", "rolled", "back"],
    ]  # fmt: skip
    assert done.stderr.endswith(f"2 rows would be imported into {IDENTITY}\n")
    told = data_of(from_a_shell("import", "csv", "log.csv", "--new", "Old one", "--dry-run", "--json", home=table))
    assert (told["incident"], told["source"], told["dry_run"], told["known"]) == (None, "csv", True, 0)
    assert told["new"][1]["precision"] == "minute"
    assert len(data_of(from_a_shell("timeline", "--json", home=table))["events"]) == 7
    assert len(data_of(from_a_shell("list", "--json", home=table))) == 1


def test_only_rows_between_the_times_that_are_given_come(table: Path) -> None:
    words = ("--from", "2026-05-02 03:06", "--to", "2026-05-02 03:08")
    assert from_a_shell("import", "csv", "log.csv", *INTO, *words, home=table).returncode == 0
    assert imported(table) == [("03:08", "csv", "rolled back")]


def test_a_new_incident_is_made_of_the_rows_and_is_over(table: Path) -> None:
    done = from_a_shell("import", "csv", "-", "--new", "Old one", home=table, text=TABLE)
    assert done.stderr.endswith("2 rows imported into INC-20260502-old-one-1\n")
    again = from_a_shell("import", "csv", "-", "--new", "Old one", home=table, text=TABLE)
    assert again.stderr.endswith("2 rows imported into INC-20260502-old-one-2\n")
    [made] = [one for one in data_of(from_a_shell("list", "--json", home=table)) if one["id"].endswith("old-one-1")]
    assert (made["state"], made["opened_at"], made["closed_at"]) == (
        "closed", "2026-05-02T03:05:00Z", "2026-05-02T03:08:00Z",
    )  # fmt: skip
    assert from_a_shell("note", "still goes to the open one", home=table).stderr.startswith(IDENTITY)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("csv", "log.csv"), "one of the arguments --incident --new is required"),
        (("csv", "log.csv", "--new", "x", *INTO), "not allowed with argument"),
        (("csv", "log.csv", "--incident", "INC-9"), "there is no incident 'INC-9'"),
        (("csv", "bad.csv", *INTO), "bad.csv:3: cannot read the time 'noon'"),
        (("csv", "none.csv", *INTO), "none.csv: this file cannot be read: No such file or directory"),
        (("csv", ".", *INTO), ".: this is no file"),
        (("csv", "log.csv", *INTO, "--zone", "CET"), "'CET' is no zone"),
        (("csv", "log.csv", *INTO, "--from", "noon"), "cannot read the time 'noon'"),
        (("slack", "empty", *INTO), "empty: this folder holds no day of a channel"),
        (("pagerduty", "log.csv", *INTO), "log.csv:1: this is no JSON"),
        (("prometheus", *INTO), "one of the arguments FILE|- --url is required"),
        (("prometheus", "--url", "http://127.0.0.1:9", "--new", "x"), "--from: say from when on"),
        (("prometheus", "--url", "127.0.0.1:9", *INTO), "127.0.0.1:9"),
        (("prometheus", "--url", "http://127.0.0.1:9", *INTO, "--from", "-1m", "--to", "-2m"), "ends before it begins"),
    ],
)
def test_what_is_off_leaves_nothing_half_done(table: Path, words: tuple[str, ...], said: str) -> None:
    (table / "bad.csv").write_text("time,text\n2026-05-02T03:05:00Z,x\nnoon,x\n")
    (table / "empty").mkdir()
    done = from_a_shell("import", *words, home=table)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert len(data_of(from_a_shell("timeline", "--json", home=table))["events"]) == 7


def test_more_than_can_be_read_at_once_is_refused(table: Path) -> None:
    with (table / "huge.csv").open("wb") as huge:
        huge.truncate(64 * 2**20 + 1)
    done = from_a_shell("import", "csv", "huge.csv", *INTO, home=table)
    assert done.returncode == 2
    assert "huge.csv: this is more than 64 MiB" in done.stderr


def test_a_channel_comes_with_all_its_days_and_the_names_beside_it(recorded: Path) -> None:
    channel = recorded / "export" / "incidents"
    channel.mkdir(parents=True)
    for day in (2, 3):
        at = STAMP + 86_400 * (day - 2)
        message = {"type": "message", "user": "U1", "text": f"day {day}", "ts": f"{at}.000100"}
        (channel / f"2026-05-0{day}.json").write_text(json.dumps([message]))
    unnamed = from_a_shell("import", "slack", "export/incidents", *INTO, "--dry-run", home=recorded)
    assert "there is no users.json beside it: people appear by their ids" in unnamed.stderr
    (recorded / "export" / "users.json").write_text(json.dumps([{"id": "U1", "profile": {"display_name": "Ana"}}]))
    done = from_a_shell("import", "slack", "export/incidents", *INTO, home=recorded)
    assert done.stderr == f"2 rows imported into {IDENTITY}\n"
    assert imported(recorded) == [("03:04", "slack", "day 2"), ("03:04", "slack", "day 3")]
    one = from_a_shell("import", "slack", "export/incidents/2026-05-02.json", *INTO, home=recorded)
    assert one.stderr == "there is nothing to import; 1 were there already\n"


def test_log_entries_come_from_standard_input(recorded: Path) -> None:
    entry = {"id": "R1", "type": "acknowledge_log_entry", "created_at": "2026-05-02T03:06:00Z", "summary": "Acked"}
    done = from_a_shell("import", "pagerduty", "-", *INTO, home=recorded, text=json.dumps({"log_entries": [entry]}))
    assert done.returncode == 0, done.stderr
    assert imported(recorded) == [("03:06", "pagerduty", "Acked")]


def test_what_fired_comes_from_a_saved_answer(recorded: Path) -> None:
    (recorded / "alerts.json").write_text(json.dumps(history(0, 1, 2)))
    done = from_a_shell("import", "prometheus", "alerts.json", *INTO, home=recorded)
    assert done.stderr == f"the times are known to 60 s\n1 row imported into {IDENTITY}\n"
    assert imported(recorded) == [("03:04", "prometheus", "page Up was firing")]


async def from_a_server(reply: Reply, *words: str, home: Path) -> tuple[int, str, dict[str, str]]:
    async with Listener(reply) as listener:
        done = await asyncio.to_thread(
            from_a_shell, "import", "prometheus", "--url", listener.url, *INTO, *words, home=home
        )
    return done.returncode, done.stderr, listener.heard[0].params


async def test_a_server_is_asked_about_the_time_of_the_incident(recorded: Path) -> None:
    write(recorded, IDENTITY, [(facts.IncidentClosed(), 500)])
    code, said, params = await from_a_server(value(history(1, 2, 3)), home=recorded)
    assert (code, params["start"]) == (0, str((STAMP - 3600 + 41) // 15 * 15)), said
    assert params["end"] == str((STAMP + 41 + 500) // 15 * 15)
    assert ("03:05", "prometheus", "page Up fired") in imported(recorded)


async def test_a_server_that_fails_is_exit_3_and_writes_nothing(recorded: Path) -> None:
    busy = body(b"busy", status="503 Service Unavailable")
    code, said, _ = await from_a_server(busy, "--from", "2026-05-02 03:00", "--to", "2026-05-02 04:00", home=recorded)
    assert code == 3
    assert "Traceback" not in said
    assert imported(recorded) == []
