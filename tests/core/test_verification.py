"""What would show that a verify step is done; and which steps only a person can judge."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incident.core.runbook import Runbook
from incident.core.runbook.read import read
from incident.core.verification import OWN, Stated, Watch, watch_of
from tests.fakes import SEED


def of(line: str, heading: str = "If it correlates with a deploy") -> Watch | None:
    book = read(f"# X\n\n## {heading}\n1. {line}\n".encode(), "x.md")
    return watch_of(book.steps[0], book)


@pytest.mark.parametrize(
    ("line", "watch"),
    [
        ("Verify error rate drops in dashboard.", Watch(("errors",))),
        ("Confirm 5xx are back to normal", Watch(("errors",))),
        ("Wait until latency recovers", Watch(("latency",))),
        ("Verify p99 latency falls below 1 s in dashboard.", Watch(("p99",), (), Stated(1.0, "s"))),
        ("Verify that p95 is under 300 ms", Watch(("p95",), (), Stated(0.3, "s"))),
        ("Check errors stay below 2 % for 10 min", Watch(("errors",), (), Stated(2.0, "%"), timedelta(minutes=10))),
        ("Verify error rate and latency return to baseline", Watch(("errors", "latency"))),
        ("Verify traffic is back above 200 rps", Watch(("traffic",), (), Stated(200.0, "/s", floor=True))),
        ("Check that saturation drops", Watch(("saturation",))),
        ("Verify the alert is resolved", Watch((), (OWN,))),
        ("Ensure the page no longer fires", None),
        ("Verify that the service has recovered", Watch((OWN,), (OWN,))),
        ("Verify error rate drops for 5 seconds", Watch(("errors",), (), None, timedelta(seconds=30))),
        ("Verify error rate drops for 9 hours", Watch(("errors",), (), None, timedelta(hours=1))),
    ],
)  # fmt: skip
def test_a_step_names_what_shows_that_it_is_done(line: str, watch: Watch | None) -> None:
    if watch is None:
        assert of("Ensure the alert no longer fires") == Watch((), (OWN,))
    else:
        assert of(line) == watch


@pytest.mark.parametrize(
    "line",
    [
        "Check error rate on the dashboard.",
        "Check upstreams: payments, auth, db. See the four-golden-signals row.",
        "Check rate limits: NGINX limit_req log lines.",
        "Verify there are no errors in the logs; they should be gone",
        "Verify error budget recovers",
        "Verify that the queue drops",
        "Verify error rate is below 3 widgets",
        "Verify errors are below 2 % and latency is under 1 s",
        "Verify whether errors drop",
        "If error rate drops, check again",
        "Roll back and look whether the error rate drops",
        "Open an incident channel",
        "Verify latency increases",
        "Verify recovery: `kubectl get pods`",
    ],
)
def test_a_step_that_only_a_person_can_judge_is_not_watched(line: str) -> None:
    assert of(line) is None


@pytest.mark.parametrize(
    ("attribute", "watch"),
    [
        ("check=p99", Watch(("p99",))),
        ("check=alert", Watch((), (OWN,))),
        ("check=alert:AcmeLatencyP99", Watch((), ("AcmeLatencyP99",))),
        ("check=none", None),
        ("check=latency", Watch(("latency",), (), Stated(2.0, "s"))),
    ],
)
def test_what_the_author_says_outweighs_the_words(attribute: str, watch: Watch | None) -> None:
    words = "Verify it stays under 2 s" if "latency" in attribute else "Verify error rate drops"
    assert of(f"{words} <!-- incident: {attribute} -->") == watch


def test_a_limit_in_an_unknown_unit_is_not_taken_from_a_declared_check() -> None:
    assert of("Verify fewer than < 3 widgets <!-- incident: check=errors -->") == Watch(("errors",))


def test_in_a_verification_section_a_signal_needs_no_word_for_better() -> None:
    assert of("Error rate on the dashboard", "Verification") == Watch(("errors",))
    assert of("Tell the channel", "Verification") is None


def test_the_seed_runbook_has_one_step_that_is_watched() -> None:
    book: Runbook = read(SEED.read_bytes(), SEED.name)
    assert [step.text for step in book.steps if watch_of(step, book)] == ["Verify error rate drops in dashboard."]
