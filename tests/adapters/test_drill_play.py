"""A drill as it is played: what is done has consequences, and nothing real is touched."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import textwrap
from datetime import timedelta
from pathlib import Path

import pytest

from incident.core import facts
from incident.core.alert import Severity
from incident.core.event import Event, Writer
from incident.core.ports import Ending, Order
from incident.drills import scenario as scenarios
from incident.drills.clock import HandClock, start_of
from incident.drills.model import Deed
from incident.drills.player import Player
from incident.drills.simulator import UNKNOWN, Played
from incident.drills.solution import play
from incident.drills.story import Story
from incident.errors import DrillError, RunError
from tests.adapters.small_drill import SOUND

GOOD = ("gh", "workflow", "run", "rollback.yml", "-f", "sha=9f8e7d6")
WRONG = (*GOOD[:-1], "sha=77c0ffe")


def bad_deploy() -> tuple[Player, HandClock]:
    scenario = scenarios.find("bad-deploy")
    clock = HandClock(start_of(scenario))
    return Player(scenario, clock), clock


def small(text: str = SOUND) -> tuple[Player, HandClock]:
    scenario = scenarios.load(text, "small.yaml")
    clock = HandClock(start_of(scenario))
    return Player(scenario, clock), clock


def deeds(*lines: str) -> list[Deed]:
    return [Deed(verb, rest, "test") for verb, _, rest in (line.partition(" ") for line in lines)]


async def run(player: Player, clock: HandClock, *argv: str, output: str = "") -> Ending:
    running = await player.runner.start(Order("r1", argv, "/srv", output))
    ended = asyncio.ensure_future(running.wait())
    while not ended.done():
        await clock.advance(1)
    return await ended


# --- the solution, and what is none


@pytest.mark.parametrize("name", scenarios.names())
async def test_the_solution_recovers_and_twice_the_same_play_gives_the_same_log(name: str, tmp_path: Path) -> None:
    first = await play(scenarios.find(name), outputs=str(tmp_path))
    second = await play(scenarios.find(name))
    assert first.recovered is not None
    assert first.log == second.log
    assert first.report() == second.report()
    assert first.report().unknown == ()
    assert all(alert.severity is not Severity.PAGE for alert in (await first.alerts.fetch()).alerts)
    assert _names(tmp_path)


def _names(folder: Path) -> list[str]:
    return [path.name for path in folder.glob("*.log")]


@pytest.mark.parametrize("name", scenarios.names())
async def test_doing_nothing_does_not_recover_and_whoever_waits_calls(name: str) -> None:
    scenario = scenarios.find(name)
    player = await play(scenario, [])
    assert player.recovered is None
    assert player.over
    timed = {inject.id for inject in scenario.injects if inject.at is not None and not inject.upon}
    assert timed <= set(player.report().injects)
    assert all(message.waits for message in player.messages() if message.awaited)


async def test_rolling_back_to_the_wrong_version_does_not_recover_and_is_counted() -> None:
    player = await play(scenarios.find("bad-deploy"), deeds("ack", f"run {' '.join(WRONG)}", f"run {' '.join(WRONG)}"))
    assert player.recovered is None
    harmful = next(found for found in player.report().measures if found.name == "harmful")
    assert (harmful.count, harmful.after) == (2, timedelta(seconds=10))


async def test_the_right_rollback_after_a_wrong_one_still_recovers() -> None:
    player = await play(
        scenarios.find("bad-deploy"), deeds("ack", f"run {' '.join(WRONG)}", "wait 5m", f"run {' '.join(GOOD)}")
    )
    assert player.recovered is not None


async def test_a_drill_whose_page_never_comes_says_where_it_waited() -> None:
    silent = scenarios.load(SOUND.replace("above: 7", "above: 99"), "small.yaml")
    with pytest.raises(DrillError, match="no page came") as caught:
        await play(silent)
    assert caught.value.at == "small.yaml:21"


# --- signals and alerts


async def test_the_page_comes_within_ten_seconds_and_tickets_are_there_already() -> None:
    player, clock = bad_deploy()
    before = await player.alerts.fetch()
    assert sorted(alert.name for alert in before.alerts) == ["CertificateExpiresSoon", "QueueLagHigh"]
    assert {alert.severity for alert in before.alerts} == {Severity.TICKET}
    assert all(alert.annotations["runbook"] for alert in before.alerts)
    await clock.advance(10)
    page = next(a for a in (await player.alerts.fetch()).alerts if a.severity is Severity.PAGE)
    assert (page.name, page.service, page.source) == ("AcmeErrorBudgetFastBurn", "acme", "drill")
    assert page.starts_at == player.start + timedelta(seconds=10)


async def test_signals_follow_the_fault_and_fall_after_the_rollback() -> None:
    player, clock = bad_deploy()
    await clock.advance(120)
    page = next(a for a in (await player.alerts.fetch()).alerts if a.name == "AcmeErrorBudgetFastBurn")
    errors, p99, traffic, saturation = await player.signals.read(page)
    assert [signal.name for signal in (errors, p99, traffic, saturation)] == ["errors", "p99", "traffic", "saturation"]
    assert errors.value is not None
    assert 17 < errors.value < 22
    assert errors.limit == 7
    assert errors.beyond
    assert errors.usual == 0.2
    assert "http_requests_total" in errors.query
    assert (len(errors.trend), max(errors.trend[:10]) < 1) == (30, True)
    assert p99.limit is None
    assert p99.value is not None
    await run(player, clock, *GOOD)
    await clock.advance(90)
    healed = (await player.signals.read(page))[0].value
    assert healed is not None
    assert healed < 0.5
    assert "AcmeErrorBudgetFastBurn" not in {alert.name for alert in (await player.alerts.fetch()).alerts}


async def test_an_alert_that_the_drill_does_not_play_says_why_it_has_no_signals() -> None:
    player, _ = bad_deploy()
    ticket = (await player.alerts.fetch()).alerts[0]
    (signal,) = await player.signals.read(ticket)
    assert signal.value is None
    assert signal.missing == "this drill plays no signals for this alert"
    await player.signals.aclose()
    await player.alerts.aclose()


async def test_a_limit_from_below_is_a_floor() -> None:
    player, clock = small(SOUND.replace("above: 7, for: 30s", "below: 50"))
    await clock.advance(1)
    (alert,) = (await player.alerts.fetch()).alerts
    (signal,) = await player.signals.read(alert)
    assert (signal.limit, signal.floor, signal.beyond) == (50.0, True, True)


async def test_the_deploy_before_it_and_the_rollback_are_changes() -> None:
    player, clock = bad_deploy()
    deploys = await player.changes.fetch()
    assert (deploys[-1].version, deploys[-1].previous) == ("a1b2c3d", "9f8e7d6")
    assert deploys[-1].at == player.start - timedelta(minutes=6)
    await run(player, clock, *GOOD)
    newest = (await player.changes.fetch())[-1]
    assert (newest.version, newest.at) == ("9f8e7d6", player.start + timedelta(seconds=4))


def test_how_often_somebody_looks_changes_nothing() -> None:
    scenario = scenarios.find("bad-deploy")
    often, once = Story(scenario), Story(scenario)
    for tenth in range(3000):
        often.advance(tenth / 10)
    often.advance(300)
    once.advance(300)
    assert often.log == once.log
    assert often.firing() == once.firing()


def test_another_seed_is_another_noise_around_the_same_course() -> None:
    text = SOUND.replace("base: 0.2,", "base: 0.2, noise: 0.1,")
    one, two = (Story(scenarios.load(f"{text}seed: {seed}\n", "small.yaml")) for seed in (1, 2))
    assert one.value("errors", 300.0) != two.value("errors", 300.0)
    assert abs(one.value("errors", 300.0) - 19) <= 1.9


# --- commands


async def test_a_known_command_takes_its_time_and_leaves_its_output_as_evidence(tmp_path: Path) -> None:
    player, clock = bad_deploy()
    output = tmp_path / "r1.log"
    running = await player.runner.start(Order("r1", GOOD, "/srv", str(output)))
    lines = [batch async for batch in _batches(running, clock)]
    ending = await running.wait()
    assert (ending.exit, ending.seconds, ending.stopped) == (0, 4.0, False)
    assert lines == ["Created workflow_dispatch event for rollback.yml at main"]
    assert output.read_text() == lines[0] + "\n"
    assert ending.size == output.stat().st_size
    assert output.stat().st_mode & 0o777 == 0o600
    assert ending.head == (lines[0],)
    await running.stop()


async def _batches(running: Played, clock: HandClock):  # type: ignore[no-untyped-def]  # the generator of whatever a runner gives
    async def collect() -> list[str]:
        return [line async for batch in running.batches() for line in batch.lines]

    task = asyncio.ensure_future(collect())
    while not task.done():
        await clock.advance(1)
    for line in task.result():
        yield line


async def test_output_tells_the_drills_own_state() -> None:
    player, clock = small(
        SOUND.replace(
            "commands:\n",
            'commands:\n  - {match: [show, "<what>"], output: "{what} {version} {fault} {time} {since:fixed}"}\n',
        )
    )
    assert (await run(player, clock, "show", "it")).head == ("it a1b2c3d true 03:02:01 -",)
    await run(player, clock, "fix")
    await clock.advance(10)
    assert (await run(player, clock, "show", "it")).head == ("it older false 03:02:13 11s",)


async def test_an_unknown_command_says_so_runs_nothing_and_is_counted() -> None:
    player, clock = bad_deploy()
    ending = await run(player, clock, "bash", "-u", "-c", "kubectl delete pod x")
    assert ending.exit == UNKNOWN
    assert ending.head[0] == "drill: this scenario does not know the command kubectl delete pod x"
    assert "Nothing ran" in ending.head[1]
    assert player.report().unknown == ("kubectl delete pod x",)


async def test_a_command_that_does_not_apply_now_is_unknown_too() -> None:
    player, clock = small(SOUND.replace("match: [fix],", "match: [fix], if: {fault: false},"))
    assert (await run(player, clock, "fix")).exit == UNKNOWN


async def test_a_stopped_command_changes_nothing() -> None:
    player, clock = bad_deploy()
    running = await player.runner.start(Order("r1", GOOD, "/srv", ""))
    await clock.advance(2)
    await running.stop()
    ending = await running.wait()
    assert (ending.exit, ending.stopped, ending.seconds) == (-2, True, 2.0)
    assert [batch async for batch in running.batches()] == []
    await clock.advance(600)
    assert player.recovered is None
    assert (await player.changes.fetch())[-1].version == "a1b2c3d"


async def test_an_output_file_that_is_there_already_stops_the_command_before_it_is_played(tmp_path: Path) -> None:
    player, _ = bad_deploy()
    output = tmp_path / "r1.log"
    output.write_text("evidence of another run\n")
    with pytest.raises(RunError, match="cannot be made"):
        await player.runner.start(Order("r1", GOOD, "/srv", str(output)))
    with pytest.raises(RunError, match="no command"):
        await player.runner.start(Order("r1", (), "/srv", ""))
    assert output.read_text() == "evidence of another run\n"
    assert player.log == ()


async def test_output_that_cannot_be_kept_is_said_in_the_output(tmp_path: Path) -> None:
    player, clock = bad_deploy()
    folder = tmp_path / "output"
    folder.mkdir()
    running = await player.runner.start(Order("r1", GOOD, "/srv", str(folder / "r1.log")))
    (folder / "r1.log").unlink()
    folder.rmdir()
    await clock.advance(5)
    assert (await running.wait()).head[-1] == "(this output is not in its file: No such file or directory)"


async def test_long_output_keeps_its_head_and_its_tail() -> None:
    lines = "\\n".join(f"line {number}" for number in range(60))
    player, clock = small(SOUND.replace('"done {version}"', f'"{lines}"'))
    ending = await run(player, clock, "fix")
    assert (ending.head[0], ending.head[-1]) == ("line 0", "line 19")
    assert (ending.tail[0], ending.tail[-1]) == ("line 40", "line 59")


# --- people


async def test_messages_come_once_and_not_when_they_are_no_longer_called_for() -> None:
    player, clock = bad_deploy()
    await clock.advance(75)
    (message,) = player.injects()
    assert (message.id, message.via, message.sender) == ("support-asks", "chat", "support")
    assert message.at == player.start + timedelta(seconds=75)
    assert player.injects() == ()
    assert player.ask("tell_support").who == "support"
    await clock.advance(10)
    assert [said.text for said in player.injects()] == ["Thanks, we put it on the status page."]
    await clock.advance(600)
    assert [said.id for said in player.injects()] == ["vp-asks"]
    assert "inject support-again is not called for" in " ".join(player.log)


async def test_an_update_on_the_timeline_reaches_those_who_wait_for_it() -> None:
    player, clock = bad_deploy()
    for fact in (
        facts.Acknowledged("x", "AcmeErrorBudgetFastBurn"),
        facts.RunbookOpened("acme-error-rate.md", "", "", ""),
        facts.Remarked("note", "hm"),
        facts.SeveritySet("SEV1"),
        facts.Remarked("update", "we are rolling back"),
    ):
        player.observe(
            Event("1", "DRILL-1", player.start, fact, Writer("kim", "h", "1"), player.start, source="person")
        )
    measured = {found.name: found.after for found in player.report().measures}
    assert measured["acknowledged"] == measured["runbook_open"] == measured["first_update"] == timedelta(0)
    assert measured["recovered"] is None
    await clock.advance(1700)
    assert player.injects() == ()


def test_hints_come_one_by_one_and_are_logged() -> None:
    player, _ = bad_deploy()
    hints = [player.hint() for _ in range(len(player.scenario.hints) + 1)]
    assert hints == [*(hint.text for hint in player.scenario.hints), ""]
    assert player.report().hints == len(player.scenario.hints)
    assert player.log[-1] == "T+00:00 hint 3"


def test_asking_for_what_nobody_can_give_names_the_nearest() -> None:
    player, _ = bad_deploy()
    assert {ask.id for ask in player.asks()} == {"tell_support", "tell_vp"}
    with pytest.raises(DrillError) as caught:
        player.ask("tell_suport")
    assert caught.value.hint == "did you mean `tell_support`?"


def test_a_hint_waits_until_it_helps() -> None:
    player, clock = small(SOUND + "hints: [{if: {fault: false}, say: check it}, look]\n")
    assert [player.hint(), player.hint()] == ["look", ""]
    player._stage.story.apply(player.scenario.commands[0].effects)
    assert player.hint() == "check it"
    assert clock.monotonic() == 0


async def test_an_answer_to_a_message_is_an_answer_once_and_makes_true_what_was_expected() -> None:
    player, clock = bad_deploy()
    await clock.advance(100)
    (asked,) = player.messages()
    assert asked.waits
    player.reply("support-asks")
    (answered,) = player.messages()
    assert (answered.answered, answered.waits) == (player.start + timedelta(seconds=100), False)
    assert player.state["told_support"] is True
    with pytest.raises(DrillError) as caught:
        player.reply("support-ask")
    assert caught.value.hint == "did you mean `support-asks`?"


async def test_what_is_asked_before_its_time_gets_another_answer() -> None:
    scenario = scenarios.find("rollback-waits")
    clock = HandClock(start_of(scenario))
    player = Player(scenario, clock)
    assert [ask.id for ask in player.asks()].count("approve") == 1
    assert player.ask("approve").say.startswith("Approve what?")
    player._stage.story.apply(scenario.commands[0].effects)
    assert player.ask("approve").say.endswith("Approved.")


async def test_a_facilitator_sends_holds_and_skips_messages_and_speaks() -> None:
    player, clock = bad_deploy()
    player.hold("support-asks")
    player.skip("vp-asks")
    player.send("support-again")
    player.say("VP Eng", "how bad is it?", "phone")
    await clock.advance(300)
    assert [(m.id, m.sender) for m in player.messages()] == [("support-again", "support"), ("", "VP Eng")]
    player.hold("support-asks", held=False)
    assert player.messages()[-1].id == "support-asks"
    player.hold("support-again")
    player.hold("support-again", held=False)  # it was sent already, and does not come a second time by itself
    await clock.advance(300)
    assert [m.id for m in player.messages()].count("support-again") == 2  # its own time came as well
    assert any("facilitator skips vp-asks" in line for line in player.log)
    with pytest.raises(DrillError):
        player.skip("nobody")


def test_the_budget_that_is_spent_counts_the_requests_that_failed() -> None:
    text = SOUND.replace("length: 10m", "length: 10m\nslo: {target: 0.9, window: 1000s}")
    story = Story(scenarios.load(text, "small.yaml"))
    story.advance(100)
    failed, spent = story.failed(100)
    assert failed == pytest.approx(0.19 * 100 - 60 * 0.188 / 2, rel=0.05)  # a ramp of a minute, then the whole
    assert spent == pytest.approx(failed / 100)
    assert Story(scenarios.load(SOUND, "small.yaml")).failed(100) == (0.0, 0.0)


# --- rules


def test_a_rule_waits_for_its_event_and_its_condition_and_is_dropped_when_that_ends() -> None:
    text = SOUND.replace(
        "  - {upon: fixed, after: 5s, set: {version: older}}\n",
        "  - {if: {fault: true}, after: 30s, set: {version: worse}}\n"
        "  - {upon: fixed, if: {version: worse}, after: 5s, set: {version: older}, emits: settled}\n",
    )
    scenario = scenarios.load(text, "small.yaml")
    quick, slow = Story(scenario), Story(scenario)
    quick.apply(scenario.commands[0].effects)
    quick.advance(60)
    assert quick.state["version"] == "a1b2c3d"
    slow.advance(40)
    assert slow.state["version"] == "worse"
    slow.apply(scenario.commands[0].effects)
    slow.advance(60)
    assert slow.state["version"] == "older"
    assert "T+00:45 settled" in slow.log


def test_a_rule_without_an_event_starts_again_when_its_condition_does() -> None:
    text = SOUND.replace(
        "{upon: fixed, after: 5s, set: {version: older}}", "{if: {fault: true}, after: 5s, emits: hurt}"
    )
    scenario = scenarios.load(text, "small.yaml")
    story = Story(scenario)
    story.advance(10)
    story.apply(scenario.commands[0].effects)
    broken = scenarios.load(SOUND.replace("set: {fault: false}", "set: {fault: true}"), "small.yaml")
    story.apply(broken.commands[0].effects)
    story.advance(30)
    assert [line for line in story.log if line.endswith("hurt")] == ["T+00:05 hurt", "T+00:15 hurt"]


def test_good_health_at_the_start_is_no_recovery() -> None:
    scenario = scenarios.load(SOUND, "small.yaml")
    story = Story(scenario)
    story.advance(scenario.length)
    assert story.tallies["recovered"].first is None


# --- nothing real


SPY = """
    import asyncio, sys
    seen = []
    FORBIDDEN = ("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.system",
                 "os.spawn", "pty.spawn")
    def watch(event, args):
        if event.startswith(FORBIDDEN):
            seen.append(event)
    from incident.drills import scenario
    from incident.drills.solution import play
    async def main():
        sys.addaudithook(watch)  # the event loop has made its own pair of sockets by now
        player = await play(scenario.find(NAME), outputs=FOLDER)
        assert player.recovered is not None
        SABOTAGE
    asyncio.run(main())
    print(sorted(set(seen)))
"""


def _spied(name: str, folder: Path, sabotage: str) -> str:
    script = textwrap.dedent(SPY).replace("NAME", repr(name)).replace("FOLDER", repr(str(folder)))
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ended = subprocess.run(
        [sys.executable, "-c", script.replace("SABOTAGE", sabotage)],
        capture_output=True, text=True, check=True, env=environment,
    )  # fmt: skip
    return ended.stdout.strip()


@pytest.mark.fault(55)
@pytest.mark.parametrize("name", scenarios.names())
def test_a_whole_drill_with_its_rollback_opens_no_socket_and_starts_no_process(name: str, tmp_path: Path) -> None:
    assert _spied(name, tmp_path, "pass") == "[]"


@pytest.mark.fault(55)
@pytest.mark.parametrize(
    ("sabotage", "seen"),
    [
        ("import subprocess; subprocess.run(['true'])", "subprocess.Popen"),
        ("import os; os.waitpid(os.posix_spawn('/bin/true', ['true'], {}), 0)", "os.posix_spawn"),
        ("import os; os.system('true')", "os.system"),
        ("import socket; socket.socket().close()", "socket.__new__"),
    ],
)
def test_the_spy_would_see_a_process_or_a_socket(sabotage: str, seen: str, tmp_path: Path) -> None:
    assert seen in _spied("bad-deploy", tmp_path, sabotage)


def test_no_module_of_the_drills_imports_what_could_reach_out() -> None:
    folder = Path(scenarios.__file__).parent
    for module in folder.glob("*.py"):
        text = module.read_text()
        for name in ("subprocess", "socket", "httpx", "incident.runner", "incident.sources"):
            assert f"import {name}" not in text
            assert f"from {name}" not in text
