"""What the configuration and the runbooks say, and whether this machine can live up to it."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from shutil import which

from incident import world
from incident.cli.doctor.looks import Lines, Look
from incident.config import Config, Secret, places
from incident.core.command import needs_shell
from incident.core.doctor import Line, ok, problem, warning
from incident.core.text import one_line
from incident.errors import IncidentError

_READ = 1_000  # runbooks of one folder that are read for the programs they want
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]*")
_NAMED = 12  # missing programs that get a line of their own


def looks(config: Config, environment: Mapping[str, str]) -> list[Look]:
    """Looks at the secrets that the configuration names, and at each runbook folder."""
    found = [Look("secrets", blocks=partial(_secrets, config, environment))]
    roots = world.roots(config)
    if not roots:
        hint = "name their folder: `runbooks` in the configuration, or --runbooks"
        missing = warning("runbooks", "there is no folder with runbooks", hint)
        return [*found, Look("runbooks", blocks=lambda: [missing])]
    return [*found, *(Look("runbooks", blocks=partial(folder, root, environment)) for root in roots)]


def configuration(config: Config, refused: IncidentError | None) -> Lines:
    """Which configuration counts, or why there is none."""
    if refused is not None:
        what = f"{refused.at}: {refused.what}" if refused.at else refused.what
        return [problem("configuration", what, refused.hint or "see `incident help config`")]
    if config.file is None:
        return [ok("configuration", f"there is no file; it would be {places()[0]}")]
    safety = [
        f"{name} for {', '.join(patterns)}"
        for name, patterns in (
            ("typed names", config.production),
            ("a second person", config.approval),
            ("read-only", ("everything",) if config.read_only else config.read_only_targets),
        )
        if patterns
    ]
    return [
        ok("configuration", str(config.file)),
        *([ok("configuration", one_line("; ".join(safety), 300))] if safety else []),
    ]


def _secrets(config: Config, environment: Mapping[str, str]) -> Lines:
    """Whether each secret can be had, and by its owner alone. None of them is shown."""
    http = config.http
    files = [Secret(file=http.config_file)] if http.config_file else []
    lines = [_secret(secret, environment) for secret in http.secrets]
    lines += [_shut(Path(one.file), "the http_config") for one in files]
    if http.key_file:
        lines.append(_shut(Path(http.key_file), "the client's key"))
    return lines


def _secret(secret: Secret, environment: Mapping[str, str]) -> Line:
    if secret.env:
        if environment.get(secret.env, "").strip():
            return ok("secrets", f"the variable {secret.env} is set")
        return problem("secrets", f"the variable {secret.env} is not set", "set it where `incident` is started")
    if secret.file:
        return _shut(Path(secret.file), "the secret")
    program = secret.command[0]
    if which(program, path=environment.get("PATH", os.defpath)) is None:
        return problem("secrets", f"there is no program {program}, which would print a secret", "install it")
    return ok("secrets", f"the program {program}, which prints a secret, is there")


def _shut(path: Path, what: str) -> Line:
    """Whether a file is there and closed to others."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        path.open("rb").close() if path.is_file() else None
    except OSError as error:
        return problem("secrets", f"the file with {what} cannot be read: {error.strerror}: {path}", "check its path")
    if mode & 0o077:
        return problem(
            "secrets", f"others may read the file with {what} (mode {mode:04o}): {path}", f"chmod 600 {path}"
        )
    return ok("secrets", f"the file with {what} is closed to others: {path}")


def folder(root: Path, environment: Mapping[str, str]) -> Lines:
    """A runbook folder: how many there are, and which of their programs are missing."""
    from incident.sources.runbooks import Folders

    if not root.is_dir() or not os.access(root, os.R_OK | os.X_OK):
        what = "cannot be looked into" if root.is_dir() else "is not there"
        return [problem("runbooks", f"{root} {what}", "check the path and its permissions")]
    shelf = Folders([root])
    listed = shelf.listing()
    if not listed:
        return [warning("runbooks", f"{root} holds no Markdown file", "is this the right folder?")]
    wanted = _Wanted(environment.get("PATH", os.defpath))
    unread = []
    for known in listed[:_READ]:
        try:
            wanted.add(shelf.read(str(Path(known.root) / known.path)).data, known.path)
        except IncidentError as failed:
            unread.append(str(failed))
    told = "1 runbook" if len(listed) == 1 else f"{len(listed):,} runbooks"
    part = f" (the first {_READ:,} were read for their programs)" if len(listed) > _READ else ""
    lines = [ok("runbooks", f"{root} holds {told}{part}")]
    if unread:
        hint = "`incident check` says more"
        lines.append(problem("runbooks", f"{len(unread)} of them cannot be read: {one_line(unread[0], 300)}", hint))
    return [*lines, *wanted.lines()]


class _Wanted:
    """The programs that runbooks want and this machine does not have."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._there: dict[str, bool] = {}
        self._required: dict[str, list[str]] = {}  # program: the runbooks whose front matter requires it
        self._used: dict[str, list[str]] = {}  # program: where it begins a command

    def add(self, data: bytes, path: str) -> None:
        """What one runbook wants."""
        from incident.core.check.shellwords import calls, filled
        from incident.core.runbook import Origin, Runnable
        from incident.core.runbook.read import read

        runbook = read(data, path)
        for program in runbook.requires:
            self._note(self._required, program, path)
        for command in runbook.commands:
            # A program that nobody knows makes a command only probable, unless it stands in a block for a shell.
            block = command.language == "shell" and command.origin in (Origin.FENCE, Origin.TRANSCRIPT)
            if command.runnable is Runnable.YES or (block and command.runnable is Runnable.PROBABLE):
                for call in calls(filled(command)):
                    self._note(self._used, call.program, f"{path}:{command.line}")

    def lines(self) -> Lines:
        """One line for each, up to a number that is still read."""
        missing = [
            problem("tools", f"{program} is not on PATH; {_places(places)} requires it", "install it")
            for program, places in sorted(self._required.items())
        ]
        missing += [
            warning(
                "tools",
                f"{program} is not on PATH; {_places(places)} runs it",
                "install it, or that step cannot be run from here",
            )
            for program, places in sorted(self._used.items())
            if program not in self._required
        ]
        if not missing:
            return [ok("tools", "every program that they want is on PATH")]
        if len(missing) > _NAMED:
            more = warning("tools", f"and {len(missing) - _NAMED} more", "`incident check --tools` names them all")
            return [*missing[:_NAMED], more]
        return missing

    def _note(self, known: dict[str, list[str]], program: str, place: str) -> None:
        if program not in self._there:
            of_the_shell = not _PROGRAM.fullmatch(program) or needs_shell(program)
            self._there[program] = of_the_shell or which(program, path=self._path) is not None
        if not self._there[program] and place not in known.setdefault(program, []):
            known[program].append(place)


def _places(places: list[str]) -> str:
    return one_line(places[0], 200) + (f" (and {len(places) - 1} more)" if len(places) > 1 else "")
