"""`python -m tests.bench.kills [N]`: kill -9 at random points while four writers append; what is lost, if anything.

Each trial kills one writer somewhere in its work while three others go on. A folder serves many trials, so that its
journal grows old. A third of the writers are killed while they redact what they wrote.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import incident
from incident.core.facts import Tombstone
from incident.journal import open_journal

ROOT = Path(incident.__file__).parents[1]
WRITER = ROOT / "tests" / "adapters" / "journal_writer.py"
WRITERS = 4
TRIALS = 1_000
TOGETHER = 100  # trials in one folder
SEED = 20260502


@dataclass(slots=True)
class Found:
    """What became of acknowledged work."""

    trials: int = 0
    acknowledged: int = 0
    redacted: int = 0
    lost: int = 0
    duplicates: int = 0
    unreadable: int = 0
    payloads: int = 0  # texts that were said to be redacted and are still on disk

    @property
    def good(self) -> bool:
        """Nothing was lost, doubled, broken or left behind."""
        return not (self.lost or self.duplicates or self.unreadable or self.payloads)

    def as_text(self) -> str:
        """One line per count."""
        return (
            f"kill -9 trials            {self.trials:>8,}\n"
            f"events acknowledged       {self.acknowledged:>8,}\n"
            f"redactions acknowledged   {self.redacted:>8,}\n"
            f"events lost               {self.lost:>8,}\n"
            f"events doubled            {self.duplicates:>8,}\n"
            f"journals not whole        {self.unreadable:>8,}\n"
            f"payloads left behind      {self.payloads:>8,}\n"
        )


def killed(folder: Path, number: int) -> list[str]:
    """Let a writer work, kill it somewhere; the lines that it said before: an id when it was acknowledged."""
    chance = random.Random(SEED + number)
    manner = "redacting" if number % 3 == 0 else "honest"
    with subprocess.Popen(
        [sys.executable, str(WRITER), str(folder), str(number), manner, "0"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as running:
        assert running.stdin
        assert running.stdout
        running.stdin.write(b"\n")
        running.stdin.flush()
        said = [running.stdout.readline() for _ in range(chance.randint(0, 12))]
        # the moment of the kill is what is tried out
        time.sleep(chance.choice((0.0, chance.uniform(0, 0.006), chance.uniform(0, 0.15))))
        running.send_signal(signal.SIGKILL)
        said.extend(running.stdout.readlines())
    return [line.decode().strip() for line in said if line.endswith(b"\n")]


def tried(folder: Path, numbers: range) -> Found:
    """Some trials on one journal, and a look at all that it holds afterwards."""
    with ThreadPoolExecutor(WRITERS) as supervisors:
        said = [line for lines in supervisors.map(lambda number: killed(folder, number), numbers) for line in lines]
    gone = {line.removeprefix("gone ") for line in said if line.startswith("gone ")}
    kept = {line for line in said if not line.startswith("gone ")}
    journal = open_journal(folder)
    report = journal.verify()
    events, _ = journal.after(0)
    counts = Counter(event.id for event in events)
    journal.close()
    data = b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
    buried = {event.id for event in events if isinstance(event.fact, Tombstone)}
    return Found(
        trials=len(numbers),
        acknowledged=len(kept),
        redacted=len(gone),
        lost=len(kept - counts.keys()) + len(gone - buried),
        duplicates=sum(count - 1 for count in counts.values()),
        unreadable=int(not report.whole or bool(report.kept)),
        payloads=sum(f"secret of {name} ".encode() in data for name in gone),
    )


def main() -> int:
    """Try as often as is asked for; 1 when anything was lost."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else TRIALS
    found = Found()
    for first in range(0, wanted, TOGETHER):
        with tempfile.TemporaryDirectory() as folder:
            more = tried(Path(folder), range(first, min(wanted, first + TOGETHER)))
        for name in Found.__slots__:
            setattr(found, name, getattr(found, name) + getattr(more, name))
    sys.stdout.write(found.as_text())
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
