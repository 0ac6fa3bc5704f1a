"""Runbooks: what a Markdown file asks the reader to do, without the file having to change."""

from incident.core.runbook.model import (
    Attributes,
    Branch,
    Command,
    Contact,
    Effect,
    Form,
    Input,
    Origin,
    Runbook,
    Runnable,
    Section,
    SectionKind,
    Step,
)

__all__ = [
    "Attributes", "Branch", "Command", "Contact", "Effect", "Form", "Input", "Origin", "Runbook", "Runnable",
    "Section", "SectionKind", "Step",
]  # fmt: skip
