"""The post-mortem between the timeline and the file that people edit; its numbers, asked of the signal source."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from incident.core import facts
from incident.core.budget.spending import Spending
from incident.core.check.finding import Finding
from incident.core.facts import Measured, Milestone
from incident.core.postmortem import Audience
from incident.core.postmortem.passages import Passage, passages
from incident.core.signals import Series
from incident.core.when import Moment
from incident.engine import Engine
from incident.engine.impact import Impact
from incident.errors import ExportError, SourceError, UsageError
from incident.exports import html, json, markdown
from tests.fakes import START, World, page
from tests.golden.cases import QUERY

FAILED = 'sum(increase(http_requests_total{job="acme",status=~"5.."}[720s]))'
ASKED = 'sum(increase(http_requests_total{job="acme"}[720s]))'


@pytest.fixture
def world(world: World) -> World:
    """A world whose alert says where its numbers come from, and that writes real documents."""
    world.exporters = {"md": lambda: markdown.export, "html": lambda: html.export, "json": lambda: json.export}
    alert = page()
    world.alerts.alerts = (
        type(alert)(**{n: getattr(alert, n) for n in alert.__slots__} | {"expression": f"{QUERY} > 0.07"}),
    )
    world.signals.series = {
        QUERY: (Series({}, tuple((START + timedelta(seconds=60 * n), 0.02 * n) for n in range(9))),),
        FAILED: (Series({}, ((START + timedelta(seconds=400), 1203.4),)),),
        ASKED: (Series({}, ((START + timedelta(seconds=400), 60170.0),)),),
    }
    return world


async def opened(world: World) -> tuple[Engine, str]:
    engine = world.engine()
    identity = await engine.open(world.alerts.alerts[0])
    await engine.settled()
    return engine, identity


async def over(world: World) -> tuple[Engine, str]:
    """An incident of twelve minutes that is over."""
    engine, identity = await opened(world)
    world.clock.move(600)
    for milestone, ago in ((Milestone.STARTED, 720), (Milestone.RESOLVED, 0)):
        await engine.response.mark(identity, milestone, Moment(world.clock.now() - timedelta(seconds=ago)))
    return engine, identity


def trigger(engine_text: str) -> Passage:
    return next(one for one in passages(engine_text) if one.heading == "Trigger")


async def test_an_export_of_what_is_over_asks_for_its_numbers_first(world: World) -> None:
    engine, identity = await over(world)
    path, kept = await engine.export(identity)
    assert kept == ()
    text = world.paper.sheets[path]
    assert f"| Requests failed | about 1,203 | `{FAILED}`" in text
    assert "| Requests | about 60,170 |" in text
    assert "| Highest error ratio | 16.0 % |" in text
    assert '  requests_failed: "about 1,203"' in text
    recorded = [event.fact for event in world.journal.events if isinstance(event.fact, Measured)]
    assert {fact.query for fact in recorded} == {QUERY, FAILED, ASKED}
    assert world.kinds()[-1] == "exported"


async def test_the_same_numbers_are_asked_and_written_down_once(world: World) -> None:
    engine, identity = await over(world)
    await engine.export(identity)
    await engine.export(identity)
    assert world.kinds().count("impact.measured") == 3


async def test_while_it_goes_on_an_export_asks_nothing_and_a_person_can(world: World) -> None:
    engine, identity = await opened(world)
    world.clock.move(600)
    await engine.export(identity)
    assert "impact.measured" not in world.kinds()
    found = await engine.impact.measure(identity)
    assert [one.name for one in found.measured] == ["error_ratio_peak"]
    assert found.missing == ("no data for requests failed", "no data for requests")


async def test_a_source_that_does_not_answer_is_said_and_the_export_is_written(world: World) -> None:
    engine, identity = await over(world)
    world.signals.error = SourceError("no answer within 10 s")
    found = await engine.impact.measure(identity)
    assert (found.measured, found.missing) == ((), ("no answer within 10 s",))
    path, _ = await engine.export(identity)
    assert "| Requests failed | TODO | no query was answered yet |" in world.paper.sheets[path]


async def test_a_source_that_never_answers_keeps_no_export_waiting(world: World) -> None:
    engine, identity = await over(world)

    async def silent(*_: object) -> tuple[Series, ...]:
        await asyncio.Event().wait()
        raise AssertionError

    world.signals.over = silent  # type: ignore[method-assign]  # a server that never answers
    engine.drafts.patience = 0.01
    path, _ = await engine.export(identity)
    assert "| Requests failed | TODO |" in world.paper.sheets[path]


async def test_an_incident_without_a_time_cannot_be_measured(world: World) -> None:
    engine = world.engine()
    identity = await engine.open_on_runbook("acme-error-rate.md")
    assert (await engine.impact.measure(identity)).missing == (
        "the incident has no time yet in which it could be measured",
    )


def impact(world: World, engine: Engine, spent: object = None, *, signals: bool = True) -> Impact:
    return Impact(world.signals if signals else None, world.clock, engine.log, engine.record, spent)  # type: ignore[arg-type]  # a stand-in for the budget


async def test_the_budget_that_was_spent_is_measured_too_and_the_alerts_own_numbers_win(world: World) -> None:
    from incident.core.budget.slo import Sli, Slo

    engine, identity = await over(world)
    slo = Slo("acme", 0.995, 28 * 86400.0, Sli(total="t", bad="b"))

    async def spent(incident: str) -> tuple[Spending, ...]:
        return (Spending(slo, START, START + timedelta(seconds=720), 0.25, 1.0, 1.0),)

    found = await impact(world, engine, spent).measure(identity)
    assert {one.name: round(one.value, 1) for one in found.measured} == {
        "error_ratio_peak": 16.0, "requests_failed": 1203.4, "requests": 60170.0, "error_budget_spent": 25.0,
    }  # fmt: skip


async def test_a_budget_that_cannot_be_asked_leaves_the_other_numbers(world: World) -> None:
    engine, identity = await over(world)

    async def spent(incident: str) -> tuple[Spending, ...]:
        raise SourceError("refused")

    found = await impact(world, engine, spent).measure(identity)
    assert (len(found.measured), found.missing) == (3, ("refused",))


async def test_without_a_source_it_says_which_line_of_the_configuration_is_missing(world: World) -> None:
    engine, identity = await over(world)
    found = await impact(world, engine, signals=False).measure(identity)
    assert found.missing == ("there is no Prometheus in the configuration",)


async def test_an_unknown_format_is_refused(world: World) -> None:
    engine, identity = await opened(world)
    with pytest.raises(UsageError, match="no format"):
        await engine.draft(identity, "pdf")


async def test_other_formats_hold_what_people_wrote_in_the_markdown(world: World) -> None:
    engine, identity = await over(world)
    path, _ = await engine.export(identity)
    world.paper.sheets[path] = world.paper.sheets[path].replace("TODO what set it off", "the batch size is unbounded")
    assert "the batch size is unbounded" in await engine.draft(identity, "html")


async def test_the_public_document_is_a_file_of_its_own(world: World) -> None:
    engine, identity = await over(world)
    path, _ = await engine.drafts.export(identity, audience=Audience.PUBLIC)
    assert path.endswith(f"{identity}.public.md")
    assert "rate(" not in world.paper.sheets[path]


async def test_words_go_into_the_file_which_is_made_if_need_be(world: World) -> None:
    engine, identity = await opened(world)
    draft = await engine.drafts.read(identity)
    assert (draft.file, draft.kept) == (None, ())
    assert await engine.drafts.rewrite(identity, trigger(draft.text), "- the limit") == 0
    again = await engine.drafts.read(identity)
    assert again.file is not None
    assert trigger(again.text).text == "- the limit"
    assert world.kinds()[-1] == "exported"
    await engine.drafts.rewrite(identity, trigger(again.text), "- the other limit")
    assert world.kinds().count("exported") == 1


async def test_secrets_in_typed_words_are_masked_and_counted(world: World) -> None:
    engine, identity = await opened(world)
    draft = await engine.drafts.read(identity)
    token = "ghp_" + "a1B2" * 9
    assert await engine.drafts.rewrite(identity, trigger(draft.text), f"- the token {token}") == 1
    assert token not in next(iter(world.paper.sheets.values()))


async def test_a_file_that_changes_in_this_moment_is_not_overwritten(world: World) -> None:
    engine, identity = await opened(world)
    draft = await engine.drafts.read(identity)
    path = engine.drafts.path_of(identity)
    world.paper.sheets[path] = draft.text
    world.paper.saved_meanwhile = f"{draft.text}theirs\n"
    with pytest.raises(ExportError, match="changed while"):
        await engine.drafts.rewrite(identity, trigger(draft.text), "- mine")
    assert world.paper.sheets[path].endswith("theirs\n")


async def test_only_what_was_found_and_stands_in_a_persons_text_can_be_allowed(world: World) -> None:
    engine, identity = await opened(world)
    await engine.response.remark(identity, facts.Remark.DECISION, "the engineer forgot the limit")
    draft = await engine.drafts.read(identity)
    [found] = [finding for finding in draft.findings if finding.rule == "blame-failed"][:1]
    with pytest.raises(UsageError, match="computed from the timeline"):
        await engine.drafts.allow(identity, found, "a quote")
    with pytest.raises(UsageError, match="with a reason"):
        await engine.drafts.allow(identity, found, " ")
    other = Finding(found.path, 1, found.rule, found.severity, "x", "y")
    with pytest.raises(UsageError, match="not there any more"):
        await engine.drafts.allow(identity, other, "a quote")


async def test_a_reason_cannot_end_its_own_comment(world: World) -> None:
    engine, identity = await opened(world)
    draft = await engine.drafts.read(identity)
    await engine.drafts.rewrite(identity, trigger(draft.text), "- the engineer forgot it")
    [found] = (await engine.drafts.read(identity)).findings
    await engine.drafts.allow(identity, found, "it --> quotes\n## a heading")
    text = next(iter(world.paper.sheets.values()))
    assert "\n<!-- incident-check: allow blame-failed because it -> quotes ## a heading -->\n- the engineer" in text
    assert (await engine.drafts.read(identity)).findings == ()
