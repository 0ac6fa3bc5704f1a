"""Whom to tell, and when, out of ordinary escalation sections."""

from __future__ import annotations

import pytest

from incident.core.runbook.contacts import contact, contacts_of_table, stopped_by, who
from incident.core.runbook.read import read


@pytest.mark.parametrize(
    ("text", "due", "name", "until"),
    [
        ("VP Eng if user-impact > 1 hour", 3600, "VP Eng", "mitigated"),
        ("Primary on-call: PagerDuty", None, "Primary on-call", "resolved"),
        ("If not mitigated within 30 minutes: escalate to Sam (CTO)", 1800, "Sam", "mitigated"),
        (
            "If nobody has acknowledged after 15m, page the secondary on-call",
            900,
            "the secondary on-call",
            "acknowledged",
        ),
        ("Call the database team after half an hour of user impact", 1800, "the database team", "mitigated"),
        ("Head of support when it lasts over an hour", 3600, "Head of support", "resolved"),
        ("Director - incident open for more than 2 hours", 7200, "Director", "resolved"),
        ("Legal within 1 day", 86_400, "Legal", "resolved"),
        ("CTO if still down for about two hours", 7200, "CTO", "mitigated"),
        ("Secondary (responds within 15 minutes)", None, "Secondary", "resolved"),
        ("Post updates every 30 minutes", None, "Post updates every 30 minutes", "resolved"),
        ("Network team (SLA within 4 h), or their lead after 2h", 7200, "Network team", "resolved"),
        ("Page the secondary", None, "secondary", "resolved"),
        ("", None, "", "resolved"),
        ("if: ", None, "if:", "resolved"),
    ],
)
def test_a_sentence_names_who_when_and_until_when(text: str, due: int | None, name: str, until: str) -> None:
    assert contact(7, text).due_seconds == due
    assert who(text).removeprefix("the ") == name.removeprefix("the ")
    assert stopped_by(text) == until


def test_a_table_with_who_when_and_how_is_read_by_its_head() -> None:
    rows = [
        (5, ["Name", "When", "How"]),
        (7, ["Secondary on-call", "not acknowledged within 15 minutes", "PagerDuty"]),
        (8, ["VP Eng", "1h", "+1 555 0100"]),
        (9, ["DB team", "", "#db"]),
        (10, ["", "2h", ""]),
        (11, ["Only a name"]),
    ]
    found = contacts_of_table(rows)
    assert [(one.line, one.text, one.due_seconds) for one in found] == [
        (7, "Secondary on-call - not acknowledged within 15 minutes - PagerDuty", 900),
        (8, "VP Eng - after 1h - +1 555 0100", 3600),
        (9, "DB team - #db", None),
        (11, "Only a name", None),
    ]
    assert [who(one.text) for one in found] == ["Secondary on-call", "VP Eng", "DB team", "Only a name"]


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [(1, ["Name", "When"])],
        [(1, ["Alert", "Value"]), (2, ["a", "b"])],
        [(1, ["Name", "Phone"]), (2, ["a", "b"])],
    ],
)
def test_a_table_of_something_else_names_nobody(rows: list[tuple[int, list[str]]]) -> None:
    assert contacts_of_table(rows) == ()


def test_a_runbooks_table_becomes_contacts_only_under_escalation() -> None:
    table = "| Who | When |\n|---|---|\n| VP Eng | impact over 1 hour |\n"
    book = read(f"# X\n\n## Escalation\n{table}\n## Context\n{table}".encode(), "x.md")
    assert [(one.line, one.due_seconds) for one in book.contacts] == [(6, 3600)]
