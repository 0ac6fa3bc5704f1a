"""This machine: the terminal, what the system offers to the runner, the editor, and what the tools act on."""

from __future__ import annotations

import ctypes
import os
import shlex
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from shutil import which

from incident.cli.doctor.looks import Lines, Look
from incident.config import Config
from incident.core.command import is_production
from incident.core.doctor import Line, ok, terminal, warning
from incident.core.text import one_line
from incident.surroundings import RealSurroundings, host, login

_IS_SUBREAPER = 37  # PR_GET_CHILD_SUBREAPER
# A harmless command of each tool that has an ambient target; none of them is run.
_TOOLS = (
    ("git", "push"), ("gh", "run", "list"), ("kubectl", "get", "pods"), ("helm", "list"), ("aws", "s3", "ls"),
    ("gcloud", "info"), ("docker", "ps"), ("terraform", "plan"),
)  # fmt: skip


def looks(config: Config, environment: Mapping[str, str]) -> list[Look]:
    """Looks at everything that needs no configuration."""
    return [
        Look("terminal", blocks=partial(screen, environment)),
        Look("platform", blocks=partial(platform, sys.platform, Path("/proc"))),
        Look("editor", blocks=partial(editor, environment)),
        Look("targets", blocks=partial(targets, config, environment)),
    ]


def screen(environment: Mapping[str, str]) -> Lines:
    """The terminal of this process."""
    size: tuple[int, int] | None = None
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        with suppress(OSError, ValueError, AttributeError):
            size = size or os.get_terminal_size(stream.fileno())
    return list(terminal(environment, size, getattr(sys.stdout, "encoding", None) or ""))


def platform(system: str, proc: Path) -> Lines:
    """What the runner can rely on here. `system` is Python's name for it."""
    python = ".".join(str(number) for number in sys.version_info[:3])
    first = ok("platform", f"{system}, Python {python}, as {login()}@{host()}")
    if not system.startswith("linux"):
        hint = "processes that leave their command's session may go on when it is stopped: look with ps"
        return [first, warning("platform", "only Linux can find every process that a command started", hint)]
    if not (proc / "self" / "stat").is_file():
        hint = "mount /proc; until then a process that outlives its command may not be found"
        return [first, warning("platform", "/proc is not there", hint)]
    if not _adopts():
        hint = "the kernel or its sandbox does not allow it; a process that outlives its command may not be found"
        return [first, warning("platform", "orphaned processes cannot be adopted", hint)]
    return [first, ok("platform", "/proc is there, and orphaned processes are adopted: every one can be stopped")]


def _adopts() -> bool:
    """Whether the kernel knows child subreapers."""
    answer = ctypes.c_int()
    try:
        return int(ctypes.CDLL(None).prctl(_IS_SUBREAPER, ctypes.byref(answer))) == 0
    except (OSError, AttributeError):
        return False


def editor(environment: Mapping[str, str]) -> Lines:
    """The program that `e` opens a runbook with."""
    variable = next((name for name in ("VISUAL", "EDITOR") if environment.get(name)), "")
    told = environment.get(variable, "vi")
    try:
        program = shlex.split(told)[0]
    except (ValueError, IndexError):
        return [
            warning("editor", f"{variable} is no command: {one_line(told, 100)}", "set it to a program, such as vim")
        ]
    where = which(program, path=environment.get("PATH", os.defpath))
    named = f"{one_line(program, 200)} ({variable or 'neither VISUAL nor EDITOR is set'})"
    if where is None:
        return [warning("editor", f"{named} is not on PATH", "set EDITOR to one that is, for example vim")]
    return [ok("editor", f"{named}")]


def targets(config: Config, environment: Mapping[str, str]) -> Lines:
    """What each tool that is installed would act on from here."""
    surroundings = RealSurroundings(environment)
    return [
        line
        for argv in _TOOLS
        if which(argv[0], path=environment.get("PATH", os.defpath)) and (line := _target(argv, surroundings, config))
    ]


def _target(argv: tuple[str, ...], surroundings: RealSurroundings, config: Config) -> Line | None:
    target = surroundings.target(argv)
    if not target.name:
        return None
    production = ", which is production" if is_production(target, config.production) else ""
    return ok("targets", f"{argv[0]} would act on {target.name}{production} ({target.origin})")
