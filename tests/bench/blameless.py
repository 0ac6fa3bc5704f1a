"""`python -m tests.bench blameless PATH...`: the lint on labelled sentences (JSON) and prose (Markdown, or folders).

A labelled file is JSON: `sentences`, each with a `text`, a `section` and what is to be expected of it: `warn`, `info`
or `none`. Every sentence that came out otherwise, and every warning in prose, goes to standard error to be looked at.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from time import process_time

from incident.core.blameless import Part, Sentence, Weight, look, look_at
from tests.bench.figures import Figure, Section

WORDS = 5_000  # of prose, in which there may be one warning
_PARTS = {
    "summary": Part.SUMMARY,
    "timeline": Part.TIMELINE,
    "root_cause": Part.CAUSE,
    "impact": Part.IMPACT,
    "well": Part.WELL,
    "badly": Part.BADLY,
    "actions": Part.ACTIONS,
}


def measure(paths: Sequence[Path]) -> Section:
    """What was found in these files and folders."""
    figures: list[Figure] = []
    prose = [path for path in paths if path.suffix != ".json"]
    for path in paths:
        if path.suffix == ".json":
            figures += labelled(path)
    if prose:
        figures += written(prose)
    return Section("blameless lint", tuple(figures))


def labelled(path: Path) -> list[Figure]:
    """Precision and recall of the warnings on labelled sentences."""
    count: Counter[tuple[str, str]] = Counter()
    for one in json.loads(path.read_text(encoding="utf-8"))["sentences"]:
        hit = look(Sentence(one["text"], part=_PARTS.get(one["section"] or "", Part.NONE)))
        got = "none" if hit is None else "warn" if hit.weight is Weight.WARNING else "info"
        count[one["expect"], got] += 1
        if got != one["expect"]:
            sys.stderr.write(f"{one['id']}: {one['expect']} wanted, {got} found: {one['text']}\n")
    right = count["warn", "warn"]
    found = sum(number for (_, got), number in count.items() if got == "warn")
    wanted = sum(number for (expected, _), number in count.items() if expected == "warn")
    silent = sum(number for (expected, got), number in count.items() if expected == got == "none")
    quiet = sum(number for (expected, _), number in count.items() if expected == "none")
    precision, recall = 100 * right / max(1, found), 100 * right / max(1, wanted)
    return [
        Figure(f"precision of {found} warnings", precision, "%", goal="95 %", met=precision >= 95),
        Figure(f"recall of {wanted} that blame", recall, "%", goal="95 %", met=recall >= 95),
        Figure(f"left alone of {quiet} that are fine", 100 * silent / max(1, quiet), "%"),
    ]


def written(paths: Sequence[Path]) -> list[Figure]:
    """Warnings per so many words of prose, and how long a thousand words take."""
    files = sorted(file for path in paths for file in (path.rglob("*.md") if path.is_dir() else [path]))
    words = warned = 0
    began = process_time()
    for file in files:
        text = file.read_text(encoding="utf-8", errors="replace")
        words += len(text.split())
        for hit in look_at(text):
            if hit.weight is Weight.WARNING:
                warned += 1
                line = text.splitlines()[hit.line - 1].strip()
                sys.stderr.write(f"{file}:{hit.line}: {hit.family.id}: {hit.words!r} in {line[:200]}\n")
    took = process_time() - began
    rate = warned / max(1, words) * WORDS
    return [
        Figure(f"warnings in {words:,} words, per {WORDS:,}", rate, "", goal="at most 1", met=rate <= 1),
        Figure("time for 1,000 words", took / max(1, words) * 1e6, "ms"),
    ]
