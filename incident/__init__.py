"""A terminal console for the engineer on call: alert, runbook, commands, timeline, post-mortem, drill."""

__version__ = "0.1.0"
