"""What is true of every runbook, whatever it was read from."""

from __future__ import annotations

from incident.core.runbook import Runbook
from incident.core.text import plain


def is_well_formed(runbook: Runbook) -> None:
    """Steps have identities of their own, stand in sections, and say nothing that acts; commands are never empty."""
    assert len({step.id for step in runbook.steps}) == len(runbook.steps)
    for step in runbook.steps:
        assert plain(step.text) == step.text
        assert 1 <= step.lines[0] <= step.lines[1]
        assert 0 <= step.section < len(runbook.sections)
        assert all(0 <= index < len(runbook.commands) for index in step.commands)
    for command in runbook.commands:
        assert command.text.strip()
