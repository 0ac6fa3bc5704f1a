"""`incident doctor`: it says what is off and what to do, never hangs, and never shows a secret."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from incident import world
from incident.cli.doctor import ground, machine, paper, servers
from incident.cli.doctor.looks import Lines, Look, all_of
from incident.config import Config, Feed, Http, Secret
from incident.core import facts
from incident.core.doctor import Line, Verdict, ok
from incident.errors import SourceError
from incident.sources.access import OPEN
from incident.sources.probe import certificate_end
from tests.adapters.http_server import Heard, Listener, Reply, body, routes, silence, value
from tests.adapters.test_http_tls import Certificates, certificates
from tests.system.terminal import from_a_shell

__all__ = ["certificates"]  # a fixture that is used here

OK, WARNING, PROBLEM = Verdict.OK, Verdict.WARNING, Verdict.PROBLEM
CANARY = "canary-7f3a9c51e2"
STATUS = {"versionInfo": {"version": "0.27.0"}}
VECTOR = {"status": "success", "data": {"resultType": "vector", "result": []}}
BUILD = {"status": "success", "data": {"version": "2.53.1"}}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A person with one runbook."""
    (tmp_path / "runbooks").mkdir()
    (tmp_path / "runbooks" / "disk.md").write_text("# Disk\n\n1. Look\n\n   ```sh\n   df -h\n   ```\n")
    return tmp_path


def looked(looks: list[Look]) -> Lines:
    return list(all_of(looks, 60, lambda done, total: None).lines)


def about(lines: Lines, name: str) -> list[tuple[Verdict, str]]:
    return [(line.verdict, line.what) for line in lines if line.about == name]


async def servers_seen(config: Config) -> Lines:
    return await asyncio.to_thread(lambda: looked(servers.looks(config, dict(os.environ))))


# -- the servers and the change feeds -------------------------------------------------------------------------------


def well(ahead: float = 0) -> Reply:
    """An Alertmanager and a Prometheus in one, with a clock that is so many seconds ahead."""

    def dated(data: Any) -> Reply:
        async def reply(heard: Heard, writer: asyncio.StreamWriter) -> None:
            date = datetime.now(UTC) + timedelta(seconds=ahead)
            await body(json.dumps(data).encode(), date=f"{date:%a, %d %b %Y %H:%M:%S} GMT")(heard, writer)

        return reply

    return routes(
        {
            "/api/v2/status": dated(STATUS),
            "/api/v1/query": dated(VECTOR),
            "/api/v1/status/buildinfo": dated(BUILD),
        }
    )


async def test_a_server_that_is_well_is_told_with_its_speed_its_version_and_its_clock() -> None:
    async with Listener(well()) as listener:
        lines = await servers_seen(Config(alertmanager=(listener.url,), prometheus=listener.url))
    assert {line.verdict for line in lines} == {OK}
    for name, version in (("alertmanager", "0.27.0"), ("prometheus", "2.53.1")):
        first, second, third = about(lines, name)
        assert first[1].startswith(f"{listener.url} answered in ")
        assert first[1].endswith(f"version {version}")
        assert second[1] == "its clock is within 2 s of this machine's"
        assert third[1] == "it is on this machine, and asked without TLS"


async def test_a_server_whose_clock_is_ahead_is_a_warning() -> None:
    async with Listener(well(ahead=300)) as listener:
        lines = await servers_seen(Config(alertmanager=(listener.url,)))
    [(verdict, said)] = [found for found in about(lines, "alertmanager") if "clock" in found[1]]
    assert verdict is WARNING
    assert "ahead of this machine's" in said


async def test_what_only_speaks_the_query_api_is_well_without_a_version() -> None:
    async with Listener(routes({"/api/v1/query": value(VECTOR)})) as listener:
        lines = await servers_seen(Config(prometheus=listener.url))
    assert about(lines, "prometheus")[0][1].endswith("which does not tell its version")


@pytest.mark.fault(90)
async def test_what_is_no_prometheus_is_a_problem_in_one_line() -> None:
    for reply in (value({"status": "error"}), value([]), body(b"<html>", content_type="text/html")):
        async with Listener(reply) as listener:
            lines = await servers_seen(Config(prometheus=listener.url))
        [(verdict, said)] = about(lines, "prometheus")
        assert verdict is PROBLEM
        assert said.startswith(f"{listener.url}/api/v1/query: ")


@pytest.mark.fault(100)
async def test_each_server_that_does_not_answer_is_a_problem_of_its_own_beside_the_others() -> None:
    async with Listener(well()) as good, Listener(value([])) as gone:
        await gone.stop()
        urls = ("http://no-such-host.invalid:9093", gone.url, good.url)
        lines = await servers_seen(Config(alertmanager=urls))
    verdicts = [verdict for verdict, _ in about(lines, "alertmanager")]
    assert verdicts == [PROBLEM, PROBLEM, OK, OK, OK]
    assert all(line.hint for line in lines if line.verdict is PROBLEM)


@pytest.mark.fault(86)
async def test_the_days_of_a_certificate_are_counted_and_an_untrusted_one_is_a_problem(
    certificates: Certificates,
) -> None:
    serving = certificates.serving(certificates.issue("doctor", days=20))
    async with Listener(well(), tls=serving) as listener:
        trusted = await servers_seen(Config(alertmanager=(listener.url,), http=Http(ca_file=certificates.ca)))
        stranger = await servers_seen(Config(alertmanager=(listener.url,)))
    assert about(trusted, "alertmanager")[2] == (
        WARNING,
        f"TLS is verified by {certificates.ca}; the certificate ends in 19 days",
    )
    [(verdict, said)] = about(stranger, "alertmanager")
    assert verdict is PROBLEM
    assert "its certificate is not trusted" in said


async def test_a_certificate_behind_a_proxy_or_a_dead_port_is_not_guessed(monkeypatch: pytest.MonkeyPatch) -> None:
    async with Listener(value([])) as listener:
        await listener.stop()
        with pytest.raises(SourceError, match="connection refused"):
            await certificate_end(listener.url.replace("http:", "https:"), OPEN)
        assert await certificate_end(listener.url, OPEN) is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    assert await certificate_end("https://am.acme.com", OPEN) is None


def test_what_is_not_configured_is_said_once() -> None:
    lines = looked(servers.looks(Config(), {}))
    assert [(line.verdict, line.about) for line in lines] == [
        (WARNING, "alertmanager"), (WARNING, "prometheus"), (OK, "changes"),
    ]  # fmt: skip


def test_a_feed_is_run_and_its_changes_are_counted() -> None:
    python = (sys.executable, "-c")
    at = (datetime.now(UTC) - timedelta(minutes=4)).isoformat()
    one = f'print(\'{{"at": "{at}", "version": "a1b2c3d"}}\')'
    for code, verdict, said in (
        (one, OK, "deploys tells 1 change, the last one 4m ago"),
        (f"{one};{one}", OK, "deploys tells 2 changes"),
        ("", WARNING, "deploys answers, and tells no change"),
        ("raise SystemExit('no network')", PROBLEM, "it ended with exit 1: no network"),
    ):
        lines = looked(servers.looks(Config(changes=(Feed("deploys", (*python, code)),)), {}))
        [found] = about(lines, "changes")
        assert found[0] is verdict
        assert said in found[1]


def test_a_broken_way_in_is_one_problem_and_the_feeds_are_still_run(tmp_path: Path) -> None:
    http = Http(config_file=str(tmp_path / "gone.yml"))
    lines = looked(servers.looks(Config(alertmanager=("http://am",), http=http, changes=(Feed("x", ("true",)),)), {}))
    assert [(line.verdict, line.about) for line in lines] == [(PROBLEM, "servers"), (WARNING, "changes")]
    assert "the http_config cannot be read" in lines[0].what


# -- the state folder and the journal -------------------------------------------------------------------------------


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A state folder with one incident in it."""
    folder = tmp_path / "state"
    log = world.log(Config(state=folder, person="kim"))
    assert log.write([log.stamp("INC-20260502-acme-1", facts.IncidentOpened("Slow", "SEV2"))])
    return folder


def test_a_state_folder_that_is_well_is_private_on_a_disk_with_room_and_writes_soon(state: Path) -> None:
    before = sorted(state.rglob("*"))
    lines = ground.folder(state)
    assert sorted(state.rglob("*")) == before
    assert lines[0] == ok("state", str(state))
    assert (OK, "it is closed to others") in about(lines, "state")
    said = " | ".join(line.what for line in lines)
    for part in ("it is on", "are free on its disk", "a synced append takes"):
        assert part in said


@pytest.mark.fault(26)
def test_what_others_may_read_is_said_with_the_command_that_closes_it(state: Path) -> None:
    (state / "journal.db").chmod(0o644)
    [line] = [line for line in ground.folder(state) if line.verdict is not OK and "others" in line.what]
    assert (line.verdict, line.hint) == (WARNING, f"chmod 600 {state / 'journal.db'}")
    state.chmod(0o750)
    [line] = [line for line in ground.folder(state) if line.verdict is not OK and "others" in line.what]
    assert (line.verdict, line.what) == (PROBLEM, "others may look into it (mode 0750)")
    assert line.hint == f"chmod 700 {state}"


@pytest.mark.fault(10)
def test_a_state_folder_on_a_network_disk_or_in_memory_is_said(state: Path, tmp_path: Path) -> None:
    for kind, verdict, part in (("nfs4", WARNING, "network disk"), ("tmpfs", PROBLEM, "gone after a restart")):
        mounts = tmp_path / "mountinfo"
        mounts.write_text(f"22 1 8:1 / / rw - ext4 /dev/sda1 rw\n30 22 0:40 / {state} rw - {kind} x rw\n")
        [found] = [found for found in about(ground.folder(state, mounts), "state") if "it is on" in found[1]]
        assert found[0] is verdict
        assert part in found[1]
    untold = ground.folder(state, tmp_path / "gone")
    assert (OK, "this system does not tell what kind of disk it is on") in about(untold, "state")


def test_a_state_folder_that_is_not_there_yet_is_not_made(tmp_path: Path) -> None:
    lines = ground.folder(tmp_path / "a" / "b")
    assert lines[0] == ok("state", f"{tmp_path / 'a' / 'b'} is not there yet; the first incident makes it")
    assert not (tmp_path / "a").exists()
    (tmp_path / "file").write_text("")
    [line] = ground.folder(tmp_path / "file")
    assert (line.verdict, line.what) == (PROBLEM, f"{tmp_path / 'file'} is no folder")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_state_folder_that_cannot_be_written_to_or_belongs_to_somebody_else_is_a_problem() -> None:
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom incident.cli.doctor import ground\nos.setuid(54321)\n"
        "for place in sys.argv[1:]:\n  for line in ground.folder(Path(place)):\n    print(line.verdict, line.what)"
    )
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        done = subprocess.run(
            [sys.executable, "-c", code, place, f"{place}/x"], capture_output=True, text=True, check=True
        )
    assert f"problem {place} cannot be written to" in done.stdout
    assert "problem it belongs to somebody else" in done.stdout
    assert f"problem {place}/x is not there, and cannot be made in {place}" in done.stdout


def test_a_whole_journal_is_counted_and_none_is_none(state: Path, tmp_path: Path) -> None:
    whole = about(ground.journal(state), "journal")
    assert whole[0] == (OK, "1 events of 1 writers, whole")
    assert whole[-1][1].startswith(f"SQLite {sqlite3.sqlite_version}")
    assert about(ground.journal(tmp_path / "none"), "journal")[0] == (OK, "there is none yet")


@pytest.mark.fault(15)
def test_a_journal_that_was_changed_is_a_problem_with_its_first_row(state: Path) -> None:
    with sqlite3.connect(state / "journal.db") as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute("UPDATE events SET body = replace(body, 'Slow', 'Fast')")
    connection.close()
    verdict, said = about(ground.journal(state), "journal")[0]
    assert verdict is PROBLEM
    assert "NOT whole: 1 problems, the first:" in said
    assert "was changed after it was written" in said


@pytest.mark.fault(25)
def test_a_journal_that_something_put_into_wal_mode_is_a_problem(state: Path) -> None:
    assert not [line for line in ground.journal(state) if line.verdict is not OK]
    connection = sqlite3.connect(state / "journal.db")
    assert connection.execute("PRAGMA journal_mode=WAL").fetchone() == ("wal",)
    connection.close()
    [line] = [line for line in ground.journal(state) if line.verdict is not OK]
    assert line.verdict is PROBLEM
    assert "WAL mode" in line.what
    assert "PRAGMA journal_mode=TRUNCATE" in line.hint


# -- the configuration, its secrets, the runbooks -------------------------------------------------------------------


def test_the_configuration_is_named_with_what_it_guards(tmp_path: Path) -> None:
    [line] = paper.configuration(Config(), None)
    assert line.what.startswith("there is no file; it would be ")
    config = Config(
        file=tmp_path / "c.yaml", production=("prod-*",), approval=("billing",), read_only_targets=("db-*",)
    )
    assert [line.what for line in paper.configuration(config, None)] == [
        str(tmp_path / "c.yaml"),
        "typed names for prod-*; a second person for billing; read-only for db-*",
    ]
    everything = Config(file=tmp_path / "c.yaml", read_only=True, read_only_targets=("db-*",))
    assert paper.configuration(everything, None)[1].what == "read-only for everything"
    assert len(paper.configuration(Config(file=tmp_path / "c.yaml"), None)) == 1


@pytest.mark.fault(96)
def test_each_secret_is_looked_for_and_never_shown(tmp_path: Path) -> None:
    shut, shared = tmp_path / "shut", tmp_path / "shared"
    for path, mode in ((shut, 0o600), (shared, 0o644)):
        path.write_text(CANARY)
        path.chmod(mode)
    for secret, verdict, said in (
        (Secret(env="X"), OK, "the variable X is set"),
        (Secret(env="Y"), PROBLEM, "the variable Y is not set"),
        (Secret(file=str(shut)), OK, "is closed to others"),
        (Secret(file=str(shared)), PROBLEM, "others may read the file with the secret (mode 0644)"),
        (Secret(file=str(tmp_path / "gone")), PROBLEM, "No such file"),
        (Secret(command=(sys.executable, CANARY)), OK, "is there"),
        (Secret(command=("no-such-program", CANARY)), PROBLEM, "there is no program no-such-program"),
    ):
        [line, *_] = looked(paper.looks(Config(http=Http(password=secret), runbooks=(tmp_path,)), {"X": CANARY}))
        assert (line.about, line.verdict) == ("secrets", verdict)
        assert said in line.what
        assert CANARY not in str(line)
    for http in (Http(config_file=str(shared)), Http(cert_file="c", key_file=str(shared))):
        [line, *_] = looked(paper.looks(Config(http=http, runbooks=(tmp_path,)), {}))
        assert (line.verdict, line.hint) == (PROBLEM, f"chmod 600 {shared}")


RUNBOOK = """\
---
requires: {tools: [acmectl, sh]}
---
# Queue

1. Look

   ```sh
   cd /tmp && sudo queuectl list | grep x
   acmectl --version
   ```
"""


def test_programs_that_the_runbooks_want_and_this_machine_does_not_have_are_named_with_the_runbook(home: Path) -> None:
    folder = home / "runbooks"
    (folder / "queue.md").write_text(RUNBOOK)
    (folder / "second.md").write_text(RUNBOOK.replace("cd /tmp", "queuectl"))
    lines = paper.folder(folder, dict(os.environ))
    assert about(lines, "runbooks") == [(OK, f"{folder} holds 3 runbooks")]
    assert about(lines, "tools") == [
        (PROBLEM, "acmectl is not on PATH; queue.md (and 1 more) requires it"),
        (WARNING, "queuectl is not on PATH; queue.md:9 (and 1 more) runs it"),
    ]
    (folder / "queue.md").unlink()
    (folder / "second.md").unlink()
    assert about(paper.folder(folder, dict(os.environ)), "tools") == [(OK, "every program that they want is on PATH")]


def test_many_missing_programs_are_cut_short(home: Path) -> None:
    (home / "runbooks" / "many.md").write_text(
        f"---\nrequires: [{', '.join(f'tool-{n:02}' for n in range(20))}]\n---\n# X\n"
    )
    lines = [line.what for line in paper.folder(home / "runbooks", dict(os.environ)) if line.about == "tools"]
    assert len(lines) == 13
    assert lines[-1] == "and 8 more"


def test_a_runbook_folder_that_is_empty_or_gone_or_holds_what_cannot_be_read_is_said(home: Path) -> None:
    for root, verdict, said in (
        (home / "gone", PROBLEM, "is not there"),
        (home / "runbooks" / "disk.md", PROBLEM, "is not there"),
    ):
        [line] = paper.folder(root, {})
        assert line.verdict is verdict
        assert said in line.what
    empty = home / "empty"
    empty.mkdir()
    [line] = paper.folder(empty, {})
    assert (line.verdict, line.what) == (WARNING, f"{empty} holds no Markdown file")
    (home / "runbooks" / "huge.md").write_bytes(b"# Huge\n" + b"x" * 5_000_000)
    lines = about(paper.folder(home / "runbooks", dict(os.environ)), "runbooks")
    assert [verdict for verdict, _ in lines] == [OK, PROBLEM]
    assert "1 of them cannot be read" in lines[1][1]


def test_without_a_folder_of_runbooks_it_says_how_to_name_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    [line] = looked(paper.looks(Config(), {}))
    assert (line.verdict, line.about) == (WARNING, "runbooks")


# -- this machine ---------------------------------------------------------------------------------------------------


def test_what_the_runner_cannot_rely_on_is_said(tmp_path: Path) -> None:
    assert [line.verdict for line in machine.platform("linux", Path("/proc"))] == [OK, OK]
    for system, proc, said in (("darwin", Path("/proc"), "only Linux"), ("linux", tmp_path, "/proc is not there")):
        [_, line] = machine.platform(system, proc)
        assert line.verdict is WARNING
        assert said in line.what


def test_the_editor_has_to_be_a_program_that_is_there() -> None:
    for variables, verdict, said in (
        ({"EDITOR": f"{sys.executable} -x"}, OK, f"{sys.executable} (EDITOR)"),
        ({"VISUAL": "sh", "EDITOR": "no-such-editor"}, OK, "sh (VISUAL)"),
        ({"EDITOR": "no-such-editor"}, WARNING, "no-such-editor (EDITOR) is not on PATH"),
        ({"EDITOR": "'vim"}, WARNING, "EDITOR is no command"),
        ({"EDITOR": " "}, WARNING, "EDITOR is no command"),
        ({"PATH": "/nowhere"}, WARNING, "vi (neither VISUAL nor EDITOR is set) is not on PATH"),
    ):
        [line] = machine.editor({"PATH": os.environ["PATH"], **variables})
        assert line.verdict is verdict, variables
        assert said in line.what


def test_what_each_installed_tool_would_act_on_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("kubectl", "aws", "git"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    (tmp_path / "kubeconfig").write_text(
        "current-context: prod-eu\ncontexts: [{name: prod-eu, context: {cluster: x, namespace: checkout}}]\n"
    )
    variables = {"PATH": str(tmp_path), "HOME": str(tmp_path), "KUBECONFIG": "kubeconfig", "AWS_PROFILE": "dev"}
    lines = machine.targets(Config(production=("prod-*",)), variables)
    assert [line.what for line in lines] == [
        f"kubectl would act on prod-eu / checkout, which is production ({tmp_path / 'kubeconfig'})",
        "aws would act on aws profile dev (AWS_PROFILE)",
    ]


# -- all looks together ---------------------------------------------------------------------------------------------


@pytest.mark.fault(84)
def test_a_look_that_hangs_is_a_line_and_the_others_are_seen_in_their_order() -> None:
    never, cancelled = threading.Event(), threading.Event()

    def blocks() -> Lines:
        never.wait()
        return []

    async def waits() -> Lines:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return []

    def fails() -> Lines:
        raise SourceError("connection refused", at="http://am", hint="start it")

    def breaks() -> Lines:
        raise RuntimeError(CANARY)

    async def fails_later() -> Lines:
        raise SourceError("no answer")

    told: list[tuple[int, int]] = []
    looks = [
        Look("disk", blocks=blocks),
        Look("server", waits=waits),
        Look("first", blocks=lambda: [ok("first", "fine")]),
        Look("am", blocks=fails),
        Look("broken", blocks=breaks),
        Look("feed", waits=fails_later),
    ]
    seen = all_of(looks, 1.0, lambda done, total: told.append((done, total)))
    never.set()
    assert not seen.finished
    assert cancelled.wait(60)
    hint = "what it looks at is overloaded or hangs: a disk, a server, a program"
    assert seen.lines == (
        Line(PROBLEM, "disk", "this look did not end within 1 s", hint),
        Line(PROBLEM, "server", "this look did not end within 1 s", hint),
        ok("first", "fine"),
        Line(PROBLEM, "am", "http://am: connection refused", "start it"),
        Line(PROBLEM, "broken", "this look failed (RuntimeError)", "please report it, with what you ran"),
        Line(PROBLEM, "feed", "no answer", ""),
    )
    assert told[-1] == (4, 6)


def test_nothing_to_look_at_is_nothing_seen() -> None:
    seen = all_of([], 1.0, lambda done, total: None)
    assert (seen.lines, seen.finished) == ((), True)


# -- the whole program ----------------------------------------------------------------------------------------------


def configure(home: Path, text: str) -> Path:
    path = home / ".config" / "incident" / "config.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def doctored(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return from_a_shell("doctor", *words, home=home, environment={"EDITOR": "sh", **environment})


async def test_all_is_well_is_exit_0_and_every_line_says_ok(home: Path) -> None:
    async with Listener(well()) as listener:
        at = datetime.now(UTC).isoformat()
        change = json.dumps({"at": at, "version": "a1b2c3d"})
        feed = json.dumps([sys.executable, "-c", f"print({change!r})"])
        path = configure(
            home,
            f"alertmanager: {listener.url}\nprometheus: {listener.url}\nstate: {home / 'state'}\n"
            f"changes: [{{name: deploys, command: {feed}}}]\nproduction: [prod-*]\n",
        )
        text = await asyncio.to_thread(doctored, home)
        scripted = await asyncio.to_thread(doctored, home, "--json")
    found = json.loads(scripted.stdout)
    bad = [line for line in found["lines"] if line["verdict"] != "ok" and line["about"] != "state"]
    assert bad == []  # of the disk under this test nothing is asked
    assert found["finished"] is True
    assert {"verdict": "ok", "about": "configuration", "what": str(path), "hint": ""} in found["lines"]
    about_all = {line["about"] for line in found["lines"]}
    assert {
        "configuration",
        "alertmanager",
        "prometheus",
        "changes",
        "runbooks",
        "tools",
        "state",
        "journal",
    } <= about_all
    assert {"terminal", "platform", "editor"} <= about_all
    of_state = [line for line in found["lines"] if line["verdict"] != "ok"]
    assert (text.returncode, scripted.returncode) == ((1, 1) if of_state else (0, 0))
    assert text.stdout.startswith(f"ok       configuration {path}\n")
    assert text.stderr.endswith(" ok\n")
    assert not (home / "state").exists()


def test_a_broken_configuration_is_a_problem_and_the_machine_is_looked_at_all_the_same(home: Path) -> None:
    path = configure(home, "alertmanger: http://am\n")
    done = doctored(home)
    assert done.returncode == 1
    assert f"problem  configuration {path}:1: unknown key `alertmanger`" in done.stdout
    assert "-> did you mean `alertmanager`?" in done.stdout
    assert "ok       platform" in done.stdout
    assert "Traceback" not in done.stderr
    named = doctored(home, "--config", str(home / "gone.yaml"))
    assert (named.returncode, "there is no such file" in named.stdout) == (1, True)


@pytest.mark.fault(84, 100)
async def test_servers_programs_and_names_that_never_answer_hold_nobody_up(home: Path) -> None:
    async with Listener(silence) as silent:
        never = json.dumps([sys.executable, "-c", "import signal; signal.pause()"])
        configure(
            home,
            f"alertmanager: [{silent.url}, 'http://no-such-host.invalid:9093']\nprometheus: {silent.url}\n"
            f"changes: [{{name: deploys, command: {never}}}]\n",
        )
        done = await asyncio.to_thread(doctored, home)
    assert done.returncode == 1
    assert f"{silent.url}/api/v2/status: no answer within 8 s" in done.stdout
    assert f"{silent.url}/api/v1/query: no answer within 8 s" in done.stdout
    assert "it did not finish within 8 s" in done.stdout
    assert "ok       platform" in done.stdout
    assert "Traceback" not in done.stderr


@pytest.mark.fault(100)
async def test_a_file_that_never_answers_does_not_keep_the_program_from_ending(home: Path) -> None:
    os.mkfifo(home / "ca.pem")
    configure(home, f"alertmanager: https://127.0.0.1:9\nhttp: {{ca_file: {home / 'ca.pem'}}}\n")
    done = await asyncio.to_thread(doctored, home, "--json")
    found = json.loads(done.stdout)
    assert (done.returncode, found["finished"]) == (1, False)
    [line] = [line for line in found["lines"] if line["about"] == "alertmanager"]
    assert line["what"] == "this look did not end within 10 s"


@pytest.mark.fault(81)
async def test_no_secret_is_ever_part_of_what_the_doctor_says(home: Path) -> None:
    echo = body(f'{{"error": "bad {CANARY}"}}'.encode(), status="500 Bad")
    async with Listener(echo) as listener:
        loud = json.dumps([sys.executable, "-c", f"raise SystemExit('cannot log in with {CANARY}')"])
        key = home / "key"
        key.write_text(f"filed-{CANARY}")
        key.chmod(0o600)
        configure(
            home,
            f'prometheus: {listener.url}\nchanges: [{{name: "de\\e[31mploys", command: {loud}}}]\n'
            f"http: {{bearer_token: {{env: OWN_TOKEN}}, headers: {{X-Key: {{file: {key}}}}}}}\n",
        )
        environment = {
            "OWN_TOKEN": CANARY,
            "INCIDENT_ALERTMANAGER": listener.url.replace("//", f"//kim:{CANARY}@"),
            "DEPLOY_PASSWORD": f"more-{CANARY}",
        }
        outputs = [await asyncio.to_thread(doctored, home, *words, **environment) for words in ((), ("--json",))]
    for done in outputs:
        assert done.returncode == 1
        assert "it ended with exit 1: cannot log in with" in done.stdout
        assert CANARY not in done.stdout + done.stderr


@pytest.mark.fault(71)
async def test_a_hostile_server_cannot_write_onto_the_terminal(home: Path) -> None:
    hostile = "\x1b]52;c;QUJD\x07\x1b[2J\u202e"
    status = value({"versionInfo": {"version": f"1{hostile}"}})
    async with Listener(routes({"/api/v2/status": status})) as listener:
        configure(home, f"alertmanager: {listener.url}\n")
        done = await asyncio.to_thread(doctored, home)
    assert "version 1\n" in done.stdout
    assert not [char for char in "\x1b\x07\u202e" if char in done.stdout]
