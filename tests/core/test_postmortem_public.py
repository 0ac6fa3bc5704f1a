"""What everybody may read: no name, no machine, no address, no command, whatever kind of fact it stood in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any, get_type_hints

import pytest

from incident.core import facts
from incident.core.event import Event, Writer
from incident.core.facts import KINDS, Fact
from incident.core.incident import fold
from incident.core.postmortem import Audience, Manner, build, write
from incident.core.postmortem.labels import Labels
from incident.core.postmortem.public import STAYS, for_public
from incident.core.postmortem.roles import roles_of
from incident.exports import html, markdown
from incident.exports import json as json_export
from tests.golden.cases import CASES, NOW, Log, at

PUBLIC = Manner(Audience.PUBLIC)
INTERNAL = (
    "Kim Novak", "kim@laptop-7", "db-1.internal.acme.example", "10.20.30.40", "https://wiki.acme.example/secret-plan",
    "/home/kim/acme/deploy.sh", "i-0abc12345678def90", "prod-eu-7", "acme-6f7d9c8b44-x2vqp", "fe80:1:2::dead",
    "kim.novak@acme.example",
)  # fmt: skip
LEAK = "; ".join(INTERNAL)


def leaky(kind: type[Fact], word: str) -> Fact:
    """A fact of a kind with something internal in every place that takes a text."""
    hints = get_type_hints(kind)
    return kind(**{one.name: _leaky(hints[one.name], one.name, word) for one in fields(kind)})


def _leaky(hint: Any, name: str, word: str) -> Any:
    if hint is str:
        return _WORDS.get(name, word)
    if hint is datetime:
        return at("03:00")
    if hint is bool:
        return False
    if hint in (int, float, float | None):
        return 7
    if hint == tuple[str, ...]:
        return (word,)
    if hint == Mapping[str, str]:
        return {"instance": word, "pod": word, "summary": word, "alertname": word}
    return {}


# Words that decide what a fact is; in any other place stands what must not be told.
_WORDS = {"remark": "decision", "milestone": "mitigated", "tick": "done"}


def log_of(fact: Fact) -> list[Event]:
    log = Log("INC-1", "Kim Novak")
    log.add("03:00", facts.IncidentOpened("Checkout fails", "SEV2", "shop"))
    log.add("03:01", facts.Joined("Kim Novak", "lead"))
    log.add("03:02", fact, source="db-1.internal.acme.example")
    writer = Writer("Kim Novak", "laptop-7", "4711")
    return [
        Event(e.id, e.incident, e.at, e.fact, writer, e.recorded_at, e.precision, e.source, e.seq) for e in log.events
    ]


def shown(events: list[Event]) -> str:
    incident = fold("INC-1", events)
    exporters = (markdown.export, json_export.export, html.export)
    return "\n".join(write(exporter, incident, events, NOW, PUBLIC) for exporter in exporters)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nothing_internal_leaks_from_any_kind_of_fact(kind: str) -> None:
    text = shown(log_of(leaky(KINDS[kind], LEAK)))
    for secret in (*INTERNAL, "Kim", "Novak", "laptop-7", "acme.example", "secret-plan", "deploy.sh"):
        assert secret.lower() not in text.lower(), secret


@pytest.mark.parametrize("secret", INTERNAL)
def test_the_same_fact_would_leak_into_the_internal_one(secret: str) -> None:
    """Shows that the test above can fail."""
    events = log_of(leaky(facts.Remarked, LEAK))
    text = write(markdown.export, fold("INC-1", events), events, NOW, Manner())
    assert secret.split("@")[-1] in text or secret == "Kim Novak"


def test_a_kind_that_this_version_does_not_know_is_left_out() -> None:
    _, kept = for_public(fold("INC-1", []), log_of(facts.Unrecognised("newer", {"text": LEAK})))
    assert [type(event.fact) for event in kept] == [facts.IncidentOpened, facts.Joined]


def test_notes_and_other_tools_rows_are_left_out_and_decisions_stay() -> None:
    log = CASES["bad-deploy"]()
    incident, kept = for_public(log.folded(), log.events)
    said = [event.fact.text for event in kept if isinstance(event.fact, facts.Remarked)]
    assert said == [
        "starts 6 min after deploy a1b2c3d",
        "roll back, the lead watches the dashboard",
        "rollback is running, checkout still failing for some",
    ]
    mortem = build(incident, kept, NOW, Audience.PUBLIC)
    assert mortem.durations == build(log.folded(), log.events, NOW).durations
    assert [run.text for run in mortem.commands] == ["a command", "a command"]
    assert [run.outcome for run in mortem.commands] == ["exit 0, 4s", "exit 1, 1s"]


def test_corrections_have_taken_effect_and_leave_no_trace() -> None:
    log = CASES["corrected"]()
    incident, kept = for_public(log.folded(), log.events)
    assert not any(isinstance(event.fact, facts.Corrected | facts.Redacted) for event in kept)
    internal = build(log.folded(), log.events, NOW)
    assert build(incident, kept, NOW).durations == internal.durations


def test_every_listed_field_is_one_that_its_kind_has() -> None:
    for kind, stays in STAYS.items():
        assert set(stays) <= {one.name for one in fields(kind)}, kind


def test_a_page_for_everybody_says_so_and_names_its_audience() -> None:
    log = CASES["bad-deploy"]()
    text = write(markdown.export, log.folded(), log.events, NOW, PUBLIC)
    assert "\naudience: public\n" in text
    assert "Persons stand here as roles and machines as labels" in text
    assert "incident timeline" not in text
    document = json.loads(write(json_export.export, log.folded(), log.events, NOW, PUBLIC))
    assert document["postmortem"]["audience"] == "public"


def labels() -> Labels:
    return Labels(roles_of({"Kim Novak": "lead"}, ()), ["bastion", "ab"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("errors on db-1 and DB-1, not db-2", "errors on host 1 and host 1, not host 2"),
        ("see https://grafana.acme.example/d/1 please", "see (link) please"),
        ("mail kim@acme.example", "mail (address)"),
        ("Kim restarted bastion", "the lead restarted host 1"),
        ("10.0.0.7:9093 answered at 03:07:12", "host 1 answered at 03:07:12"),
        ("pod acme-6f7d9c8b44-x2vqp died", "pod host 1 died"),
        ("look at checkout-service-three", "look at checkout-service-three"),
        ("arn:aws:iam::123456789012:role/x is gone", "resource 1 is gone"),
        ("in /home/kim/x and ~/y", "in (path) and (path)"),
        ("runs deploy.sh from acme/tools", "runs (file) from acme/tools"),
        ("/api/v1/checkout fails with 503 for 12 min", "/api/v1/checkout fails with 503 for 12 min"),
        ("ab stays: it is too short a name", "ab stays: it is too short a name"),
    ],
)
def test_machines_addresses_and_paths_become_labels(text: str, said: str) -> None:
    assert labels().prose(text) == said


def test_nothing_has_no_label() -> None:
    assert labels().of("host", "") == ""
    assert Labels(roles_of({}, ()), ()).prose("plain words") == "plain words"


def test_an_exporter_that_knows_no_manner_gets_only_what_everybody_may_see() -> None:
    def theirs(incident: object, events: list[Event], now: datetime) -> str:
        return " ".join(str(event) for event in events)

    log = CASES["bad-deploy"]()
    assert "Kim Novak" in write(theirs, log.folded(), log.events, NOW, Manner())
    assert "Kim Novak" not in write(theirs, log.folded(), log.events, NOW, PUBLIC)
