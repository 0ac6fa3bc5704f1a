"""What may stand in a configuration, and what the tool was told once it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from incident.core.alert import INFO_WORDS, PAGE_WORDS

if TYPE_CHECKING:
    from incident.core.budget.slo import Slo
    from incident.core.signals.wanted import Wanted

# Every key, its shape for a reader, and what it does. The README's reference is held to this table by a test.
KEYS: dict[str, tuple[str, str]] = {
    "alertmanager": ("URL, or a list of URLs of one cluster", "where the alerts come from"),
    "prometheus": ("URL", "where the golden signals come from"),
    "signals": (
        "{service or default: {name: {query, unit, limit or floor}}}",
        "your own queries for latency, traffic, errors, saturation or more; `$labels.NAME` is the alert's",
    ),
    "runbooks": ("folder, or a list of folders", "where the Markdown runbooks are; default: ./runbooks when it exists"),
    "runbook_map": ("alert name: runbook path", "says which runbook belongs to an alert; wins over everything else"),
    "changes": (
        "list of {command: [argv]}, {github: OWNER/REPOSITORY}, {git: FOLDER}, {terraform: FOLDER}",
        "where changes are told; name, service and more may stand beside: `incident help feeds`",
    ),
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
    "postmortem": (
        "{template: FILE, headings: [seven headings]}",
        "your own shape of a post-mortem: a Jinja2 template, or other words for the seven headings, in their order",
    ),
    "slos": (
        "list of {name, service, objective, window, good and total or bad and total or error_ratio, from, alerts}",
        "what is promised, for the error budget; `$window` in a query is the place of its length of time",
    ),
    "slo_files": ("file or folder, or a list of them", "objectives as Sloth, Pyrra or OpenSLO have them"),
    "updates": (
        "{webhook: {env: NAME}, every: 30m, name: '#inc-acme'}",
        "a Slack-compatible webhook, as {env: NAME}, {file: PATH} or {command: [argv]}; how often an update is due",
    ),
    "escalation": (
        "list of {who, after: 1h, unless: acknowledged, mitigated or resolved, how}",
        "whom to tell so long after an incident began, beside what the runbook's Escalation section says",
    ),
    "tickets": (
        "{github: OWNER/REPOSITORY}, or {gitlab, gitea or jira: PROJECT, url, token: {env: NAME}}",
        "where `incident actions ID --ticket N` makes tickets; GitHub through `gh`; Jira also takes user and type",
    ),
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
    """A source of changes: its kind as it is registered, and what the kind has to know."""

    name: str
    command: tuple[str, ...] = ()
    kind: str = "command"
    service: str = ""  # whose changes they are, where they do not say it themselves
    token: Secret | None = None
    options: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Updates:
    """Where updates go, and how often there is one."""

    webhook: Secret | None = None
    every: timedelta | None = None
    name: str = ""  # what people call the place, such as a channel


@dataclass(frozen=True, slots=True)
class Escalate:
    """Somebody is to be told so long after an incident began, unless a milestone came before."""

    who: str
    after: timedelta
    unless: str = "mitigated"
    how: str = ""


@dataclass(frozen=True, slots=True)
class Tickets:
    """The tracker for action items; github goes through `gh`, which has its own address and token."""

    kind: str  # github, gitlab, gitea, jira
    project: str
    url: str = ""
    token: Secret | None = None
    user: str = ""  # beside a token that is a password; "" for a bearer token
    type: str = "Task"  # the type of a Jira issue


@dataclass(frozen=True, slots=True)
class PostMortem:
    """How post-mortems look."""

    template: Path | None = None
    headings: tuple[str, ...] = (
        "Summary", "Timeline", "Root cause", "Impact", "What went well", "What went badly", "Action items",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Config:
    """What the tool was told, and by which file."""

    alertmanager: tuple[str, ...] = ()
    prometheus: str = ""
    signals: Mapping[str, Mapping[str, Wanted]] = field(default_factory=dict)  # by service and name
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
    postmortem: PostMortem = PostMortem()
    http: Http = Http()
    updates: Updates = Updates()
    escalation: tuple[Escalate, ...] = ()
    slos: tuple[Slo, ...] = ()
    slo_files: tuple[Path, ...] = ()
    tickets: Tickets | None = None
    file: Path | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Every secret that is referred to."""
        hook = (self.updates.webhook,) if self.updates.webhook else ()
        tracker = (self.tickets.token,) if self.tickets and self.tickets.token else ()
        return (*self.http.secrets, *(feed.token for feed in self.changes if feed.token), *hook, *tracker)
