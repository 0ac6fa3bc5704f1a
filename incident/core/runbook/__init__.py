"""Runbooks: what a Markdown file asks the reader to do, without the file having to change."""

from incident.core.runbook.model import (
    Branch,
    Command,
    Contact,
    Effect,
    Form,
    Origin,
    Runbook,
    Runnable,
    Section,
    SectionKind,
    Step,
)

__all__ = [
    "Branch", "Command", "Contact", "Effect", "Form", "Origin", "Runbook", "Runnable", "Section", "SectionKind", "Step",
]  # fmt: skip
