"""Action items: read from a post-mortem's own table, looked at, reviewed, and written back without another change."""

from __future__ import annotations

from incident.core.actions.item import ActionItem, Outcome
from incident.core.actions.page import ActionPage, read

__all__ = ["ActionItem", "ActionPage", "Outcome", "read"]
