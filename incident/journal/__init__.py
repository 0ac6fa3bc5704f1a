"""The timeline on disk: one SQLite file that loses nothing it has acknowledged."""

from incident.journal.store import SqliteJournal, open_journal
from incident.journal.verify import Chain, Problem, Report

__all__ = ["Chain", "Problem", "Report", "SqliteJournal", "open_journal"]
