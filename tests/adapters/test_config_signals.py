"""The key `signals`: a team's own queries, and every mistake in them before anything is asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.config import Config, read
from incident.core.signals.wanted import Wanted
from incident.errors import ConfigError


def config(tmp_path: Path, text: str) -> Config:
    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return read(path)


def test_a_signal_is_a_query_with_its_unit_and_its_limit(tmp_path: Path) -> None:
    found = config(
        tmp_path,
        "signals:\n"
        "  default:\n"
        "    errors: {query: 'e{job=\"$labels.job\"}', unit: ratio, limit: 0.05}\n"
        "    lag: sum(lag)\n"
        "  shop:\n"
        "    p99: {query: l, unit: ms, limit: 500}\n"
        "    up: {query: u, unit: '%', floor: 99}\n",
    ).signals
    assert found == {
        "default": {"errors": Wanted('e{job="$labels.job"}', "%", 100.0, 5.0), "lag": Wanted("sum(lag)")},
        "shop": {"p99": Wanted("l", "s", 0.001, 0.5), "up": Wanted("u", "%", 1.0, 99.0, True)},
    }


@pytest.mark.parametrize(
    ("text", "line", "what", "hint"),
    [
        ("signals: up", 1, "`signals` cannot be 'up'", "{service or default"),
        ("signals:\n  shop: [up]", 2, "cannot be", "{service or default"),
        ("signals:\n  shop:\n    errors: {quarry: up}", 3, "unknown key `quarry` in a signal", "did you mean `query`?"),
        ("signals:\n  shop:\n    errors: {unit: s}", 3, "a signal needs a query", "for example"),
        ("signals:\n  shop:\n    errors: {query: up, limit: 1, floor: 2}", 3, "not both", "for example"),
        ("signals:\n  shop:\n    errors: {query: up, limit: high}", 3, "cannot be 'high'", "a number"),
        ("signals:\n  shop:\n    errors: {query: up, limit: .nan}", 3, "cannot be '.nan'", "a number"),
        ("signals:\n  shop:\n    errors: {query: up, limit: true}", 3, "cannot be True", "a number"),
        ("signals:\n  shop:\n    errors: {query: up, unit: a very long unit}", 3, "cannot be", "ratio, %"),
        ("signals:\n  shop:\n    errors: 'up{'", 3, "brackets or quotes", ""),
        ("signals:\n  shop:\n    errors: up{job=$labels.job}", 3, "stands where no label's value can stand", "matcher"),
        ("signals:\n  shop:\n    '[b]': up", 3, "cannot name a signal", "a short word"),
        ("signals:\n  shop:\n    errors:", 3, "cannot be empty", ""),
    ],
)
def test_a_mistake_names_its_line_and_what_to_do(tmp_path: Path, text: str, line: int, what: str, hint: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text)
    assert caught.value.at.endswith(f"config.yaml:{line}")
    assert what in caught.value.what
    assert hint in caught.value.hint
