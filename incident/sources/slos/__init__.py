"""Objectives from the files of other tools: Sloth, Pyrra and OpenSLO."""

from incident.sources.slos.files import SUFFIXES, read_files, read_text

__all__ = ["SUFFIXES", "read_files", "read_text"]
