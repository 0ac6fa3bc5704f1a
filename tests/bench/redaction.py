"""`python -m tests.bench.redaction FILE [FOLDER]`: how much of a labelled set is masked, what else is, and how fast.

FILE is JSON: `items`, each with a `label` (`secret` or `clean`), a `kind` and `segments`, which are lists of a sort
(`t` is text, `s` a secret) and parts to be joined. FOLDER holds Markdown, in which every mask counts as a false alarm.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from time import thread_time
from typing import Any

from incident.core.redaction import Filter, Redactor, findings
from incident.core.redaction.table import FORMS
from tests.bench.figures import Figure, Section

_RUN = 5  # characters of a secret that survive together: it was not masked
_BLOCK = 65_536
_FLOOD = 8_000_000  # bytes
_PUMPED = 16_000  # characters
_LOG = (
    '10.0.{0}.7 - - [02/May/2026:03:07:{1:02} +0000] "GET /api/v1/orders/{0}?page=2 HTTP/1.1" 200 {0} "-" "curl/8"\n'
    '2026-05-02T03:07:{1:02}Z level=info caller=main.go:{0} msg="job finished" duration={1}ms trace_id={0:032x}\n'
    "2026-05-02 03:07:{1:02},{0:03} INFO [http-nio-8080-exec-3] com.acme.OrderService - order {0} done in {1} ms\n"
)


def labelled(path: Path) -> Section:
    """Recall and precision on a labelled set; what was missed or harmed goes to standard error."""
    caught = secrets = harmed = 0
    for item in json.loads(path.read_text(encoding="utf-8"))["items"]:
        text = "".join(part for _, *parts in item["segments"] for part in parts)
        made = Redactor().text(text)
        if item["label"] == "secret":
            secrets += 1
            caught += not _survives(item, made)
        else:
            harmed += made != text
        if (item["label"] == "secret" and _survives(item, made)) or (item["label"] == "clean" and made != text):
            sys.stderr.write(f"{item['label']} {item['kind']}: {item['id']}\n")
    return Section(
        f"{path.name}: {secrets} secrets",
        (
            Figure("recall", 100 * caught / max(1, secrets), "%"),
            Figure("precision", 100 * caught / max(1, caught + harmed), "%"),
        ),
    )


def _survives(item: dict[str, Any], made: str) -> bool:
    secrets = ["".join(parts) for sort, *parts in item["segments"] if sort == "s"]
    return any(secret[at : at + _RUN] in made for secret in secrets for at in range(len(secret) - _RUN + 1))


def alarms(folder: Path) -> Section:
    """Masks per MB of Markdown; each goes to standard error, with its line."""
    size = found = 0
    for path in sorted(folder.rglob("*.md")):
        text = path.read_text(encoding="utf-8", errors="replace")
        size += len(text.encode())
        lines = text.split("\n")
        for one in findings(text):
            if one.sure:
                found += 1
                sys.stderr.write(f"{path}:{one.line}: {one.kind}: {lines[one.line - 1].strip()[:150]}\n")
    return Section(f"{folder}: {size / 1e6:.1f} MB", (Figure("masks per MB", found / max(1, size) * 1e6, ""),))


def flood() -> Section:
    """How much passes in a second of processor time."""
    log = "".join(_LOG.format(number % 997, number % 60) for number in range(_FLOOD // 300)).encode()
    noisy = log.replace(b"level=info", b"level=info user_key=none")
    kinds = {
        "y": b"y\n" * (_FLOOD // 2),
        "log": log,
        "log, every third line suspect": noisy,
        "zeros": bytes(_FLOOD),
    }
    return Section("flood", tuple(Figure(name, _rate(data), "MB/s") for name, data in kinds.items()))


def _rate(data: bytes) -> float:
    def work() -> None:
        stream = Filter()
        for begin in range(0, len(data), _BLOCK):
            stream.feed(data[begin : begin + _BLOCK])
        stream.end()

    return len(data) / 1e6 / min(_took(work) for _ in range(3))


def pumps() -> Section:
    """The longest that a pumped line takes, beside the same line of an eighth of the length."""
    units = {need for form in FORMS for need in form.needs} | {need + "=" for form in FORMS for need in form.needs}
    worst, unit = max((_pumped(unit, _PUMPED), unit) for unit in [*units, *"1aA =\"'/.-_:@", "a=", "a b "])
    least = _pumped(unit, _PUMPED // 8)
    return Section(
        "pumped lines",
        (Figure(f"worst: {unit!r} x 16 kB", worst * 1e3, "ms", ratio=worst / least, to="an eighth of it"),),
    )


def _pumped(unit: str, size: int) -> float:
    line = (unit * (size // len(unit) + 1))[:size]
    return min(_took(lambda: Redactor().text(line)) for _ in range(2))


def _took(work: Callable[[], object]) -> float:
    begin = thread_time()
    work()
    return thread_time() - begin


def main() -> int:
    """Measure, and print."""
    page = argparse.ArgumentParser(prog="python -m tests.bench.redaction", description=__doc__)
    page.add_argument("file", type=Path, metavar="FILE")
    page.add_argument("folder", type=Path, nargs="?", metavar="FOLDER")
    options = page.parse_args()
    sections = [labelled(options.file), *([alarms(options.folder)] if options.folder else []), flood(), pumps()]
    sys.stdout.write("".join(f"{section.as_text()}\n" for section in sections))
    return 0


if __name__ == "__main__":
    sys.exit(main())
