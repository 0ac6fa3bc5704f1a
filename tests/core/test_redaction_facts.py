"""Facts without their secrets, and with everything by which they find each other."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from incident.core import facts
from incident.core.facts import Fact
from incident.core.redaction import Redactor
from tests.core.test_redaction_forms import KEY_ROWS, LONG, MIXED, PEM, PEM_END, SHORT, WEAK, b64, drawn, hexed

AT = datetime(2026, 5, 2, 3, 7, tzinfo=UTC)
OWN = "own" + "-secret-value"


@pytest.mark.parametrize(
    "fact",
    [
        facts.Remarked("note", "users report errors since 4f2a9c1"),
        facts.RunbookOpened("acme.md", hexed(64), "Acme error rate", "by annotation", 7),
        facts.CommandFinished("r1", 0, 4.0, head=("ok", "pod checkout-7d9f8b6c5d-x2x7q"), left=("4711",)),
        facts.CommandStarted(
            "r1", "kubectl get pods", ("kubectl", "get", "pods"), "/srv", "/out", parameters={"ns": "a"}
        ),
        facts.AlertFired("a1", hexed(16), "Acme", "page", AT, "am", {"job": "acme"}, {"summary": "burns"}),
        facts.SignalSeen("errors", 0.2, "%", "sum(rate(x[5m]))"),
        facts.CommandFinished("r1", 0, 4.0, head=("two\nlines",), tail=()),
    ],
)
def test_a_fact_without_secrets_is_the_same_object(fact: Fact) -> None:
    assert Redactor([OWN]).fact(fact) is fact


def test_the_words_of_a_fact_are_masked_and_counted() -> None:
    redactor = Redactor([OWN])
    made = redactor.fact(facts.Remarked("note", f"tried password={WEAK} and {OWN}"))
    assert made == facts.Remarked("note", "tried password=[redacted: password] and [redacted]")
    assert redactor.count == 2


def test_identities_are_never_harmed() -> None:
    fact = facts.StepTicked(f"token={MIXED}", "roll back")
    assert Redactor().fact(fact) is fact
    asked = facts.ApprovalAsked(OWN, f"x {OWN}", ("x",), "/", "kim@box", "prod")
    made = Redactor([OWN]).fact(asked)
    assert isinstance(made, facts.ApprovalAsked)
    assert (made.request, made.text) == (OWN, "x [redacted]")


def test_an_argument_is_a_secret_by_what_stands_in_front_of_it() -> None:
    started = facts.CommandStarted(
        "r1", f"docker login -u ci -p {SHORT} reg", ("docker", "login", "-u", "ci", "-p", SHORT, "reg"), "/srv", "/out"
    )
    made = Redactor().fact(started)
    assert isinstance(made, facts.CommandStarted)
    assert made.text == "docker login -u ci -p [redacted: password] reg"
    assert made.argv == ("docker", "login", "-u", "ci", "-p", "[redacted: password]", "reg")


def test_an_argument_is_masked_inside_as_well() -> None:
    argv = ("curl", "-H", f"Authorization: Bearer {LONG}", "-d", "a\nb", f"https://kim:{SHORT}@x")
    made = Redactor().fact(facts.CommandStarted("r1", "curl", argv, "/srv", "/out"))
    assert isinstance(made, facts.CommandStarted)
    assert made.argv == (
        "curl", "-H", "Authorization: Bearer [redacted: header]", "-d", "a\nb", "https://kim:[redacted: password]@x",
    )  # fmt: skip


def test_a_parameter_is_a_secret_by_its_name_or_by_its_place_in_the_command() -> None:
    text = f"mysql -u root -p{SHORT} acme"
    started = facts.CommandStarted(
        "r1",
        text,
        tuple(text.split()),
        "/srv",
        "/out",
        parameters={"p": SHORT, "db": "acme", "password": WEAK, "x": "q"},
    )
    made = Redactor().fact(started)
    assert isinstance(made, facts.CommandStarted)
    assert made.parameters == {"p": "[redacted]", "db": "acme", "password": "[redacted]", "x": "q"}


def test_a_parameter_that_was_typed_is_masked_by_its_name() -> None:
    made = Redactor().fact(facts.ParameterSet("db_password", WEAK, "typed"))
    assert made == facts.ParameterSet("db_password", "[redacted]", "typed")
    fact = facts.ParameterSet("namespace", "checkout", "typed")
    assert Redactor().fact(fact) is fact


def test_labels_and_annotations_are_masked_by_name_and_by_form() -> None:
    fired = facts.AlertFired(
        "a1", hexed(16), "Acme", "page", AT, "am",
        {"job": "acme", "fingerprint": f"token={MIXED}"}, {"token": MIXED, "runbook": f"https://x/?token={MIXED}"},
    )  # fmt: skip
    made = Redactor().fact(fired)
    assert isinstance(made, facts.AlertFired)
    assert made.labels == fired.labels
    assert made.annotations == {"token": "[redacted]", "runbook": "https://x/?token=[redacted: token]"}


def test_a_private_key_in_the_first_lines_of_an_output_is_masked() -> None:
    done = facts.CommandFinished("r1", 0, 1.0, head=("$", PEM, *KEY_ROWS, PEM_END, "ok"), tail=(f"pw: {WEAK}",))
    made = Redactor().fact(done)
    assert isinstance(made, facts.CommandFinished)
    assert made.head == ("$", "[redacted: private key]", "ok")
    assert made.tail == ("pw: [redacted: password]",)


def test_a_fact_of_a_newer_version_is_masked_as_far_as_it_goes() -> None:
    body = {"text": f"password={WEAK}", "run": OWN, "size": 4, "list": [f"pw: {WEAK}", 1, {"a": OWN}], "none": None}
    made = Redactor([OWN]).fact(facts.Unrecognised("new", body))
    assert made == facts.Unrecognised("new", {
        "text": "password=[redacted: password]", "run": OWN, "size": 4,
        "list": ["pw: [redacted: password]", 1, {"a": "[redacted]"}], "none": None,
    })  # fmt: skip


def test_every_fact_can_be_masked() -> None:
    for kind, cls in facts.KINDS.items():
        assert cls.kind == kind
    made = Redactor().fact(facts.Corrected("e1", f"password={WEAK}", b64("why")))
    assert made == facts.Corrected("e1", "password=[redacted: password]", b64("why"))
    assert Redactor().masked(drawn(5)) == (drawn(5), 0)
