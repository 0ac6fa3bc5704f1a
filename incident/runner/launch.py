"""From an order to a process, or to the reason in words why there is none."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from incident.core.ports import Order
from incident.errors import RunError

MARK = "RUN_BY_INCIDENT"  # the variable that every process of a run inherits
OWN_PREFIX = "INCIDENT_"  # this tool's own settings, tokens among them
_PAGERS = {"PAGER": "cat", "GIT_PAGER": "cat"}
_REASONS = {
    errno.E2BIG: ("its arguments are longer than this system allows", "put them in a file"),
    errno.ENOEXEC: ("this system cannot execute the file", "a script begins with a line like #!/bin/sh"),
    errno.EACCES: ("the file may not be executed", "look at its permissions and at its #! line"),
    errno.ENOENT: ("the program that its first line names is not there", "look at its #! line"),
    errno.EAGAIN: ("this machine has no room for another process", "see `ps` and `ulimit -u`"),
    errno.ENOMEM: ("this machine has no memory for another process", "see `free`"),
}


@dataclass(frozen=True, slots=True)
class Launched:
    """A process that was just made."""

    process: int
    mark: bytes  # `NAME=value` in the environment of this process and what it starts, and of no other
    reading: int  # an open handle for its output


def launch(order: Order, hidden: Collection[str]) -> Launched:
    """Start the command in its own session, its output going to the order's file.

    Raises RunError; then nothing ran and the output file is not there.
    """
    mark = f"{order.run} {secrets.token_hex(8)}"
    environment = {**environment_for(order, hidden, os.environ), MARK: mark}
    program = _program(order, environment)
    _see_children_end()
    try:
        output = os.open(order.output, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise RunError(
            f"the file for the output cannot be made: {error.strerror}",
            at=order.output,
            hint="free some space, or choose another folder for the state",
        ) from None
    try:
        reading = os.open(order.output, os.O_RDONLY | os.O_CLOEXEC)
        try:
            process = _process(order, program, environment, output)
            return Launched(process, os.fsencode(f"{MARK}={mark}"), reading)
        except BaseException:
            os.close(reading)
            raise
    except BaseException:
        Path(order.output).unlink(missing_ok=True)
        raise
    finally:
        os.close(output)


def environment_for(order: Order, hidden: Collection[str], inherited: Mapping[str, str]) -> dict[str, str]:
    """What the command inherits: everything but this tool's settings and the secrets, and no pager that waits."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(OWN_PREFIX) and name not in hidden}
    environment = {**kept, **order.environment, **_PAGERS}
    places, _ = search_path(environment)
    return {**environment, "PATH": os.pathsep.join(places)}


def search_path(environment: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The folders to look for programs in, and the entries left out: those that mean another place in each folder."""
    entries = environment.get("PATH", os.defpath).split(os.pathsep)
    return [entry for entry in entries if entry.startswith("/")], [e for e in entries if not e.startswith("/")]


def _program(order: Order, environment: Mapping[str, str]) -> str:
    """The full path of the program. Raises RunError."""
    directory = Path(order.directory)
    if not (directory.is_absolute() and directory.is_dir()):
        raise RunError(
            "the working directory is not there any more", at=order.directory or '""', hint="nothing was run"
        )
    if not order.argv or not order.argv[0]:
        raise RunError("there is no command", hint="nothing was run")
    name = order.argv[0]
    if "/" in name:
        return _named(directory / name, name)
    found = shutil.which(name, path=environment["PATH"])
    if found is None:
        raise _not_found(order, name)
    return found


def _named(path: Path, name: str) -> str:
    if not path.exists():
        raise RunError(f"there is no program {name}", at=str(path), hint="nothing was run")
    if path.is_dir() or not os.access(path, os.X_OK):
        raise RunError(f"{name} is no program that may be executed", at=str(path), hint=f"chmod +x {name}")
    return str(path)


def _not_found(order: Order, name: str) -> RunError:
    places, left_out = search_path({**os.environ, **order.environment})
    there = next((place for place in places if (Path(place) / name).is_file()), None)
    if there is not None:
        return RunError(f"{name} may not be executed", at=f"{there}/{name}", hint=f"chmod +x {there}/{name}")
    hint = "install it, or write its full path"
    if (Path(order.directory) / name).is_file():
        hint = f"there is one in {order.directory}, which is not searched: write ./{name} if it is that one"
    elif left_out:
        shown = ", ".join(repr(entry) for entry in left_out)
        hint = f"not searched, because it is another place in every directory: {shown}; {hint}"
    return RunError(f"there is no program {name}", at=os.pathsep.join(places), hint=hint)


def _process(order: Order, program: str, environment: Mapping[str, str], output: int) -> int:
    try:
        process = subprocess.Popen(  # noqa: S603 - an argument list without a shell is the point of this module
            order.argv,
            executable=program,
            cwd=order.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        what, hint = _REASONS.get(error.errno or 0, (error.strerror or str(error), "nothing was run"))
        raise RunError(f"{order.argv[0]} cannot be started: {what}", at=program, hint=hint) from None
    except ValueError as error:
        raise RunError(
            f"{order.argv[0]!r} cannot be started: {error}", at=program, hint="look for odd characters in it"
        ) from None
    # Its end is asked for by its number. Without this the object would complain when it is dropped on leaving.
    process.returncode = 0
    return process.pid


def _see_children_end() -> None:
    """Undo an inherited wish not to know how children end: with it every exit status would read as lost."""
    if signal.getsignal(signal.SIGCHLD) is signal.SIG_IGN and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
