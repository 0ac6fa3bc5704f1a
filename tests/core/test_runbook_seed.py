"""The runbook that the whole product is measured by, read exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.core.runbook import Effect, Form, Origin, Runbook, Runnable, SectionKind
from incident.core.runbook.read import read

SEED = Path(__file__).parents[2] / "runbooks" / "acme-error-rate.md"


@pytest.fixture(scope="module")
def seed() -> Runbook:
    return read(SEED.read_bytes(), "acme-error-rate.md")


def test_the_seed_has_nine_numbered_steps(seed: Runbook) -> None:
    assert [(step.number, step.text) for step in seed.steps] == [
        ("1", "Open dashboard: https://grafana.acme.com/d/acme-overview"),
        ("2", "Identify which endpoint(s) are erroring. Often /api/v1/checkout."),
        ("3", "Identify the start time. Was there a recent deploy? See #deploys Slack."),
        ("1", "Roll back"),
        ("2", "Verify error rate drops in dashboard."),
        ("3", "Open an incident channel #inc-yyyymmdd-acme."),
        ("1", "Check upstreams: payments, auth, db. See the four-golden-signals row."),
        ("2", "Check capacity: Fargate task count, RDS connections, Redis OOM."),
        ("3", "Check rate limits: NGINX limit_req log lines."),
    ]
    assert {step.form for step in seed.steps} == {Form.ORDERED}
    assert [step.lines for step in seed.steps] == [(n, n) for n in (12, 13, 14, 17, 18, 19, 22, 23, 24)]


def test_roll_back_holds_the_one_command_byte_for_byte(seed: Runbook) -> None:
    (command,) = seed.commands
    assert command.text == "gh workflow run rollback.yml -f sha=<previous>"
    assert (command.lines, command.origin) == ((17, 17), Origin.INLINE)
    assert (command.runnable, command.effect) == (Runnable.YES, Effect.CHANGES)
    assert command.parameters == ("<previous>",)
    assert [(step.commands, step.expected) for step in seed.steps if step.commands] == [((0,), "5 min")]


def test_the_two_ifs_are_one_fork(seed: Runbook) -> None:
    ways = {step.branch.id: step.branch for step in seed.steps if step.branch}
    assert [way.condition for way in ways.values()] == ["it correlates with a deploy (most common)", "no recent deploy"]
    assert len({way.fork for way in ways.values()}) == 1
    assert {way.group for way in ways.values()} == {1}
    assert [step.branch is None for step in seed.steps[:3]] == [True] * 3


def test_what_verifies_is_a_check(seed: Runbook) -> None:
    assert [step.text.split()[0] for step in seed.steps if step.check] == ["Verify", "Check", "Check", "Check"]


def test_escalation_bullets_are_contacts_and_no_steps(seed: Runbook) -> None:
    assert [(contact.line, contact.text, contact.due_seconds) for contact in seed.contacts] == [
        (27, "Primary on-call: PagerDuty", None),
        (28, "Secondary: backend team channel #team-backend", None),
        (29, "VP Eng if user-impact > 1 hour", 3600),
    ]


def test_meaning_and_impact_stay_as_prose(seed: Runbook) -> None:
    assert seed.title == "Acme Error Rate (5xx) — Fast Burn"
    assert [(section.title, section.kind) for section in seed.sections] == [
        ("What it means", SectionKind.MEANING),
        ("User impact", SectionKind.IMPACT),
        ("First 2 minutes", SectionKind.DIAGNOSIS),
        ("If it correlates with a deploy (most common)", SectionKind.MITIGATION),
        ("If no recent deploy", SectionKind.DIAGNOSIS),
        ("Escalation", SectionKind.ESCALATION),
    ]
    assert seed.sections[0].prose[0].endswith("error budget in < 2 days at the current pace.")
    assert seed.notices == ()


def test_the_published_shape_is_json(seed: Runbook) -> None:
    shape = json.loads(json.dumps(seed.as_json()))
    assert shape["steps"][3]["branch"] == {"group": 1, "condition": "it correlates with a deploy (most common)"}
    assert shape["commands"][0]["parameters"] == ["<previous>"]
    assert shape["sha256"] == seed.sha256


def test_the_runbooks_that_are_shipped_read_without_a_notice() -> None:
    for path in sorted(SEED.parent.glob("*.md")):
        runbook = read(path.read_bytes(), path.name)
        assert runbook.notices == (), path.name
        assert len(runbook.steps) >= 9, path.name
        assert all(command.runnable is Runnable.YES for command in runbook.commands), path.name
        assert any(contact.due_seconds for contact in runbook.contacts), path.name


def test_a_crlf_copy_with_a_byte_order_mark_reads_the_same(seed: Runbook) -> None:
    copy = b"\xef\xbb\xbf" + SEED.read_bytes().replace(b"\n", b"\r\n")
    again = read(copy, "acme-error-rate.md")
    assert (again.title, again.sections, again.steps, again.commands, again.contacts) == (
        seed.title,
        seed.sections,
        seed.steps,
        seed.commands,
        seed.contacts,
    )


def test_an_edit_elsewhere_keeps_every_identity(seed: Runbook) -> None:
    edited = SEED.read_text().replace("Users see HTTP 500 / 502", "Everybody sees HTTP 500 / 502\nand more")
    again = read(edited.encode(), "acme-error-rate.md")
    assert [step.id for step in again.steps] == [step.id for step in seed.steps]


def test_a_changed_command_is_another_step(seed: Runbook) -> None:
    edited = SEED.read_text().replace("rollback.yml -f", "rollback.yml --ref main -f")
    again = read(edited.encode(), "acme-error-rate.md")
    changed = [new.text for new, old in zip(again.steps, seed.steps, strict=True) if new.id != old.id]
    assert changed == ["Roll back"]
    assert seed.step(seed.steps[3].id) == seed.steps[3]
    assert seed.step("no such step") is None
