"""Runs one command as a process of its own, follows its output, and stops it when asked."""

from incident.runner.local import LocalRunner

__all__ = ["LocalRunner"]
