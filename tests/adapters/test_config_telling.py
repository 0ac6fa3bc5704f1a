"""The keys `updates` and `escalation`: what they hold, and what is said of a mistake; a webhook is a secret."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from incident.config import Config, Escalate, Secret, Updates, read
from incident.core.escalation import Rule
from incident.core.facts import Milestone
from incident.errors import ConfigError
from incident.sources.secrets import secret_names, secrets_of
from incident.world import escalation, messenger

CANARY = "https://hooks.example.com/services/T1/B1/q7Jz5canary"


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str], Path]:
    def written(text: str) -> Path:
        path = tmp_path / "config.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def test_both_keys_are_read(write: Callable[[str], Path]) -> None:
    config = read(write(
        "updates: {webhook: {command: [vault, hook]}, every: 45m, name: '#inc'}\n"
        "escalation:\n  - {who: VP Eng, after: 1h}\n"
        "  - {who: Second, after: 15m, unless: acknowledged, how: '+1 555'}\n"
    ))  # fmt: skip
    assert config.updates == Updates(Secret(command=("vault", "hook")), timedelta(minutes=45), "#inc")
    assert config.escalation == (
        Escalate("VP Eng", timedelta(hours=1)),
        Escalate("Second", timedelta(minutes=15), "acknowledged", "+1 555"),
    )
    assert escalation(config)[1] == Rule(
        "Second", "Second", timedelta(minutes=15), Milestone.ACKNOWLEDGED, "+1 555", "the configuration"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("updates: 5", "`updates` cannot be what stands here"),
        (f"updates: {CANARY}", "`updates` cannot be what stands here"),
        (f"updates: {{webhook: '{CANARY}'}}", "may not hold the secret itself"),
        (f"updates: {{webhook: {{env: '{CANARY}'}}}}", "cannot be what stands here"),
        ("updates: {webhok: {env: X}}", "unknown key `webhok` in updates"),
        ("updates: {every: 30}", "`updates.every` cannot be"),
        ("updates: {every: 0m}", "`updates.every` cannot be"),
        ("updates: {every: often}", "`updates.every` cannot be"),
        ("escalation: VP Eng", "is a list of whom to tell"),
        ("escalation: [VP Eng]", "`escalation` cannot be 'VP Eng'"),
        ("escalation: [{who: VP Eng}]", "needs `who` and `after`"),
        ("escalation: [{who: VP Eng, after: 1h, unless: bored}]", "`escalation.unless` cannot be 'bored'"),
        ("escalation: [{whom: VP Eng, after: 1h}]", "unknown key `whom` in escalation"),
    ],
)
def test_a_mistake_names_its_place_and_never_the_secret(write: Callable[[str], Path], text: str, what: str) -> None:
    with pytest.raises(ConfigError) as raised:
        read(write(text))
    assert what in raised.value.what
    assert raised.value.at.endswith("config.yaml:1")
    assert "canary" not in str(raised.value)


def test_the_webhook_is_a_secret_that_no_command_inherits_and_that_is_masked_everywhere() -> None:
    config = Config(updates=Updates(Secret(env="HOOK")))
    assert "HOOK" in secret_names(config)
    assert CANARY in secrets_of(config, {"HOOK": CANARY})
    assert messenger(config, {"HOOK": CANARY}) is not None
    assert messenger(Config(), {}) is None
