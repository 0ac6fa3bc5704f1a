"""The signals of one alert, asked for again each second: keys among them, and what that costs."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager

from tests.bench.figures import Figure, Section, share
from tests.bench.keys import one_by_one
from tests.bench.programs import ROOT, Desk, Program, beside_the_bar, desk, firing, incident
from tests.bench.rest import processor_seconds
from tests.bench.terminal import NoAnswerError, Terminal

SERIES = 16
KEYS_GOAL = 50.0  # milliseconds, p95
CPU_GOAL = 8.0  # percent of one core
SECONDS = 10.0
_PATIENCE = 30.0


def measure() -> Section:
    """Keys and processor time while every value is asked for each second."""
    with firing(1) as alerts, answering() as prometheus, desk() as on:
        program = console(alerts, prometheus, on)
        with on.open(program) as terminal:
            terminal.until_sent(program.rows)
            terminal.listen(1.5)
            terminal.press("m")
            _until(terminal, r"series 0005")
            terminal.listen(3.0)
            latencies = one_by_one(terminal, program)
            painted, before, asked = terminal.taken_in, processor_seconds(terminal.process), _asked(prometheus)
            terminal.listen(SECONDS)
            used = (processor_seconds(terminal.process) - before) / SECONDS * 100
            bytes_a_second = (terminal.taken_in - painted) / SECONDS
            rounds = (_asked(prometheus) - asked) / SERIES / SECONDS
    p95 = share(latencies, 0.95)
    return Section(
        f"signals: {SERIES} series, each asked for once a second",
        (
            Figure("key to changed row: p50", share(latencies, 0.5), "ms"),
            Figure("key to changed row: p95", p95, "ms", goal=f"{KEYS_GOAL:g} ms", met=p95 < KEYS_GOAL),
            Figure("processor time, of one core", used, "%", goal=f"{CPU_GOAL:g} %", met=used < CPU_GOAL),
            Figure("rounds of questions each second", rounds, ""),
            Figure("painted each second", bytes_a_second, "B"),
        ),
    )


def console(alerts: str, prometheus: str, on: Desk) -> Program:
    """The console on one alert, with as many signals beside it as are measured."""
    config = on.folder / "signals.yaml"
    own = "".join(f"    series {at:04}: sum(rate(series_{at:04}_total[5m]))\n" for at in range(1, SERIES))
    config.write_text(
        f"alertmanager: {alerts}\nprometheus: {prometheus}\npoll: 1\nrunbooks: {ROOT / 'runbooks'}\n"
        f"signals:\n  default:\n{own}",
        encoding="utf-8",
    )
    return Program("signals", incident("--config", str(config)), b"QueueLag0000", beside_the_bar)


@contextmanager
def answering() -> Iterator[str]:
    """The URL of a server that has an answer to every query."""
    argv = [sys.executable, "-m", "tests.bench.prometheus"]
    with subprocess.Popen(argv, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.kill()


def _asked(prometheus: str) -> int:
    """How many questions the server was asked."""
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{prometheus}/count", timeout=10) as said:
        return int(said.read())


def _until(terminal: Terminal, pattern: str) -> None:
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        terminal.listen(0.05)
        terminal.painted(lambda: None)
        if re.search(pattern, terminal.text):
            return
    raise NoAnswerError(f"{pattern!r} did not appear\n{terminal.text}")
