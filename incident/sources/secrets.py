"""Secrets that this tool itself uses: fetched from where the configuration says, and known, to be kept out of sight.

No secret is written down, logged, or part of an error's words.
"""

from __future__ import annotations

import base64
import os
import re
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from incident.config import Config, Secret
from incident.core.text import one_line
from incident.errors import IncidentError, SourceError

_FILE_LIMIT = 65_536  # bytes
_PATIENCE = 5.0  # seconds for a program that prints a secret
_KEPT = 60.0  # seconds that a program's answer is used again; the console asks a server every few seconds
_NAMED_SO = re.compile(
    r"(?i)TOKEN|SECRET|PASSW|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|AUTH|SIGNING|ENCRYPTION)_?KEY(?!_?ID)"
)
_NAMES_A_PLACE = re.compile(r"(?i)_(?:FILE|PATH|DIR|URL|URI|HOST|NAME|ENV|TYPE|TTL|SOCK|CMD|COMMAND|PROMPT|ID)\Z")
_OF_GH = frozenset({"GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"})
_BY_HAND = "run it by hand and look"
_SHORTEST = 8  # characters of a variable's value that may be a secret; a shorter one is a word or a number


def private_file(path: str, what: str = "the secret's file") -> str:
    """What stands in a file that only its owner can read, without blanks around it. Raises SourceError."""
    try:
        # Non-blocking, so that a named pipe in the file's place cannot hold the request.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no such path"
        raise SourceError(f"{what} cannot be read: {reason}", at=path, hint="check its path") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise SourceError(f"{what} is no regular file", at=path, hint="check its path")
        if status.st_mode & 0o077:
            mode = stat.S_IMODE(status.st_mode)
            raise SourceError(f"others can read {what} (mode {mode:04o})", at=path, hint="chmod 600 it")
        return file.read(_FILE_LIMIT).decode("utf-8", "replace").strip()


def value_of(secret: Secret, environment: Mapping[str, str]) -> str:
    """The secret itself. Blocks on a file or for some seconds on a program. Raises SourceError."""
    if secret.env:
        text = environment.get(secret.env, "")
        if not text.strip():
            hint = "set it where `incident` is started"
            raise SourceError("the variable with the secret is not set", at=secret.env, hint=hint)
        return _one(text, f"the variable {secret.env}", "set it to the secret and nothing else")
    if secret.file:
        return _one(private_file(secret.file), f"the file {secret.file}", "one line, nothing else")
    return PRINTED.by(secret.command)


def _one(text: str, place: str, hint: str) -> str:
    stripped = text.strip()
    if not stripped or not stripped.isprintable():
        what = "several lines, or characters that no secret has" if stripped else "nothing"
        raise SourceError(f"{place} holds {what}", hint=hint)
    return stripped


@dataclass(slots=True)
class Printed:
    """What programs printed as secrets: used again for a while, and known to the end of this process."""

    patience: float = _PATIENCE  # seconds for a run
    kept: float = _KEPT  # seconds that an answer is used again
    clock: Callable[[], float] = time.monotonic
    _fresh: dict[tuple[str, ...], tuple[float, str]] = field(default_factory=dict, repr=False)
    _known: dict[tuple[str, ...], list[str]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def by(self, argv: tuple[str, ...]) -> str:
        """What the program prints, stripped. Raises SourceError when that is not one line, or not there in time."""
        with self._lock:
            at, value = self._fresh.get(argv, (0.0, ""))
            if not value or not 0 <= self.clock() - at < self.kept:
                value = _run(argv, self.patience)
                self._fresh[argv] = self.clock(), value
                if value not in self._known.setdefault(argv, []):
                    self._known[argv].append(value)
            return value

    def known(self, argv: tuple[str, ...]) -> tuple[str, ...]:
        """Everything that it printed so far, also what it prints no longer."""
        return tuple(self._known.get(argv, ()))


PRINTED = Printed()


def _run(argv: tuple[str, ...], patience: float) -> str:
    """Run it without a shell, without input, in a session of its own that is ended with it."""
    shown = one_line(argv[0], 200)  # its arguments may say more than others should read
    outlet, inlet = os.pipe()
    with os.fdopen(outlet, "rb", 0):
        code = _code_of(argv, inlet, patience, shown)
        os.set_blocking(outlet, False)  # a child that fled may still hold the other end
        try:
            printed = os.read(outlet, _FILE_LIMIT).decode("utf-8", "replace")
        except BlockingIOError:
            printed = ""
    if code != 0:
        raise SourceError(f"the program for the secret ended with exit {code}", at=shown, hint=_BY_HAND)
    return _one(printed, f"what {shown} printed", "let it print the secret and nothing else")


def _code_of(argv: tuple[str, ...], inlet: int, patience: float, shown: str) -> int:
    """The exit code of the program, which prints into `inlet`. Nothing of it is left behind."""
    try:
        process = subprocess.Popen(  # noqa: S603 - what the configuration names
            argv, stdin=subprocess.DEVNULL, stdout=inlet, stderr=subprocess.DEVNULL, start_new_session=True
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "its arguments cannot be passed on"
        raise SourceError(f"the program for the secret cannot be started: {reason}", at=shown, hint=_BY_HAND) from None
    finally:
        os.close(inlet)
    try:
        # What fits into the pipe is enough; a program that prints more never ends by itself.
        return process.wait(patience)
    except subprocess.TimeoutExpired:
        what = f"the program for the secret did not finish within {patience:g} s, or printed far too much"
        raise SourceError(what, at=shown, hint=_BY_HAND) from None
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def secret_names(config: Config) -> frozenset[str]:
    """The variables with this tool's own secrets, which no command may inherit; `gh` would be lost without its own."""
    return frozenset(secret.env for secret in config.secrets if secret.env) - _OF_GH


def secrets_of(config: Config, environment: Mapping[str, str]) -> tuple[str, ...]:
    """Every secret value that this tool knows of, longest first: its own, and those in the environment.

    Never raises: what cannot be had is not known. Blocks on files, and for some seconds on programs.
    """
    found = {value.strip() for value in (*_own(config, environment), *_in_environment(environment)) if value.strip()}
    return tuple(sorted(found, key=lambda value: (-len(value), value)))


def _own(config: Config, environment: Mapping[str, str]) -> Iterator[str]:
    for secret in config.secrets:
        with suppress(IncidentError):
            yield (value := value_of(secret, environment))
            if secret is config.http.password:
                yield base64.b64encode(f"{config.http.username}:{value}".encode()).decode()
        yield from PRINTED.known(secret.command)
    if config.http.config_file:
        from incident.sources.http_config import secrets_in

        with suppress(IncidentError):
            yield from secrets_in(config.http.config_file)
    for url in (*config.alertmanager, config.prometheus):
        yield unquote(urlsplit(url).password or "")


def _in_environment(environment: Mapping[str, str]) -> Iterator[str]:
    for name, value in environment.items():
        named_so = _NAMED_SO.search(name) and not _NAMES_A_PLACE.search(name)
        if named_so and len(value) >= _SHORTEST and not _is_path(value):
            yield value


def _is_path(value: str) -> bool:
    """Whether the value names a file that is there, such as one with credentials."""
    try:
        return value.startswith("/") and Path(value).exists()
    except (OSError, ValueError):
        return False
