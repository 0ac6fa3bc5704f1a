"""What `incident check` learns about alert rules from a live server and from past incidents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from incident.cli.verb import Progress
from incident.config import Config
from incident.core.check.health import NOTHING, Learned, wanted
from incident.errors import IncidentError, SourceError

if TYPE_CHECKING:
    from incident.core.check.alert_rules import RuleFile
    from incident.core.check.health import Past, Seen, Stretch
    from incident.sources.rule_server import RuleServer


class Teacher:
    """Asks for what is not in the files. `asked` is whether somebody asked for the server by name.

    `notes` are what a person should know; `failed` is whether a server that was asked for did not answer.
    """

    def __init__(self, config: Config, asked: bool, *, offline: bool, journal: bool) -> None:
        self._config = config
        self._asked = asked
        self._server = bool(config.prometheus) and (asked or not offline)
        self._journal = journal or self._server
        self.notes: list[str] = []
        self.failed = False

    def learn(self, files: Sequence[RuleFile]) -> Learned:
        """Everything about the rules of these files; what cannot be had is said, and not judged."""
        learned = NOTHING
        if self._server:
            import asyncio

            learned = asyncio.run(self._ask(files))
        return replace(learned, past=self._past()) if self._journal else learned

    async def _ask(self, files: Sequence[RuleFile]) -> Learned:
        from incident import world
        from incident.sources.rule_server import RuleServer

        config = self._config
        server = RuleServer(config.prometheus, clock=world.RealClock(), access=world.access_of(config))
        progress = Progress("asking the server: {done:,} of {total:,}")
        try:
            return await self._questions(server, files, progress)
        except SourceError as gone:
            self.failed = self._asked
            self.notes.append(f"the alert rules were not held against a live server: {gone}")
            return NOTHING
        finally:
            progress.end()
            await server.aclose()

    async def _questions(self, server: RuleServer, files: Sequence[RuleFile], progress: Progress) -> Learned:
        from incident.sources.failure import RefusedError

        selectors, waiting = wanted(files)
        total = 1 + len(selectors) + len(waiting)
        try:
            rules = await server.rules()
            if rules is None:
                self.notes.append(f"{server.url} has no alert rules of its own: whether these are loaded is not known")
        except RefusedError as refused:
            rules = None
            self.notes.append(f"{server.url} does not tell its rules: {refused.what}")
        seen: dict[str, Seen] = {}
        for done, selector in enumerate(selectors, 2):
            try:
                seen[selector.text] = await server.seen(selector)
            except RefusedError:
                continue  # the rule that asks so fails on the server, too, and that is said
            finally:
                progress.tell(done, total)
        stretches: dict[str, Stretch] = {}
        for done, rule in enumerate(waiting, 2 + len(selectors)):
            if (stretch := await server.stretch(rule)) is not None:
                stretches[rule.expression] = stretch
            progress.tell(done, total)
        return Learned(rules, seen, stretches)

    def _past(self) -> dict[str, Past]:
        from incident import world
        from incident.core.check.past import is_over, past_of

        if not (self._config.state / "journal.db").exists():
            return {}
        try:
            log = world.log(self._config, read_only=True)
            now = world.RealClock().now()
            over = [incident for incident in log.incidents() if is_over(incident, now)]
            return past_of(((incident, log.events(incident.id)) for incident in over), now)
        except IncidentError as unread:
            self.notes.append(f"past incidents were not looked at: {unread}")
            return {}
