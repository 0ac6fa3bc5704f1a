"""Every error that a person can meet: what happened, where, and what to do next.

IncidentError
  UsageError       the command line or a typed value is off               exit 2
    ConfigError    the configuration file is off, with file and line
  SourceError      Alertmanager, Prometheus, a change feed did not answer  exit 3
  RunbookError     a runbook cannot be read, or may not be
  JournalError     the timeline on disk cannot be read or written
    IncidentExists   another terminal opened this incident first
  RunError         a command cannot be prepared or started
  ExportError      a post-mortem cannot be written, or the format is not known
  DrillError       a scenario is off, with file and line
"""

from __future__ import annotations


class IncidentError(Exception):
    """Something a person has to know: `what` happened, `at` which place, and what `hint` says to do next."""

    exit_code = 1

    def __init__(self, what: str, *, at: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.at = at
        self.hint = hint

    def __str__(self) -> str:
        """One line: where, what, what next."""
        place = f"{self.at}: " if self.at else ""
        following = f" - {self.hint}" if self.hint else ""
        return f"{place}{self.what}{following}"


class UsageError(IncidentError):
    """The command line, or a value typed into it, cannot be used."""

    exit_code = 2


class ConfigError(UsageError):
    """The configuration cannot be used; `at` is file:line."""


class SourceError(IncidentError):
    """An outside source did not give a usable answer; the last good data stays valid, with its age."""

    exit_code = 3


class RunbookError(IncidentError):
    """A runbook cannot be read, or lies where none may be read from."""


class JournalError(IncidentError):
    """The timeline on disk cannot be read or written; nothing that was acknowledged is affected."""


class IncidentExists(JournalError):  # noqa: N818 - it is an answer more than an error
    """An incident of this id was opened before, perhaps in another terminal; it can be joined."""


class RunError(IncidentError):
    """A command cannot be prepared or started; nothing ran."""


class ExportError(IncidentError):
    """A post-mortem cannot be written; what stood in the file before is still there."""


class DrillError(IncidentError):
    """A scenario cannot be played; `at` is file:line."""

    exit_code = 2
