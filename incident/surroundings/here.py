"""This machine, this user, this folder."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from incident.core.command import Target
from incident.core.event import Writer
from incident.errors import IncidentError
from incident.surroundings.identity import host, login, started_at
from incident.surroundings.line import targets_of
from incident.surroundings.place import Place


class RealSurroundings:
    """This machine, this user, this folder."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment

    @property
    def who(self) -> str:
        """`kim@laptop-7`."""
        return f"{login()}@{host()}"

    @property
    def directory(self) -> str:
        """The working directory. Raises IncidentError when it is gone."""
        try:
            return str(Path.cwd())
        except FileNotFoundError:
            raise IncidentError("the working directory is gone", hint="start again from another folder") from None

    def target(self, argv: Sequence[str]) -> Target:
        """What the program would act on, read from the files and variables that it reads itself.

        A line for a shell can name several. Empty where it is not certain: after a `cd` to nobody knows where, behind
        sudo or ssh.
        """
        found: dict[str, str] = {}
        for target in targets_of(argv, Place(Path(self.directory), dict(self._environment))):
            found.setdefault(target.name, target.origin)
        return Target(" + ".join(found), "; ".join(dict.fromkeys(found.values())))

    def alive(self, writer: Writer) -> bool:
        """Whether the process that wrote an event still runs; one on another machine counts as alive."""
        if writer.host != host():
            return True
        number, _, began = writer.process.partition("-")
        if not re.fullmatch(r"[1-9][0-9]{0,9}", number):
            return False
        try:
            os.kill(int(number), 0)
        except (ProcessLookupError, OverflowError):
            return False
        except PermissionError:
            pass
        return not began or started_at(int(number)) == began
