"""Other tools' timelines as rows: bytes or JSON in, dated and cleaned lines out."""

from incident.core.importing.row import Found, Told, not_yet, within

__all__ = ["Found", "Told", "not_yet", "within"]
