"""Two journals become one: rows keep their writer, number and time, and what contradicts is refused and named."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings

from incident.core.event import Event, from_json, to_json
from incident.core.facts import CommandStarted, IncidentOpened, Remarked, Tombstone
from incident.core.merge import History
from incident.errors import IncidentExists, JournalError
from incident.journal import SqliteJournal, Taken, open_journal
from incident.journal.decode import decoded
from incident.journal.exchange import line_of, row_of
from incident.journal.row import body_of, chained
from tests.adapters.journal_writer import INCIDENT, fact, note, notes, opened
from tests.adapters.test_journal_redaction import CANARY, holding, order, unguarded
from tests.core.test_event import EVENTS


def handed_over(journal: SqliteJournal, *incidents: str) -> list[str]:
    return [line_of(row) for row in journal.rows(incidents)]


def take(journal: SqliteJournal, lines: Iterable[str]) -> Taken:
    return journal.take((f"line {number}", row_of(line)) for number, line in enumerate(lines, 1))


def united(folder: Path, *logs: list[str]) -> SqliteJournal:
    journal = open_journal(folder, rehearsal=True)
    for lines in logs:
        assert take(journal, lines).refused == ()
    return journal


def timeline(journal: SqliteJournal, name: str = INCIDENT) -> list[Event]:
    """An incident's events in the one order."""
    history = History(name)
    for event in journal.after(0)[0]:
        if event.incident == name:
            history.add(event)
    return list(history.events)


def test_rows_of_another_journal_keep_their_writer_number_and_times(tmp_path: Path) -> None:
    mine, theirs = (open_journal(tmp_path / name) for name in ("mine", "theirs"))
    mine.append([opened(1), note(2)])
    stored = theirs.append([fact(1, IncidentOpened("Slow"), "9", "INC-2"), *notes(600, first=3, process="9")])
    taken = take(mine, handed_over(theirs))
    assert taken == Taken(new=601)
    assert mine.after(2)[0] == stored
    assert take(mine, handed_over(theirs)) == Taken(known=601)
    assert mine.verify().whole
    assert mine.append([note(5)])[0].seq == 3
    assert mine.append([note(900, process="9")])[0].seq == 602
    assert mine.verify().whole
    with pytest.raises(IncidentExists):
        mine.append([fact(9, IncidentOpened("Slow"), "1", "INC-2")])
    with pytest.raises(JournalError, match=r"reading only"):
        open_journal(tmp_path / "mine", read_only=True).take([])


def test_one_incident_is_handed_over_without_the_others_and_the_rest_of_its_writer_later(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    for number in range(1, 13):
        theirs.append([fact(number, Remarked("note", str(number)), "9", f"INC-{number % 3}")])
    mine = united(tmp_path / "mine", handed_over(theirs, "INC-2"))
    assert [event.seq for event in mine.after(0)[0]] == [2, 5, 8, 11]
    assert mine.verify().whole
    assert take(mine, handed_over(theirs, "INC-0", "INC-1")) == Taken(new=8)
    report = mine.verify()
    assert report.whole
    assert [(chain.node, chain.rows, chain.seq) for chain in report.chains] == [("laptop/9", 12, 12)]
    assert report.chains == theirs.verify().chains


@pytest.mark.fault(19)
def test_two_laptops_end_in_one_order_whoever_hands_over_first(tmp_path: Path) -> None:
    journals = [open_journal(tmp_path / name) for name in "abc"]
    for process, journal in enumerate(journals):
        journal.append([opened(90 * process, str(process)), *notes(20, first=90 * process + 3, process=str(process))])
    a, b, c = (handed_over(journal) for journal in journals)
    ways = [(a, b, c), (c, b, a), (b, a, c, a, b), (c + b + a,), (b, c + a)]
    chance = random.Random(20260502)
    shuffled = [a + b + c for _ in range(3)]
    for lines in shuffled:
        chance.shuffle(lines)
    ends = [timeline(united(tmp_path / f"way{n}", *way)) for n, way in enumerate([*ways, *((x,) for x in shuffled)])]
    assert len(ends[0]) == 63
    assert all(end == ends[0] for end in ends)
    for lines, journal in zip((b, c, a), journals, strict=True):
        take(journal, lines)
    again = united(tmp_path / "again", *(handed_over(journal) for journal in journals))
    assert timeline(again) == ends[0]
    assert again.verify().whole


def test_what_was_redacted_anywhere_is_redacted_everywhere_in_whatever_order_it_comes(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    stored = theirs.append([opened(1), note(2, CANARY), note(3)])
    before = handed_over(theirs)
    theirs.redact(order(4, stored[1]))
    after = handed_over(theirs)
    ends = []
    for number, logs in enumerate([(before, after), (after, before), (after,), (before + after[3:],)]):
        folder = tmp_path / f"way{number}"
        journal = united(folder, *logs)
        assert holding(folder) == []
        assert journal.verify().whole
        ends.append(timeline(journal))
    assert all(end == ends[0] == timeline(theirs) for end in ends)
    mine = united(tmp_path / "mine", before)
    assert holding(tmp_path / "mine") == ["journal.db"]
    assert take(mine, after) == Taken(new=1, known=3, redacted=1)
    assert holding(tmp_path / "mine") == []
    late = united(tmp_path / "late", after[3:])
    assert take(late, before[1:2]) == Taken(new=1)
    assert holding(tmp_path / "late") == []


def test_two_orders_for_one_row_leave_the_same_tombstone_on_both_sides(tmp_path: Path) -> None:
    mine, theirs = (open_journal(tmp_path / name) for name in ("mine", "theirs"))
    (stored,) = mine.append([note(2, CANARY)])
    take(theirs, handed_over(mine))
    mine.redact(order(5, stored, "mine", "m"))
    theirs.redact(order(4, stored, "theirs", "t"))
    from_mine, from_theirs = handed_over(mine), handed_over(theirs)
    assert take(mine, from_theirs) == Taken(new=1, known=1)
    assert take(theirs, from_mine) == Taken(new=1, known=1)
    assert timeline(mine) == timeline(theirs)
    assert mine.verify().whole
    assert theirs.verify().whole


def test_an_order_out_of_another_incident_redacts_nothing(tmp_path: Path) -> None:
    mine, theirs = (open_journal(tmp_path / name) for name in ("mine", "theirs"))
    mine.append([note(1, CANARY)])
    (other,) = theirs.append([fact(1, Remarked("note", "x"), "9", "INC-2")])
    theirs.redact(order(2, other, process="9"))
    line = json.loads(handed_over(theirs)[1])
    line["event"]["body"]["event"] = "1-000001"
    assert take(mine, [forged(line)]) == Taken(new=1)
    assert holding(tmp_path / "mine") == ["journal.db"]
    assert mine.verify().whole


def forged(line: dict[str, Any]) -> str:
    """A line whose hash fits to what it says."""
    event, writer = line["event"], line["event"]["writer"]
    body = json.dumps(event, ensure_ascii=True, separators=(",", ":"))
    return json.dumps(
        {**line, "sha": chained(line["prev"], f"{writer['host']}/{writer['process']}", event["seq"], body)}
    )


def changed(line: str, **changes: Any) -> str:
    data = json.loads(line)
    data["event"].update(changes)
    return forged(data)


@pytest.mark.fault(15)
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda line: changed(line, body={"remark": "note", "text": "otherwise"}), "contradicts row 2 (laptop/1 2)"),
        (lambda line: changed(line, id="1-000099"), "1-000099 contradicts row 2 of laptop/1"),
        (lambda line: changed(line, id="1-000099", seq=4), "1-000099 does not fit to row 3 of laptop/1"),
        (lambda line: forged({**json.loads(changed(line, id="1-9", seq=1)), "prev": ""}), "1-9 contradicts row 1"),
        (
            lambda line: changed(
                line,
                id="1-000099",
                kind="redacted",
                seq=9,
                body={"was": "remark", "person": "ada", "redacted_at": "2026-05-02T03:00:00Z", "why": ""},
            ),
            "was redacted, and no order to do so is there",
        ),
    ],
)
def test_a_row_that_contradicts_what_is_here_is_refused_and_named_and_the_others_are_taken(
    tmp_path: Path, change: Callable[[str], str], reason: str
) -> None:
    mine = open_journal(tmp_path / "mine")
    mine.append(notes(3))
    theirs = open_journal(tmp_path / "theirs")
    theirs.append([note(9, process="9")])
    before = mine.after(0)[0]
    taken = take(mine, [change(handed_over(mine)[1]), *handed_over(theirs)])
    assert (taken.new, taken.known) == (1, 0)
    assert [(problem.where, reason in problem.what) for problem in taken.refused] == [("line 1", True)], taken.refused
    assert mine.after(0)[0][:3] == before
    assert mine.verify().whole


def test_a_row_behind_a_gap_that_does_not_continue_is_refused_when_the_gap_closes(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    theirs.append(notes(3, process="9"))
    lines = handed_over(theirs)
    mine = united(tmp_path / "mine", lines[2:])
    other = {**json.loads(lines[1]), "prev": "0" * 64}
    assert "does not fit to row 3 of laptop/9" in take(mine, [forged(other)]).refused[0].what
    assert take(mine, lines) == Taken(new=2, known=1)


@pytest.mark.parametrize(
    "line",
    [
        "", "{", "[]", "null", "[" * 100_000, '{"event":{}}', '{"event":[],"prev":"","sha":""}',
    ],
)  # fmt: skip
def test_what_is_no_row_of_a_journal_is_refused_in_words(line: str) -> None:
    with pytest.raises(ValueError, match=r"is no row"):
        row_of(line)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda data: data.update(sha="0" * 64), "was changed"),
        (lambda data: data.update(prev="0" * 64), "was changed"),
        (lambda data: data.update(sha="no"), "has no hash"),
        (lambda data: data.update(prev=7), "has no hash"),
        (lambda data: data["event"]["body"].update(text="otherwise"), "was changed"),
        (lambda data: data["event"].update(seq=True), "has no number"),
        (lambda data: data["event"].update(seq=0), "has no number"),
        (lambda data: data["event"].update(seq="1"), "has no number"),
        (lambda data: data["event"].update(id=""), "name that cannot be one"),
        (lambda data: data["event"].update(id="\x1b]0;x\x07"), "name that cannot be one"),
        (lambda data: data["event"].update(incident="a\nb"), "name that cannot be one"),
        (lambda data: data["event"]["writer"].update(host=["x"]), "name that cannot be one"),
        (lambda data: data["event"].update(at=float("nan")), "is no row"),
    ],
)
def test_a_line_that_was_changed_or_names_what_cannot_be_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], reason: str
) -> None:
    journal = open_journal(tmp_path)
    journal.append([note(1)])
    data = json.loads(handed_over(journal)[0])
    change(data)
    with pytest.raises(ValueError, match=reason):
        row_of(json.dumps(data))


@pytest.mark.parametrize("changes", [{"at": "yesterday"}, {"writer": {"host": "h", "process": "1"}}, {"body": 7}])
def test_a_line_with_a_good_hash_that_says_nothing_is_refused(tmp_path: Path, changes: dict[str, Any]) -> None:
    journal = open_journal(tmp_path)
    journal.append([note(1)])
    with pytest.raises(ValueError, match=r"cannot be read"):
        row_of(changed(handed_over(journal)[0], **changes))


def test_foreign_text_is_made_inert_on_its_way_in_and_the_chain_still_holds(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    osc = "\x1b]52;c;aGk=\x07"
    hostile = CommandStarted("r", f"echo {osc}hi", ("echo", f"{osc}hi"), "/", "/o", parameters={"k": f"{osc}v"})
    long = "y" * 1_000_000
    theirs.append([fact(1, hostile), note(2), note(3, long)])
    lines = handed_over(theirs)
    mine = united(tmp_path / "mine", lines)
    (command, plain, capped), _ = mine.after(0)
    assert isinstance(command.fact, CommandStarted)
    assert (command.fact.text, command.fact.argv, command.fact.parameters["k"]) == ("echo hi", ("echo", "hi"), "v")
    assert [plain, capped] == list(theirs.after(1)[0])  # what is inert stays as it is, word for word
    assert mine.verify().whole
    assert take(mine, lines) == Taken(known=3)
    third = united(tmp_path / "third", handed_over(mine))
    assert third.after(0)[0] == mine.after(0)[0]
    assert take(third, lines) == Taken(known=3)
    third.redact(order(9, command))
    assert third.verify().whole
    assert take(mine, handed_over(third)) == Taken(new=1, known=3, redacted=1)
    assert isinstance(mine.after(0)[0][0].fact, Tombstone)


def test_a_row_that_only_says_it_was_made_inert_elsewhere_is_not_believed_here(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    theirs.append([note(1, "\x1b[31mred")])
    mine = united(tmp_path / "mine", handed_over(theirs))
    (row,) = mine.rows()
    connection = unguarded(tmp_path / "mine")
    connection.execute("UPDATE events SET origin = ''")
    assert [problem.what for problem in mine.verify().problems] == ["was changed after it was written"]
    assert row.replaced


def test_imported_rows_survive_a_repair_and_still_add_up(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    for number in range(1, 30):
        theirs.append([fact(number, Remarked("note", "\x1b[31m" + "n" * number), "9", f"INC-{number % 2}")])
    mine = united(tmp_path / "mine", handed_over(theirs, "INC-1"))
    before = mine.after(0)[0]
    mine.close()
    with (tmp_path / "mine" / "journal.db").open("r+b") as file:
        file.write(b"\xa5" * 4096)
    reader = open_journal(tmp_path / "mine", read_only=True)
    assert reader.after(0)[0] == before
    assert [p.where.endswith("journal.db") for p in reader.verify().problems] == [True]
    again = open_journal(tmp_path / "mine")
    assert again.after(0)[0] == before
    assert again.verify().whole


@pytest.mark.fault(15)
def test_verify_names_imported_rows_that_were_changed_or_do_not_continue(tmp_path: Path) -> None:
    theirs = open_journal(tmp_path / "theirs")
    theirs.append(notes(5, process="9"))
    mine = united(tmp_path / "mine", handed_over(theirs))
    connection = unguarded(tmp_path / "mine")
    body, prev = connection.execute("SELECT body, prev FROM events WHERE seq = 3").fetchone()
    forgery = body.replace("seen 3 times", "seen 9 times")
    connection.execute("UPDATE events SET body = ? WHERE seq = 3", (forgery,))
    assert [(p.where, p.what) for p in mine.verify().problems] == [
        ("row 3 (laptop/9 3)", "was changed after it was written")
    ]
    sha = chained(prev, "laptop/9", 3, forgery)
    connection.execute("UPDATE events SET sha = ? WHERE seq = 3", (sha,))
    assert [(p.where, p.what) for p in mine.verify().problems] == [
        ("row 4 (laptop/9 4)", "does not continue the row before it")
    ]


@settings(deadline=None)
@given(EVENTS)
def test_the_fast_way_to_read_an_event_reads_what_the_plain_way_reads(written: Event) -> None:
    data = to_json(written)
    body = body_of(data, written.seq)
    assert decoded(body) == (from_json(json.loads(body)), data["kind"])
    more = json.dumps({**data, "later": {"a": 1}}, separators=(",", ":"))
    assert decoded(more)[0] == from_json(json.loads(more))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"id":1} 2', "[" * 100_000])
def test_what_is_no_event_is_refused_the_fast_way_too(text: str) -> None:
    with pytest.raises((ValueError, KeyError, TypeError)):
        decoded(text)
