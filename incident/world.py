"""Two worlds for one engine: the real one, out of the configuration, and a drill."""

from __future__ import annotations

import contextlib
import os
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from incident.config import Config, Http, Secret, Updates
from incident.core.event import Writer
from incident.core.ports import AlertSource, ChangeSource, Clock, Exporter, Journal, Paper, SignalSource
from incident.core.postmortem.manner import Audience, Manner
from incident.core.text import plain
from incident.engine.log import Log
from incident.engine.parts import Parts, Settings
from incident.errors import ConfigError, IncidentError, UsageError
from incident.surroundings import RealSurroundings, host, login, this_process

if TYPE_CHECKING:
    from incident.core.budget.slo import Promises
    from incident.core.escalation import Rule
    from incident.core.ports import Messenger
    from incident.core.redaction import Redactor
    from incident.engine.signals import GoldenSignals
    from incident.sources.access import Access
    from incident.sources.tickets import GhTickets, HttpTickets


_GOES_ON: int | None = getattr(time, "CLOCK_BOOTTIME", None)  # Linux has it
CLOCKS = 5.0  # seconds between two looks at the clocks


class RealClock:
    """This machine's clocks."""

    def now(self) -> datetime:
        """The wall clock, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never step back, and that go on while the machine sleeps where the system can count them."""
        return time.clock_gettime(_GOES_ON) if _GOES_ON is not None else time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after so many seconds."""
        import asyncio  # the verbs that only read the clock need none of it

        await asyncio.sleep(seconds)


def writer(config: Config) -> Writer:
    """Whoever works in this process."""
    return Writer(config.person or login(), host(), this_process())


def journal(config: Config, *, read_only: bool = False, rehearsal: bool = False) -> Journal:
    """The timeline on disk. Raises JournalError."""
    from incident.journal import open_journal

    return open_journal(config.state, read_only=read_only, rehearsal=rehearsal)


def redactor(config: Config, environment: Mapping[str, str]) -> Redactor:
    """What takes the secrets out of everything that is written down. May ask a program for one of them."""
    from incident.core.redaction import Redactor
    from incident.sources.secrets import secrets_of

    return Redactor(secrets_of(config, environment))


def log(config: Config, *, read_only: bool = False) -> Log:
    """The incidents as they are on disk, for the verbs that need no engine. Raises JournalError."""
    from random import SystemRandom

    # A note must not wait for a program that prints a token; what it looks like is known without its value.
    mask = redactor(replace(config, http=Http(), changes=(), updates=Updates()), os.environ).fact
    loaded = Log(journal(config, read_only=read_only), RealClock(), writer(config), SystemRandom(), mask)
    loaded.load()
    return loaded


def real(config: Config, environment: Mapping[str, str], drill: str = "") -> Parts:
    """The engine's parts for the real world; for a live drill of that name. Raises ConfigError, JournalError."""
    from random import SystemRandom

    from incident.runner import LocalRunner
    from incident.sources.runbooks import Folders
    from incident.sources.secrets import secret_names, secrets_of

    clock = RealClock()
    access = access_of(config)
    return Parts(
        clock=clock,
        journal=journal(config, rehearsal=bool(drill)),
        writer=writer(config),
        shelf=Folders(roots(config)),
        runner=LocalRunner(secret_names(config), partial(secrets_of, config, environment)),
        surroundings=RealSurroundings(environment),
        output_for=partial(output_file, config.state),
        erase_output=partial(erase_output, config.state),
        desk=Drawer(config.state / "desk"),
        publish=publish,
        exporters=Exporters(),
        paper=paper(),
        manner=manner(config),
        alerts=alert_sources(config, clock, access),
        changes=change_sources(config, clock, environment),
        signals=signal_source(config, clock, access),
        promises=promises(config),
        messenger=messenger(config, environment),
        chance=SystemRandom(),
        redactor=redactor(config, environment),
        settings=Settings(
            poll=config.poll,
            clocks=CLOCKS,
            read_only=config.read_only,
            read_only_targets=config.read_only_targets,
            production=config.production,
            approval=config.approval,
            runbook_map=config.runbook_map,
            postmortems=str(config.postmortems),
            environment=environment,
            drill=drill,
            live=bool(drill),
            update_every=config.updates.every,
            escalation=escalation(config),
        ),
    )


def roots(config: Config) -> list[Path]:
    """The folders with runbooks: the configured ones, else ./runbooks when there is one."""
    if config.runbooks:
        return list(config.runbooks)
    here = Path("runbooks")
    return [here.resolve()] if here.is_dir() else []


def alert_sources(config: Config, clock: RealClock, access: Access) -> list[AlertSource]:
    """Where the alerts come from."""
    if not config.alertmanager:
        return []
    from incident.sources.alerts import KINDS

    kind = KINDS.load("alertmanager")
    return [kind(config.alertmanager, clock=clock, access=access, page=config.page, info=config.info)]


def change_sources(
    config: Config, clock: Clock, environment: Mapping[str, str], patience: float = 10.0
) -> list[ChangeSource]:
    """Where the changes come from; one look takes at most `patience` seconds. Raises UsageError."""
    if not config.changes:
        return []
    from incident.sources.changes import KINDS
    from incident.sources.changes.around import Around

    around = Around(clock, environment, patience)
    return [KINDS.load(feed.kind)(feed, around) for feed in config.changes]


def signal_source(config: Config, clock: RealClock, access: Access) -> SignalSource | None:
    """Where the golden signals come from."""
    if not config.prometheus:
        return None
    from incident.sources.signals.prometheus import Prometheus

    return Prometheus(config.prometheus, clock=clock, access=access, plans=config.signals)


def messenger(config: Config, environment: Mapping[str, str]) -> Messenger | None:
    """Where updates go; None when no webhook is configured. Its address is asked for when something is sent."""
    webhook = config.updates.webhook
    if webhook is None:
        return None
    from incident.sources.messages.webhook import Webhook
    from incident.sources.secrets import value_of

    return Webhook(partial(value_of, webhook, environment), config.updates.name)


def escalation(config: Config) -> tuple[Rule, ...]:
    """Whom to tell when, as the configuration says."""
    from incident.core.escalation import Rule
    from incident.core.facts import Milestone

    return tuple(
        Rule(one.who, one.who, one.after, Milestone(one.unless), one.how, "the configuration")
        for one in config.escalation
    )


def promises(config: Config) -> Promises:
    """The objectives of the configuration and of the files that it names; what cannot be read there is among them."""
    from incident.core.budget.slo import Promises

    if not config.slo_files:
        return Promises(config.slos)
    from incident.sources.slos import read_files

    found = read_files(config.slo_files)
    own = {slo.title for slo in config.slos}
    return Promises((*config.slos, *(slo for slo in found.slos if slo.title not in own)), found.problems)


def golden_signals(
    config: Config, clock: RealClock, access: Access, *, since: bool
) -> tuple[GoldenSignals, SignalSource]:
    """What asks the configured Prometheus; both are to be closed afterwards. Raises UsageError.

    `since` says that it is also looked for when each alert started.
    """
    from incident.engine.signals import GoldenSignals

    source = signal_source(config, clock, access)
    if source is None:
        raise UsageError("no Prometheus is set up", hint="--prometheus URL, or `prometheus: URL` in the configuration")
    return GoldenSignals(source, clock, config.poll, lambda _: since), source


def access_of(config: Config, environment: Mapping[str, str] | None = None) -> Access:
    """How the servers are reached and let in; secrets are asked for when they are needed. Raises ConfigError."""
    from incident.sources.access import Access
    from incident.sources.secrets import value_of

    http, variables = config.http, os.environ if environment is None else environment
    if http.config_file:
        from incident.sources.http_config import access_in

        return access_in(http.config_file)
    try:
        return Access(
            headers={name: value for name, value in http.headers.items() if isinstance(value, str)},
            headers_from={
                name: partial(value_of, secret, variables)
                for name, secret in http.headers.items()
                if isinstance(secret, Secret)
            },
            token_from=partial(value_of, http.bearer_token, variables) if http.bearer_token else None,
            user=http.username,
            password_from=partial(value_of, http.password, variables) if http.password else None,
            ca_file=http.ca_file,
            cert_file=http.cert_file,
            key_file=http.key_file,
        )
    except UsageError as off:
        raise ConfigError(f"`http` cannot be used: {off.what}", at=str(config.file or ""), hint=off.hint) from None


def tickets(config: Config, environment: Mapping[str, str]) -> HttpTickets | GhTickets:
    """Where the tickets of action items are made. Raises UsageError, ConfigError."""
    from incident.core.actions.ticket import tracker
    from incident.sources.access import Access
    from incident.sources.secrets import value_of
    from incident.sources.tickets import GhTickets, HttpTickets

    known = config.tickets
    if known is None:
        hint = "for example `tickets: {github: acme/shop}`"
        raise UsageError("no tracker is configured", at=str(config.file or ""), hint=hint)
    if known.kind == "github":
        return GhTickets(known.project, environment)
    late = partial(value_of, known.token, environment) if known.token else None
    access = Access(user=known.user, password_from=late) if known.user else Access(token_from=late)
    cloud = known.url.rstrip("/").endswith(".atlassian.net")
    names = {"gitlab": "a GitLab", "gitea": "a Gitea", "jira": "a Jira"}
    asked = tracker(known.kind, known.project, cloud=cloud, type_=known.type)
    return HttpTickets(known.url, asked, kind=names[known.kind], clock=RealClock(), access=access)


class Drawer:
    """The desk as files in one folder that only their owner can read."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def left(self, name: str) -> str:
        """What lies there under a name."""
        try:
            return plain(self._place(name).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError):
            return ""

    def leave(self, name: str, text: str) -> None:
        """Leave something there. A file is replaced whole, so that a crash leaves the old or the new one."""
        place = self._place(name)
        with contextlib.suppress(OSError):
            if not text:
                place.unlink(missing_ok=True)
                return
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = place.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            fresh.replace(place)

    def _place(self, name: str) -> Path:
        return self._folder / f"{quote(name, safe='')}.txt"


class Exporters(Mapping[str, Callable[[], Exporter]]):
    """The formats by name. What is installed is looked up when it is asked for: no start has to wait for it."""

    def __getitem__(self, name: str) -> Callable[[], Exporter]:
        """What loads the exporter."""
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """The names, in alphabetical order."""
        return iter(self._known)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._known)

    @cached_property
    def _known(self) -> dict[str, Callable[[], Exporter]]:
        from incident.exports import registry

        return {name: partial(registry.exporter, name) for name in registry.names()}


def paper() -> Paper:
    """The exported documents on disk."""
    from incident.exports.file import Files

    return Files()


def manner(config: Config, *, public: bool = False, written: str = "") -> Manner:
    """How this team's post-mortems are written. Raises ExportError when its template cannot be read."""
    from incident.exports.file import template

    return Manner(
        Audience.PUBLIC if public else Audience.INTERNAL,
        config.postmortem.headings,
        template(config.postmortem.template),
        written,
    )


def publish(path: str, text: str) -> tuple[str, ...]:
    """Write an export; what a person wrote in a draft that is there already is kept. Raises ExportError."""
    from incident.exports.file import save, save_markdown
    from incident.exports.ics import remind

    place = Path(path)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
    except OSError as broken:
        raise IncidentError(f"the folder cannot be made: {broken.strerror}", at=str(place.parent)) from None
    if place.suffix == ".md":
        kept = tuple(save_markdown(place, text))
        with contextlib.suppress(IncidentError):  # the document is what counts; a front matter may be half edited
            remind(place, datetime.now(UTC))
        return kept
    save(place, text)
    return ()


def output_file(state: Path, incident: str, run: str) -> str:
    """The file for a command's output, in a folder that only its owner can read."""
    folder = state / "output" / incident
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return str(folder / f"{run}.log")


_PLAIN_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*\Z", re.ASCII)


def erase_output(state: Path, incident: str, run: str) -> bool:
    """Take what a command printed off the disk for good; whether there was anything. Raises OSError.

    An order to do so may come from another machine: a name that leads elsewhere is none of ours.
    """
    from incident.runner.erasing import erase

    owner, _, name = run.rpartition("/")
    if owner != incident or not _PLAIN_NAME.match(incident) or not _PLAIN_NAME.match(name):
        return False
    return erase(str(state / "output" / incident / f"{name}.log"))


def crash_file(config: Config) -> Path:
    """Where a failure of the program itself is written down."""
    return config.state / f"crash-{os.getpid()}.txt"
