"""Rules about what a runbook's commands do."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from incident.core.check.around import Around
from incident.core.check.finding import About, Finding, Rule, Severity
from incident.core.check.page import Page
from incident.core.check.secrets import secrets_in
from incident.core.check.shellwords import FILLED, Call, calls, filled
from incident.core.destructive import is_destructive
from incident.core.runbook import Command, Effect, Runnable, SectionKind
from incident.core.runbook.effects import effect_of
from incident.core.runbook.tools import BUILT_IN
from incident.core.text import hides_something, look_alike, visible

DESTRUCTIVE_UNCHECKED = Rule(
    "destructive-unchecked",
    About.RUNBOOK,
    Severity.WARNING,
    "After a command that cannot be taken back, somebody half asleep needs to be told what to look at, or how to undo.",
    "# Full queue\n\n1. Empty the queue: `rabbitmqctl purge_queue orders`\n",
    "# Full queue\n\n1. Empty the queue: `rabbitmqctl purge_queue orders`\n2. Verify that orders are taken again.\n",
)
NO_TARGET = Rule(
    "no-target",
    About.RUNBOOK,
    Severity.WARNING,
    "A command that changes something hits whatever cluster or account happens to be current. A warning where it "
    "destroys, otherwise for information: the preflight sheet shows the target.",
    "# Web\n\n1. Delete it: `kubectl delete deployment web`\n2. Check that it is gone.\n",
    "# Web\n\n1. Delete it: `kubectl --context prod delete deployment web`\n2. Check that it is gone.\n",
)
PIPE_TO_SHELL = Rule(
    "pipe-to-shell",
    About.RUNBOOK,
    Severity.WARNING,
    "What is downloaded runs unread, and may have changed, or be cut off, since somebody looked at it.",
    "# Collector\n\n1. Install it: `curl -s https://acme.com/install.sh | sudo bash`\n",
    "# Collector\n\n1. Install it: `apt-get install acme-collector`\n",
)
HIDDEN_CHARACTER = Rule(
    "hidden-character",
    About.RUNBOOK,
    Severity.ERROR,
    "A character that cannot be seen, or that looks like another, makes a command do something else than it shows.",
    "# Disk\n\n1. See what is full: `df\u00a0-h \u2013x tmpfs`\n",
    "# Disk\n\n1. See what is full: `df -h -x tmpfs`\n",
)
LITERAL_SECRET = Rule(
    "literal-secret",
    About.RUNBOOK,
    Severity.ERROR,
    "A secret in a runbook is known to everybody who can read the repository, and to its history for ever.",
    "# Api\n\n1. Ask it: `curl -H 'Authorization: Bearer 9fK2mQx7Lw4TzR8vB1nC' https://acme.com/v1/state`\n",
    '# Api\n\n1. Ask it: `curl -H "Authorization: Bearer $ACME_TOKEN" https://acme.com/v1/state`\n',
)
TOOL_MISSING = Rule(
    "tool-missing",
    About.RUNBOOK,
    Severity.INFO,
    "A command whose program is not on this machine fails here. Looked for with --tools only.",
    "# Web\n\n1. Look: `kubectl get pods`\n",
    "# Web\n\n1. Look: `df -h`\n",
)
RULES = (DESTRUCTIVE_UNCHECKED, NO_TARGET, PIPE_TO_SHELL, HIDDEN_CHARACTER, LITERAL_SECRET, TOOL_MISSING)

_SHELL_WORDS = BUILT_IN | frozenset(
    """
    bg bind builtin caller cd command compgen complete coproc declare dirs disown do done echo elif else enable esac
    export fc fg fi for getopts help history if in jobs kill let logout mapfile popd printf pushd pwd readarray select
    shift source suspend then time times trap typeset ulimit umask unalias unset until while { } ! ]]
    """.split()  # noqa: SIM905 - a table of words reads better so
)
_DOWNLOAD = r"\b(?:curl|wget)\b[^|;&\n]{0,500}"
_SHELL = r"(?:sudo\s+(?:-\w+\s+){0,3})?(?:/bin/|/usr/bin/)?(?:ba|z|da|k)?sh"
_PIPED = re.compile(
    rf"{_DOWNLOAD}(?:\\\n[^|;&\n]{{0,500}}){{0,20}}\|\s*{_SHELL}(?:\s|\Z)"
    rf"|(?:\b{_SHELL}|\bsource|(?:^|\s)\.)\s+<\(\s*(?:curl|wget)\b"
    rf"|\b(?:{_SHELL}\s+-\w*c|eval)\s+[\"']?\$\(\s*(?:curl|wget)\b"
)
_LOOKS_AFTER = re.compile(
    r"(?i)\b(?:verif|check|confirm|ensure|make sure|watch|monitor|should|undo|roll(?:ing)? ?back|revert|restor|uncordon"
    r"|wait)"
)


_OWN_FILE = re.compile(r"/tmp/\w|(?!/|~|\.\.|\$|\*)")  # noqa: S108 - a pattern


class _Tool:
    """How the target of a tool is named: on the call itself, or by something that the runbook runs before it."""

    def __init__(self, names: str, flags: str, sets: str, ask: str) -> None:
        self.names = frozenset(names.split())
        self.flag = re.compile(rf"(?:{flags})(?:=|\Z)")
        self.sets = re.compile(sets)
        self.ask = ask


_TARGETS = (
    _Tool(
        "kubectl oc k helm kubecolor",
        "--context|--kube-context|--kubeconfig|--cluster|--server|-s",
        r"KUBECONFIG=|use-c(?:ontext|luster)|set-context|\bkubectx\b|\bkubie\b|\boc login|update-kubeconfig"
        r"|\boc project|get-credentials|\btsh (?:kube )?login|\bkube[-_ ]?login|--context",
        "--context",
    ),
    _Tool(
        "aws",
        "--profile|--region|--endpoint-url",
        r"AWS_(?:DEFAULT_)?(?:PROFILE|REGION)=|\baws (?:configure|sso login)|aws-vault|assume[-_]?role|\bawsume\b"
        r"|\bgds aws\b",
        "--profile or --region",
    ),
    _Tool(
        "gcloud",
        "--project|--configuration",
        r"CLOUDSDK_\w+=|config set (?:core/)?project|configurations activate|--project",
        "--project",
    ),
    _Tool("az", "--subscription", r"az account set|--subscription", "--subscription"),
)


def check(page: Page, around: Around) -> Iterator[Finding]:
    """Every rule about commands."""
    path = page.runbook.path
    behind = _Behind(page)
    named = {tool.ask: _first_line(page, tool.sets) for tool in _TARGETS}
    blocks: set[tuple[int, str]] = set()
    told: set[str] = set()
    for command in page.runbook.commands:
        text = filled(command)
        if _destroys(command, text) and not behind.looks_at(command):
            yield DESTRUCTIVE_UNCHECKED.found(
                path, command.line, f"nothing says what to check after `{_short(command.text)}`, or how to undo it",
                "add a step behind it that begins with Verify, or a section Rollback",
            )  # fmt: skip
        yield from _without_target(path, command, text, named, blocks)
        if _PIPED.search(command.text):
            yield PIPE_TO_SHELL.found(
                path, command.line, "this runs what it downloads, unread",
                "download it to a file, compare its checksum, then run the file",
            )  # fmt: skip
        yield from _hidden(path, command)
        yield from _missing(path, command, text, around, told)
    for line, kind in secrets_in(page.raw):
        yield LITERAL_SECRET.found(
            path, line, f"this looks like {kind}", "revoke it, and name a variable or a vault's path in its place"
        )


def _short(text: str) -> str:
    line = text.split("\n")[0]
    return visible(line if len(line) <= 60 else f"{line[:59]}\u2026")


def _destroys(command: Command, text: str) -> bool:
    if command.effect is Effect.READS or command.runnable is Runnable.NO:
        return False
    return any(
        effect_of(call.text) is not Effect.READS and is_destructive(call.text) and not _tidies(call)
        for call in calls(text)
    )


def _tidies(call: Call) -> bool:
    """Whether it only removes files that lie here or in /tmp."""
    paths = [word for word in call.arguments if not word.startswith("-")]
    return call.program in ("rm", "rmdir", "unlink") and all(_OWN_FILE.match(path) for path in paths)


class _Behind:
    """What in a runbook looks at what was done, or takes it back."""

    def __init__(self, page: Page) -> None:
        runbook = page.runbook
        kinds = (SectionKind.VERIFICATION, SectionKind.ROLLBACK)
        said = [step for step in runbook.steps if _LOOKS_AFTER.search(" ".join((step.text, *step.detail)))]
        looks = [command.line for command in runbook.commands if command.effect is Effect.READS]
        looks += [step.lines[0] for step in runbook.steps if step.check]
        looks += [
            number
            for number, line in enumerate(page.raw, 1)
            if _LOOKS_AFTER.search(line) and "incident-check:" not in line
        ]
        self._everywhere = any(section.kind in kinds for section in runbook.sections)
        self._last = max(looks, default=0)
        self._own = {line for step in said for line in range(step.lines[0], step.lines[1] + 1)}

    def looks_at(self, command: Command) -> bool:
        """Whether something behind a command, or its own step, does."""
        return self._everywhere or self._last > command.lines[1] or command.line in self._own


def _first_line(page: Page, pattern: re.Pattern[str]) -> int:
    """The line of the first command that matches; behind every line when none does."""
    return next((c.line for c in page.runbook.commands if pattern.search(c.text)), len(page.raw) + 1)


def _without_target(
    path: str, command: Command, text: str, named: Mapping[str, int], blocks: set[tuple[int, str]]
) -> Iterator[Finding]:
    if command.runnable is Runnable.NO:
        return
    for call in calls(text):
        tool = next((tool for tool in _TARGETS if call.program in tool.names), None)
        if tool is None or effect_of(call.text) is not Effect.CHANGES or (command.block, call.program) in blocks:
            continue
        if named[tool.ask] <= command.line or any(map(tool.flag.match, call.arguments)):
            continue
        blocks.add((command.block, call.program))
        yield NO_TARGET.found(
            path,
            command.line,
            f"`{_short(call.text.replace(FILLED, '<...>'))}` changes whatever {call.program} happens to point at",
            f"name the target with {tool.ask}, or set it in a command before",
            None if is_destructive(call.text) else Severity.INFO,
        )


def _hidden(path: str, command: Command) -> Iterator[Finding]:
    for offset, line in enumerate(command.text.split("\n")):
        bare = line.replace("\t", " ")
        if hides_something(bare):
            message = f"this command holds a character that cannot be seen: {_short(bare)}"
        elif odd := look_alike(bare):
            message = f"this command holds U+{ord(odd):04X}, which is easily taken for another character"
        else:
            continue
        yield HIDDEN_CHARACTER.found(path, command.line + offset, message, "type the command anew")


def _missing(path: str, command: Command, text: str, around: Around, told: set[str]) -> Iterator[Finding]:
    if around.missing is None or command.runnable is Runnable.NO:
        return
    for call in calls(text):
        name = call.program
        if (
            name in told
            or name in _SHELL_WORDS
            or not re.match(r"[A-Za-z][\w.+-]*\Z", name)
            or not around.missing(name)
        ):
            continue
        told.add(name)
        yield TOOL_MISSING.found(
            path, command.line, f"there is no {name} on this machine", "install it, or say where it is"
        )
