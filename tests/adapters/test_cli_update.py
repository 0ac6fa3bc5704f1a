"""`incident update` from a shell, against a real webhook: sent once, whatever happens to the process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from tests.adapters.hook import Hook, says, silence
from tests.adapters.test_cli import IDENTITY, home, recorded
from tests.system.terminal import INCIDENT, from_a_shell, surroundings

__all__ = ["home", "recorded"]


def configured(folder: Path) -> Path:
    place = folder / ".config" / "incident" / "config.yaml"
    place.parent.mkdir(parents=True)
    place.write_text("updates: {webhook: {env: HOOK}, every: 30m, name: '#inc'}\nperson: kim\n")
    return folder


@pytest.fixture
def ready(recorded: Path) -> Path:
    """One open incident, and a webhook in the configuration."""
    return configured(recorded)


async def update(folder: Path, *words: str, hook: Hook | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"HOOK": hook.url} if hook else {}
    done = await asyncio.to_thread(from_a_shell, "update", *words, home=folder, environment=environment)
    assert "canary" not in done.stdout + done.stderr
    return done


def timeline(folder: Path) -> list[str]:
    told = json.loads(from_a_shell("timeline", "--json", home=folder).stdout)
    assert "canary" not in json.dumps(told)
    return [event["kind"] for event in told["events"]]


async def test_alone_it_prints_the_next_update_and_records_nothing(ready: Path) -> None:
    done = await update(ready)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("SEV2 Acme error rate burning budget fast: resolved since 03:11 UTC\n")
    assert "gh run list (exit 0, 4s at 03:06 UTC)" in done.stdout
    assert not [kind for kind in timeline(ready) if kind.startswith(("update", "remark")) and kind != "remark"]


async def test_a_text_is_written_down_and_not_sent(ready: Path) -> None:
    async with Hook() as hook:
        done = await update(ready, "told", "support", hook=hook)
    assert (done.returncode, done.stdout) == (0, "")
    assert "nothing was sent" in done.stderr
    assert hook.bodies == []
    assert timeline(ready).count("remark") == 2


async def test_a_dry_run_prints_the_very_bytes_that_send_then_sends(ready: Path) -> None:
    async with Hook() as hook:
        dry = await update(ready, "we <!here> are on it", "--dry-run", hook=hook)
        assert (dry.returncode, hook.bodies) == (0, [])
        assert "update.begun" not in timeline(ready)
        sent = await update(ready, "we <!here> are on it", "--send", hook=hook)
    assert sent.returncode == 0, sent.stderr
    assert hook.bodies == [dry.stdout.rstrip("\n")]
    assert timeline(ready)[-2:] == ["update.begun", "update.sent"]


@pytest.mark.fault(89)
async def test_the_intent_is_on_disk_before_the_server_has_the_message(ready: Path) -> None:
    seen: list[list[str]] = []
    async with Hook(before=lambda: seen.append(timeline(ready))) as hook:
        await update(ready, "x", "--send", hook=hook)
    assert seen[0][-1] == "update.begun"


@pytest.mark.fault(89)
async def test_a_process_that_is_killed_while_it_sends_leaves_outcome_unknown_and_a_retry_sends_nothing(
    ready: Path,
) -> None:
    there = asyncio.Event()
    async with Hook(silence, before=there.set) as hook:
        process = subprocess.Popen(  # noqa: ASYNC220 - it has to be killed from here
            [*INCIDENT, "update", "x", "--send"], cwd=ready, env=surroundings(ready, {"HOOK": hook.url})
        )
        async with asyncio.timeout(60):
            await there.wait()
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.to_thread(process.wait)
        again = await update(ready, "x", "--send", hook=hook)
        assert again.returncode == 2
        assert "outcome unknown" in again.stderr
        assert len(hook.bodies) == 1
        assert timeline(ready)[-1] == "update.outcome_unknown"
        hook.answer = says("200 OK", b"ok")
        forced = await update(ready, "x", "--send", "--again", hook=hook)
    assert forced.returncode == 0, forced.stderr
    assert len(hook.bodies) == 2


@pytest.mark.fault(88)
async def test_what_was_refused_is_exit_3_and_may_be_tried_again_by_a_person(ready: Path) -> None:
    async with Hook(says("500 Oops", b"")) as hook:
        done = await update(ready, "x", "--send", hook=hook)
        assert done.returncode == 3
        assert "nobody knows whether it arrived" in done.stderr
        hook.answer = says("429 Too Many Requests", b"rate_limited", "retry-after: 99999")
        done = await update(ready, "y", "--send", hook=hook)
        assert done.returncode == 3
        assert "not sent: it was refused (429): rate_limited" in done.stderr
        hook.answer = says("200 OK", b"ok")
        done = await update(ready, "y", "--send", hook=hook)
        assert done.returncode == 0, done.stderr
        assert [json.loads(body)["text"] for body in hook.bodies] == ["x", "y", "y"]
        twice = await update(ready, "y", "--send", hook=hook)
    assert twice.returncode == 2
    assert "sent before" in twice.stderr


async def test_without_an_address_or_without_a_webhook_nothing_is_recorded(ready: Path) -> None:
    done = await update(ready, "x", "--send")
    assert done.returncode == 3
    assert "HOOK" in done.stderr
    (ready / ".config" / "incident" / "config.yaml").write_text("person: kim\n")
    done = await update(ready, "x", "--send")
    assert done.returncode == 2
    assert "no webhook is configured" in done.stderr
    assert "update.begun" not in timeline(ready)


async def test_secrets_in_the_text_do_not_leave(ready: Path) -> None:
    async with Hook() as hook:
        await update(ready, "the log says password=hunter2canary", "--send", hook=hook)
    assert "canary" not in hook.bodies[0]
    assert IDENTITY in (await update(ready, "--incident", IDENTITY, "z")).stderr
