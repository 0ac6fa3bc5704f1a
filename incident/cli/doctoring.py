"""`incident doctor`: is everything reachable and sane."""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from incident.cli.verb import Progress, config_arguments, config_of, print_json, say
from incident.config import Config
from incident.core.text import one_line
from incident.errors import IncidentError

if TYPE_CHECKING:
    from incident.cli.doctor.looks import Looked

_PATIENCE = 10.0  # seconds for everything together


class Doctor:
    """Looks at everything that an incident depends on, all at once."""

    def arguments(self, page: argparse.ArgumentParser) -> None:
        """Which configuration."""
        config_arguments(page)
        page.add_argument("--json", action="store_true", help="for scripts")

    def run(self, options: argparse.Namespace) -> int:
        """Look, and say how it is: 1 when there is a problem or a warning."""
        from incident.core.doctor import Verdict, summary, text_lines
        from incident.core.redaction import Redactor

        environment = dict(os.environ)
        config, refused = _configured(options)
        looked, secrets = _look(config, refused, environment)
        redactor = Redactor(secrets)  # a program's own last words may hold one
        lines = [
            replace(line, what=redactor.text(one_line(line.what)), hint=redactor.text(one_line(line.hint)))
            for line in looked.lines
        ]
        if options.json:
            print_json({"lines": [line.as_json() for line in lines], "finished": looked.finished})
        else:
            print("\n".join(text_lines(lines)))
        say(summary(lines))
        code = 1 if any(line.verdict is not Verdict.OK for line in lines) else 0
        if not looked.finished:
            _leave_now(code)
        return code


def _configured(options: argparse.Namespace) -> tuple[Config, IncidentError | None]:
    """The configuration, or the defaults and what is wrong with it: the rest is worth looking at all the same."""
    try:
        return config_of(options), None
    except IncidentError as off:
        return Config(), off


def _look(config: Config, refused: IncidentError | None, environment: dict[str, str]) -> tuple[Looked, list[str]]:
    """What was seen everywhere, and the secrets that may not be shown with it."""
    from incident.cli.doctor import ground, machine, paper, servers
    from incident.cli.doctor.looks import Lines, Look, all_of
    from incident.sources.secrets import secrets_of

    secrets: list[str] = []

    def learn_secrets() -> Lines:
        secrets.extend(secrets_of(config, environment))
        return []

    looks = [
        Look("configuration", blocks=lambda: paper.configuration(config, refused)),
        Look("secrets", blocks=learn_secrets),
        *([] if refused else [*servers.looks(config, environment), *paper.looks(config, environment)]),
        *ground.looks(config),
        *machine.looks(config, environment),
    ]
    progress = Progress("looked at {done} of {total}")
    try:
        return all_of(looks, _PATIENCE, progress.tell), secrets
    finally:
        progress.end()


def _leave_now(code: int) -> None:
    """End without waiting for what hangs: Python would wait for its threads."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
