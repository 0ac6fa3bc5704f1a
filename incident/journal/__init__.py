"""The timeline on disk: one SQLite file that loses nothing it has acknowledged."""

from incident.journal.believing import Problem
from incident.journal.exchange import Taken
from incident.journal.store import SqliteJournal, open_journal
from incident.journal.verify import Chain, Report

__all__ = ["Chain", "Problem", "Report", "SqliteJournal", "Taken", "open_journal"]
