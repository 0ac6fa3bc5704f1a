"""A small real world: a service to break, a real Prometheus, a real Alertmanager, and a way to roll back."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import settings

HERE = Path(__file__).parent
ALERT = "AcmeErrorBudgetFastBurn"
GOOD, BAD = "9f8e7d6", "a1b2c3d"
PATIENCE = 90.0  # seconds; a busy machine is slow, and a wait that ends early proves nothing
_BETWEEN = 0.1  # seconds between two looks
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def binary(*names: str) -> str | None:
    """The first of these programs that is installed; Debian names Alertmanager differently."""
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/sbin", "/usr/local/bin"])
    return next(filter(None, (shutil.which(name, path=path) for name in names)), None)


def absent() -> str:
    """Why there can be no world here, or "" ."""
    missing = [
        names[0] for names in (("prometheus",), ("prometheus-alertmanager", "alertmanager")) if binary(*names) is None
    ]
    return f"not installed: {', '.join(missing)} (Debian packages of these names)" if missing else ""


class World:
    """`with World(folder) as world`: everything on free loopback ports, everything below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self._processes: dict[str, subprocess.Popen[str]] = {}
        self._ports = {"alertmanager": 0, "prometheus": 0, "acme": 0}

    def __enter__(self) -> World:
        try:
            self._lay_out()
            self._start_acme()
            self.start_alertmanager()
            self._start_prometheus()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def alertmanager_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['alertmanager']}"

    @property
    def prometheus_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['prometheus']}"

    @property
    def acme_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['acme']}"

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs to find the world's `gh` first."""
        return {"PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}"}

    @property
    def deploys(self) -> list[str]:
        """The program that prints what was deployed, one JSON object per line."""
        return [str(self.folder / "bin" / "deploys")]

    @property
    def version(self) -> str:
        """What acme runs."""
        return (self.state / "version").read_text()

    @property
    def previous(self) -> str:
        """What ran before what runs now."""
        last = (self.state / "deploys.jsonl").read_text().splitlines()[-1]
        return str(json.loads(last)["previous"])

    def break_it(self) -> None:
        """Deploy the bad version, when it is not the one that runs; the alert fires some ten seconds later."""
        if self.version != BAD:
            self._deploy(BAD, by="kim", title="Faster checkout")

    def heal(self) -> None:
        """Deploy the good version, when it is not the one that runs."""
        if self.version != GOOD:
            self._deploy(GOOD, by="kim", title="Back to good")

    def forget(self) -> None:
        """Let the version that runs have run for long: what other tests deployed is out of the list."""
        rows = (self.state / "deploys.jsonl").read_text().splitlines()
        last = {**json.loads(rows[-1]), "at": "2026-01-05T09:00:00Z", "previous": "0000aaa"}
        (self.state / "deploys.jsonl").write_text(json.dumps(last) + "\n")

    def fires(self, name: str = ALERT) -> bool:
        """Whether Alertmanager has the alert."""
        alerts = self.get(f"{self.alertmanager_url}/api/v2/alerts")
        return any(alert["labels"].get("alertname") == name for alert in alerts)

    def get(self, url: str) -> Any:
        """The JSON behind a URL."""
        with _DIRECT.open(url, timeout=10) as answer:
            return json.load(answer)

    def wait_until(self, predicate: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """Look again and again; an answer that cannot be had yet is a no. Fails with what was waited for."""
        end = time.monotonic() + seconds
        while not _holds(predicate):
            self._all_run()
            assert time.monotonic() < end, f"waited {seconds:.0f} s in vain until {what}"
            time.sleep(_BETWEEN)

    async def until(self, predicate: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
        """The same, without holding the loop."""
        await asyncio.to_thread(self.wait_until, predicate, what, seconds)

    def kill_alertmanager(self) -> None:
        """End it without a chance to say goodbye."""
        process = self._processes.pop("alertmanager")
        process.kill()
        process.wait()

    def start_alertmanager(self) -> None:
        """Start it, on the same port and with the same data as before if it ran before; return when it is ready."""
        if "alertmanager" in self._processes:
            return
        program = binary("prometheus-alertmanager", "alertmanager")
        self._start_on_a_free_port(
            "alertmanager",
            lambda port: [
                str(program),
                f"--config.file={self.folder / 'alertmanager.yml'}",
                f"--storage.path={self.folder / 'alertmanager'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--cluster.listen-address=",
            ],
        )

    def stop(self) -> None:
        """End every process that was started here."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdout:
                process.stdout.close()
        self._processes.clear()

    def _lay_out(self) -> None:
        for name in ("bin", "state", "alertmanager", "prometheus"):
            (self.folder / name).mkdir(parents=True)
        for name in ("gh", "rollback.sh", "deploys"):
            shutil.copy(HERE / name, self.folder / "bin" / name)
        (self.state / "version").write_text(GOOD)
        (self.state / "bad").write_text(BAD)
        (self.state / "versions").write_text(f"{GOOD}\n{BAD}\n")
        first = {"at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}", "version": GOOD, "previous": "", "kind": "deploy",
                 "service": "acme", "by": "kim", "title": "The first version that works"}  # fmt: skip
        (self.state / "deploys.jsonl").write_text(json.dumps(first) + "\n")
        (self.folder / "rules.yml").write_text(settings.RULES)
        (self.folder / "alertmanager.yml").write_text(settings.ALERTMANAGER)

    def _deploy(self, sha: str, *, by: str, title: str) -> None:
        subprocess.run(
            [self.folder / "bin" / "rollback.sh", sha],
            env={**os.environ, "DEPLOYED_BY": by, "DEPLOY_TITLE": title},
            check=True, capture_output=True, timeout=30,
        )  # fmt: skip

    def _start_acme(self) -> None:
        process = subprocess.Popen(
            [sys.executable, HERE / "acme.py", self.state], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
        )
        self._processes["acme"] = process
        assert process.stdout
        self._ports["acme"] = int(process.stdout.readline())

    def _start_prometheus(self) -> None:
        def command(port: int) -> list[str]:
            config = settings.prometheus(
                str(self.folder / "rules.yml"), self._ports["acme"], self._ports["alertmanager"]
            )
            (self.folder / "prometheus.yml").write_text(config)
            return [
                str(binary("prometheus")),
                f"--config.file={self.folder / 'prometheus.yml'}",
                f"--storage.tsdb.path={self.folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--rules.alert.resend-delay=2s",
            ]

        self._start_on_a_free_port("prometheus", command)

    def _start_on_a_free_port(self, name: str, command: Callable[[int], list[str]]) -> None:
        """Start a server and wait until it is ready; a port that was taken meanwhile is replaced if it may be."""
        chosen = self._ports[name]
        for _ in range(5):
            self._ports[name] = chosen or _free_port()
            log = (self.folder / f"{name}.log").open("a")
            with log:
                process = subprocess.Popen(
                    command(self._ports[name]), stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True
                )
            if self._becomes_ready(process, self._ports[name]):
                self._processes[name] = process
                return
        raise AssertionError(f"{name} does not start: {(self.folder / f'{name}.log').read_text()[-2000:]}")

    def _becomes_ready(self, process: subprocess.Popen[str], port: int) -> bool:
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            if _holds(lambda: _DIRECT.open(f"http://127.0.0.1:{port}/-/ready", timeout=5).close() or True):
                return process.poll() is None
            if time.monotonic() > end:
                process.kill()
                process.wait()
                break
            time.sleep(_BETWEEN)
        return False

    def _all_run(self) -> None:
        """A server that died must not look like one that is slow."""
        dead = [name for name, process in self._processes.items() if process.poll() is not None]
        assert not dead, f"{', '.join(dead)} ended by itself; see the logs in {self.folder}"


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _holds(predicate: Callable[[], object]) -> bool:
    try:
        return bool(predicate())
    except (OSError, ValueError, urllib.error.URLError):
        return False
