"""Runs one command as a process of its own, follows its output, and stops it when asked."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from incident.runner.local import LocalRunner

__all__ = ["LocalRunner"]


def __getattr__(name: str) -> object:
    """Load the runner when it is asked for: a supervisor lives in this package too, and needs nothing of it."""
    if name not in __all__:
        raise AttributeError(name)
    from incident.runner.local import LocalRunner

    return LocalRunner
