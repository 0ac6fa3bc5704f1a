"""A real Prometheus whose past was written beforehand: counters with a known number of requests and failures."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.system.world import _DIRECT, PATIENCE, binary

STEP = 60  # seconds between two samples


def absent() -> str:
    """Why there can be no such server here, or "" ."""
    missing = [name for name in ("prometheus", "promtool") if binary(name) is None]
    return f"not installed: {', '.join(missing)} (in the Debian package prometheus)" if missing else ""


class Backfilled:
    """`with Backfilled(folder, series, start, end) as server`: series by name, each the value at a Unix time.

    A value of None leaves a gap.
    """

    def __init__(
        self,
        folder: Path,
        series: Mapping[str, Callable[[int], float | None]],
        start: int,
        end: int,
        rules: str = "groups: []\n",
    ) -> None:
        self._folder = folder
        self._series = series
        self._start, self._end = start, end
        self._rules = rules
        self._process: subprocess.Popen[bytes] | None = None
        self.url = ""

    def __enter__(self) -> Backfilled:
        written = self._folder / "past.om"
        with written.open("w", encoding="utf-8") as file:
            file.writelines(self._lines())
        data = self._folder / "data"
        data.mkdir()
        subprocess.run(
            [str(binary("promtool")), "tsdb", "create-blocks-from", "openmetrics", "--max-block-duration=720h",
             str(written), str(data)],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        written.unlink()
        (self._folder / "rules.yml").write_text(self._rules)
        config = self._folder / "prometheus.yml"
        config.write_text("global: {evaluation_interval: 1s}\nrule_files: [rules.yml]\n")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._process = subprocess.Popen(
            [str(binary("prometheus")), f"--config.file={config}", f"--storage.tsdb.path={data}",
             "--storage.tsdb.retention.time=10y", f"--web.listen-address=127.0.0.1:{port}", "--log.level=error"],
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + PATIENCE
        while not self._ready():
            assert self._process.poll() is None, "the server ended"
            assert time.monotonic() < end, "the server does not get ready"
            time.sleep(0.1)  # the server tells nobody when it is ready
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)
        shutil.rmtree(self._folder / "data", ignore_errors=True)

    def ask(self, query: str, at: float) -> float:
        """The one value of a query at a time, asked by other means than the program's own."""
        words = urllib.parse.urlencode({"query": query, "time": f"{at:.3f}"})
        (one,) = self.get(f"/api/v1/query?{words}")["data"]["result"]
        return float(one["value"][1])

    def get(self, path: str) -> Any:
        """The JSON behind a path."""
        with _DIRECT.open(f"{self.url}{path}", timeout=30) as answer:
            return json.load(answer)

    def _ready(self) -> bool:
        try:
            return _DIRECT.open(f"{self.url}/-/ready", timeout=5).status == 200
        except OSError:
            return False

    def _lines(self) -> Iterator[str]:
        for name in sorted({name.partition("{")[0] for name in self._series}):
            yield f"# TYPE {name.removesuffix('_total')} {'counter' if name.endswith('_total') else 'gauge'}\n"
            for series, value in self._series.items():
                if series.partition("{")[0] == name:
                    for at in range(self._start, self._end + 1, STEP):
                        if (known := value(at)) is not None:
                            yield f"{series} {known} {at}\n"
        yield "# EOF\n"
