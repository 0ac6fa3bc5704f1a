"""From an alert to an incident."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incident.core import facts
from incident.core.incident import Incident
from incident.errors import RunbookError
from tests.fakes import DEPLOY, START, World, page, ticket


async def test_opening_an_alert_records_it_acknowledges_it_and_opens_its_runbook(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    assert identity == "INC-20260502-acme-1"
    assert world.kinds()[:5] == [
        "incident.opened", "alert.fired", "alert.acknowledged", "joined", "runbook.opened",
    ]  # fmt: skip
    incident = engine.incident(identity)
    assert (incident.severity, incident.service, incident.runbook) == ("SEV2", "acme", "acme-error-rate.md")
    assert incident.people == {"kim": "lead"}
    fired = world.journal.events[1]
    assert (fired.at, fired.source) == (page().starts_at, "am")


async def test_the_changes_before_the_alert_and_its_signals_go_onto_the_timeline(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    change, signal = world.journal.events[-2:]
    assert change.at == DEPLOY.at
    assert change.fact == facts.ChangeSeen(
        "deploy", "a1b2c3d", "9f8e7d6", "acme", "cart: batch price lookups", "pipeline", source="deploys"
    )
    assert signal.fact == facts.SignalSeen("errors", 19.2, "%", "sum(rate(x))", 7.0)
    assert engine.incident(identity).changes == ((DEPLOY.at, change.fact),)


async def test_opening_the_same_alert_again_goes_back_to_its_incident(world: World) -> None:
    engine = world.engine()
    first = await engine.open(page())
    assert await engine.open(page()) == first


async def test_an_alert_that_joins_does_not_change_the_runbook(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.join(identity, ticket())
    await engine.join(identity, ticket())
    incident = engine.incident(identity)
    assert [record.name for record in incident.alerts.values()] == ["AcmeErrorBudgetFastBurn", "QueueLagHigh"]
    assert incident.runbook == "acme-error-rate.md"


async def test_an_incident_without_a_runbook_gets_one_from_an_alert_that_joins(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(ticket())
    assert engine.incident(identity).runbook == ""
    await engine.join(identity, page())
    assert engine.incident(identity).runbook == "acme-error-rate.md"


async def test_two_consoles_that_open_at_once_get_two_numbers(world: World) -> None:
    one, two = world.engine(), world.engine()
    first = await one.open(page())
    second = await two.open(page(fingerprint="other"))
    assert (first, second) == ("INC-20260502-acme-1", "INC-20260502-acme-2")


async def test_a_runbook_alone_opens_an_incident_and_a_missing_one_opens_none(world: World) -> None:
    engine = world.engine()
    with pytest.raises(RunbookError):
        await engine.open_on_runbook("nothing.md")
    assert world.journal.events == []
    identity = await engine.open_on_runbook("acme-error-rate.md")
    assert identity == "INC-20260502-acme-error-rate-1"
    assert engine.incident(identity).alerts == {}


async def test_a_runbook_that_changed_on_disk_is_recorded_when_it_is_read_again(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.runbooks.use(identity, "acme-error-rate.md", "read again")
    assert world.kinds().count("runbook.opened") == 1
    world.shelf.books["acme-error-rate.md"] += b"\n1. One more\n"
    await engine.runbooks.use(identity, "acme-error-rate.md", "read again")
    assert world.kinds().count("runbook.opened") == 2


async def test_a_second_engine_on_the_same_journal_has_the_same_state(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    other = world.engine()
    await other.load()
    assert other.incident(identity) == engine.incident(identity)
    assert isinstance(other.incident(identity), Incident)


async def test_an_export_is_published_and_recorded(world: World) -> None:
    engine = world.engine()
    identity = await engine.open(page())
    await engine.settled()
    path, kept = await engine.export(identity)
    assert path == "postmortems/INC-20260502-acme-1.md"
    assert kept == ()
    assert world.published[path].startswith("# INC-20260502-acme-1")
    assert world.journal.events[-1].fact == facts.Exported(path, "md")
    assert world.journal.events[-1].at == START


MANY = b"""# Cluster runbook

## KubeApiDown
1. Look at the API server

## AcmeErrorBudgetFastBurn
1. Look at the errors
2. Roll back
"""


async def test_a_file_that_serves_many_alerts_opens_at_the_alerts_own_part(world: World) -> None:
    world.shelf.books = {"cluster-runbook.md": MANY}
    alert = replace(
        page(), annotations={"runbook_url": "https://wiki.acme.com/runbooks/cluster-runbook.md#acmeerrorbudgetfastburn"}
    )
    engine = world.engine()
    identity = await engine.open(alert)
    await engine.settled()
    assert engine.incident(identity).runbook == "cluster-runbook.md#acmeerrorbudgetfastburn"
    book = await engine.runbooks.of(identity)
    assert book is not None
    assert [(step.text, step.lines[0]) for step in book.steps] == [("Look at the errors", 7), ("Roll back", 8)]
    assert not await engine.runbooks.changed_on_disk(identity)
    blocks, location = await engine.runbooks.page(identity)
    assert (len(blocks), location) == (6, "/runbooks/cluster-runbook.md")
