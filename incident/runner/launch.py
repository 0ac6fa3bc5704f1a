"""From an order to everything a supervisor needs, or to the reason in words why nothing can be run."""

from __future__ import annotations

import errno
import os
import shutil
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from secrets import token_hex

from incident.core.ports import Order
from incident.errors import RunError
from incident.runner.layout import HEAD, PART
from incident.runner.wire import MARK, Sealed

OWN_PREFIX = "INCIDENT_"  # this tool's own settings, tokens among them
NO_PAGERS = {"PAGER": "cat", "GIT_PAGER": "cat"}  # nobody is there to press a key
_REASONS = {
    errno.E2BIG: ("its arguments are longer than this system allows", "put them in a file"),
    errno.ENOEXEC: ("this system cannot execute the file", "a script begins with a line like #!/bin/sh"),
    errno.EACCES: ("the file may not be executed", "look at its permissions and at its #! line"),
    errno.ENOENT: ("the program that its first line names is not there", "look at its #! line"),
    errno.EAGAIN: ("this machine has no room for another process", "see `ps` and `ulimit -u`"),
    errno.ENOMEM: ("this machine has no memory for another process", "see `free`"),
}


def sealed(
    order: Order,
    hidden: Collection[str],
    secrets: Iterable[str] = (),
    *,
    patience: tuple[float, float, float],
    layout: tuple[int, int] = (HEAD, PART),
    pagers: Mapping[str, str] = NO_PAGERS,
) -> Sealed:
    """The order with everything looked up that can be wrong. Raises RunError."""
    mark = f"{order.run} {token_hex(8)}"
    environment = {**environment_for(order, hidden, os.environ, pagers), MARK: mark}
    program = _program(order, environment)
    try:
        _without_zeros(*order.argv, *environment, *environment.values())
        return Sealed(
            program=os.fsencode(program),
            argv=[os.fsencode(word) for word in order.argv],
            directory=os.fsencode(order.directory),
            environment=[os.fsencode(f"{name}={value}") for name, value in environment.items()],
            output=os.fsencode(Path(order.output).absolute()),
            mark=os.fsencode(mark),
            outlives=order.outlives,
            carry=[os.fsencode(name) for name in order.carry] if Path(order.argv[0]).name == "bash" else [],
            secrets=[one.encode("utf-8", "surrogateescape") for one in secrets],
            patience=patience,
            layout=layout,
        )
    except ValueError as error:
        raise RunError(
            f"{order.argv[0]!r} cannot be started: {error}", at=program, hint="look for odd characters in it"
        ) from None


def not_started(order: Order, number: int) -> RunError:
    """Why the system did not make the process, by its own number."""
    what, hint = _REASONS.get(number, (os.strerror(number), "nothing was run"))
    return RunError(f"{order.argv[0]} cannot be started: {what}", at=order.directory, hint=hint)


def no_supervisor(status: int) -> RunError:
    """Why nothing ran when the supervisor itself did not, by its exit status."""
    return RunError(
        f"the process that watches over a command ended at once, exit {status}",
        at=sys.executable,
        hint="nothing was run; repair this installation",
    )


def environment_for(
    order: Order, hidden: Collection[str], inherited: Mapping[str, str], pagers: Mapping[str, str] = NO_PAGERS
) -> dict[str, str]:
    """What the command inherits: everything but this tool's settings and the secrets, and no pager that waits."""
    kept = {name: value for name, value in inherited.items() if not name.startswith(OWN_PREFIX) and name not in hidden}
    environment = {**kept, **order.environment, **pagers}
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


def _without_zeros(*words: str) -> None:
    if any("\0" in word for word in words):
        raise ValueError("embedded null byte")
