"""What lies outside of this machine: alerts, signals, changes, messages, tickets, and how each is let in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from incident.config import Config, Secret
from incident.core.ports import AlertSource, ChangeSource, Clock, SignalSource
from incident.errors import ConfigError, UsageError
from incident.world.clock import RealClock

if TYPE_CHECKING:
    from incident.core.budget.slo import Promises
    from incident.core.escalation import Rule
    from incident.core.ports import Messenger
    from incident.engine.signals import GoldenSignals
    from incident.sources.access import Access
    from incident.sources.tickets import GhTickets, HttpTickets


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
