"""What may stand in a configuration, and what the tool was told once it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

from incident.core.alert import INFO_WORDS, PAGE_WORDS

# Every key, its shape for a reader, and what it does. The README's reference is held to this table by a test.
KEYS: dict[str, tuple[str, str]] = {
    "alertmanager": ("URL, or a list of URLs of one cluster", "where the alerts come from"),
    "prometheus": ("URL", "where the golden signals come from"),
    "runbooks": ("folder, or a list of folders", "where the Markdown runbooks are; default: ./runbooks when it exists"),
    "runbook_map": ("alert name: runbook path", "says which runbook belongs to an alert; wins over everything else"),
    "changes": ("list of {name, command: [argv]}", "programs that print recent changes as JSON lines"),
    "poll": ("seconds, 1 to 300", "the shortest pause between two looks at Alertmanager; default 5"),
    "page": ("list of words", "severity labels that mean a page"),
    "info": ("list of words", "severity labels that nobody has to act on"),
    "production": ("list of patterns such as prod-*", "targets whose name has to be typed before something changes"),
    "read_only": (
        "true or false, or a list of patterns such as prod-*",
        "no command that may change something can run; with patterns, none on a target that one of them matches",
    ),
    "approval": (
        "list of patterns such as prod-*",
        "a command that may change such a target, or names it, waits for a second person: `incident approve`",
    ),
    "person": ("name", "who you are on the timeline; default: your login"),
    "state": ("folder", "where the timeline is kept; default: the system's state folder"),
    "postmortems": ("folder", "where exports go; default: ./postmortems"),
    "http": (
        "{ca_file, cert_file, key_file, username, password, bearer_token, headers}, or {config_file}",
        "how to reach the servers; a secret is {env: NAME}, {file: PATH} or {command: [argv]}; config_file is amtool's",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is to be had from; the secret itself is never part of a configuration. Exactly one is set."""

    env: str = ""  # the name of a variable
    file: str = ""  # a full path; the file is its owner's alone
    command: tuple[str, ...] = ()  # a program that prints it, run without a shell


@dataclass(frozen=True, slots=True)
class Http:
    """How to reach the servers; paths are absolute."""

    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    username: str = ""
    password: Secret | None = None
    bearer_token: Secret | None = None
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    config_file: str = ""  # a Prometheus http_config, in place of everything above

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that is referred to here."""
        own = (self.password, self.bearer_token, *self.headers.values())
        return tuple(one for one in own if isinstance(one, Secret))


@dataclass(frozen=True, slots=True)
class Feed:
    """A program that prints changes."""

    name: str
    command: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Config:
    """What the tool was told, and by which file."""

    alertmanager: tuple[str, ...] = ()
    prometheus: str = ""
    runbooks: tuple[Path, ...] = ()
    runbook_map: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Feed, ...] = ()
    poll: float = 5.0
    page: frozenset[str] = PAGE_WORDS
    info: frozenset[str] = INFO_WORDS
    production: tuple[str, ...] = ()
    read_only: bool = False
    read_only_targets: tuple[str, ...] = ()  # patterns of targets on which only what reads may run
    approval: tuple[str, ...] = ()  # patterns of targets on which a second person has to agree to a change
    person: str = ""
    state: Path = field(default_factory=lambda: Path(platformdirs.user_state_path("incident")))
    postmortems: Path = Path("postmortems")
    http: Http = Http()
    file: Path | None = None
