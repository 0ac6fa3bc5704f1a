"""Whether a command reads or changes. Cautious: it says `reads` only when every part of the command is known to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile

from incident.core.runbook.model import Effect
from incident.core.runbook.programs import (
    KAFKA,
    SQL_CONSOLES,
    VERB_CONSOLES,
    awk,
    chooses,
    console,
    curl,
    ip,
    iptables,
    kafka,
    method_of,
    plain_words,
    rake,
    sed,
    service,
    sql,
    takes_no_statement,
    wget,
)
from incident.core.runbook.shell import parse
from incident.core.runbook.tools import (
    CHANGERS,
    CLOUDS,
    READERS,
    READERS_UNLESS,
    READERS_WITH,
    SKIPS_A_WORD,
    WRAPPERS,
)
from incident.core.runbook.verbs import VERBS, Verbs

_RANK = {Effect.READS: 0, Effect.UNKNOWN: 1, Effect.CHANGES: 2}
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[\w*\])?\+?=")
_MAY_OPEN = re.compile(r"\b(?:\w*sh|su|sudo|\w*sql\w*|mariadb|clickhouse|rails|\w*-cli|connect)\b")
_STEERS = re.compile(
    r"(?:PATH|LD_\w+|BASH_ENV|ENV|PROMPT_COMMAND|PAGER|GIT_\w+|KUBE_EDITOR|EDITOR|VISUAL|LESSOPEN|IFS)\Z"
)
_SYSTEM_PATH = re.compile(r"/(?:usr/(?:local/)?)?s?bin/([\w.+-]+)\Z")

_OWN_PATH = re.compile(r"(?:\./)?bin/(?=rails\Z|rake\Z|kafka-)")
_RAKE_TASK = re.compile(r"[a-z][a-z_]*(?::[a-z][a-z_]*)+(?:\[.*\])?\Z", re.DOTALL)
_SSH_OPTION = re.compile(
    r"(?i)(?:StrictHostKeyChecking|ConnectTimeout|BatchMode|LogLevel|UserKnownHostsFile|User|Port|IdentityFile|IdentitiesOnly"
    r"|ServerAlive\w+|PreferredAuthentications)[= ]"
)
_AWS_READS = re.compile(r"(?:describe|list|head|lookup|batch-get|filter|search|scan|query|tail|ls|wait|get)(?:-|\Z)")
_AWS_CHANGES = re.compile(
    r"(?:create|delete|put|update|modify|terminate|reboot|start|stop|run|register|deregister|attach|detach|set|reset"
    r"|restore|promote|failover|add|remove|tag|untag|enable|disable|cp|mv|rm|sync|mb|rb|invoke|send|purge|request|cancel"
    r"|authorize|revoke|associate|disassociate|replace|release|allocate|import|export|execute|publish|abort)(?:-|\Z)"
)
_AWS_SAYS_NOTHING = frozenset(
    {"get-object", "get-session-token", "get-federation-token", "get-login", "query", "get-export"}
)
_CLOUD_READS = re.compile(r"(?:list|describe|show|get-[\w-]+|read|tail|info|version|get-value|print-\w+-token)\Z")
_CLOUD_CHANGES = re.compile(
    r"(?:create|delete|update|set|unset|add|remove|deploy|start|stop|restart|reset|resize|rollback|patch|enable|disable"
    r"|import|restore|promote|failover|login|get-credentials|ssh|scp|cp|mv|rm|rsync|submit|upgrade|scale|purge|invoke"
    r"|(?:add|set|remove)-[\w-]+|activate\S*|move|clone|drain|migrate|rotate|revoke|apply|replace|run|run-command|execute|call|publish|ack|seek|pull"
    r"|suspend|resume|cancel|abort|attach\S*|detach\S*|rolling-action|swap|recreate\S*)\Z"
)


def effect_of(text: str, parameters: Sequence[str] = ()) -> Effect:
    """What running this text does to the world; `parameters` are words in it that will be replaced by a value."""
    for parameter in parameters:
        if not parameter.startswith("$"):
            text = text.replace(parameter, "PARAMETER")
    return _effect(text, fed=False)


def opens_console(text: str) -> bool:
    """Whether this opens a shell or a console for a person to type in: it reads only as long as it is not fed."""
    may = _MAY_OPEN.search(text) is not None
    return may and _effect(text, fed=False) is Effect.READS and _effect(text, fed=True) is not Effect.READS


def _effect(text: str, *, fed: bool) -> Effect:
    """`fed`: its input is no terminal, so a shell or console in it obeys whatever comes in."""
    parsed = parse(text)
    effects = [_simple(words, fed or parsed.fed) for words in parsed.commands]
    if parsed.odd or parsed.writes or not effects:
        effects.append(Effect.UNKNOWN)
    return _worst(effects)


def _worst(effects: Sequence[Effect]) -> Effect:
    return max(effects, key=lambda effect: _RANK[effect])


def _simple(words: Sequence[str], fed: bool) -> Effect:
    rest = list(words)
    while rest and (assigned := ASSIGNMENT.match(rest[0])):
        if _STEERS.match(assigned[1]):
            return Effect.UNKNOWN
        rest.pop(0)
    if not rest:
        return Effect.READS
    tool = _SYSTEM_PATH.sub(r"\1", _OWN_PATH.sub("", rest[0], count=1) if _OWN_PATH.match(rest[0]) else rest[0])
    arguments = rest[1:]
    if tool in WRAPPERS:
        return _wrapped(tool, arguments, fed)
    if nesting := _NESTING.get(tool):
        return nesting(arguments, fed)
    if special := _SPECIAL.get(tool):
        return special(arguments)
    if tool in CLOUDS:
        return _aws(arguments) if tool.startswith("aws") else _cloud(arguments)
    if tool in VERBS:
        return _by_verb(tool, VERBS[tool], arguments, fed)
    return _by_name(tool, arguments, fed)


def _by_name(tool: str, arguments: Sequence[str], fed: bool) -> Effect:
    if tool in READERS:
        return Effect.READS
    if tool in READERS_UNLESS:
        odd = any(READERS_UNLESS[tool].match(argument) for argument in arguments)
        return Effect.UNKNOWN if odd else Effect.READS
    if tool in READERS_WITH:
        options = [argument for argument in arguments if argument.startswith("-")]
        says_so = bool(options) and all(READERS_WITH[tool].match(option) for option in options)
        return Effect.READS if says_so else Effect.UNKNOWN
    if tool in SQL_CONSOLES:
        return console(fed) if takes_no_statement(arguments) else sql(arguments)
    if tool in CHANGERS or tool.startswith("mkfs") or _RAKE_TASK.match(tool):
        return Effect.CHANGES
    return Effect.UNKNOWN


def _wrapped(tool: str, arguments: Sequence[str], fed: bool) -> Effect:
    """The effect of the command that a wrapper runs; a bare `sudo -i` only opens a shell."""
    rest = list(arguments)
    fed = fed or tool == "xargs"  # what it runs gets no terminal
    takes_value = WRAPPERS[tool].split()
    shell = False
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag == "--":
            break
        if tool == "sudo" and re.match(r"-\w*e\Z|--edit\Z", flag):
            return Effect.UNKNOWN
        shell |= tool == "sudo" and bool(re.match(r"-\w*[is]\Z|--(?:login|shell)\Z", flag))
        if flag in takes_value and rest:
            rest.pop(0)
    if tool in SKIPS_A_WORD and rest:
        rest.pop(0)
    if rest:
        return _effect(" ".join(rest), fed=fed) if tool == "watch" else _simple(rest, fed)
    harmless = tool in ("xargs", "env", "then", "else", "do", "!", "{")
    return console(fed) if shell else Effect.READS if harmless else Effect.UNKNOWN


def _by_verb(tool: str, verbs: Verbs, arguments: Sequence[str], fed: bool) -> Effect:
    words = plain_words(arguments, verbs.flags)
    if tool in ("redis-cli", "valkey-cli"):
        words = [word.lower() for word in words]
    if words and words[0] in ("exec", "rsh"):
        return _inside(words, verbs.flags, arguments, fed)
    if not words:
        if tool in VERB_CONSOLES and not any(verbs.never and verbs.never.match(a) for a in arguments):
            return console(fed)
        shows = {*verbs.reads, "--help", "--version"}
        return Effect.READS if len(arguments) == 1 and arguments[0] in shows else Effect.UNKNOWN
    names = [*(" ".join(words[:length]) for length in (3, 2, 1)), f"={' '.join(words)}"]
    if any(name in verbs.changes for name in names):
        return Effect.CHANGES
    if not any(name in verbs.reads for name in names):
        return _api(arguments) if tool == "gh" and words[:1] == ["api"] else Effect.UNKNOWN
    strange = _flag_before(arguments, verbs.flags)
    odd = verbs.never is not None and any(verbs.never.match(argument) for argument in arguments)
    return Effect.UNKNOWN if odd or strange else Effect.READS


def _inside(words: Sequence[str], flags: frozenset[str], arguments: Sequence[str], fed: bool) -> Effect:
    """What `exec POD -- COMMAND` runs; `rsh POD` alone opens a shell."""
    listed = list(arguments)
    if "--" in listed:
        behind = listed[listed.index("--") + 1 :]
    elif len(words) < 3:
        return console(fed) if words[0] == "rsh" and len(words) == 2 else Effect.UNKNOWN
    else:  # the command begins with the word behind the container's name
        behind = listed[listed.index(words[1], listed.index(words[0]) + 1) + 1 :]
        while behind and behind[0].startswith("-"):
            behind = behind[2:] if behind[0] in flags else behind[1:]
    return _simple(behind, fed) if behind else Effect.UNKNOWN


def _flag_before(arguments: Sequence[str], flags: frozenset[str]) -> bool:
    """Whether a flag that nobody listed stands before the sub-command, which may then be that flag's value."""
    before = takewhile(lambda pair: pair[1].startswith("-") or pair[0] in flags, pairwise(["", *arguments]))
    return any(a.startswith("--") and "=" not in a and a not in flags for _, a in before)


def _api(arguments: Sequence[str]) -> Effect:
    sends = re.compile(r"-[fF]|--(?:field|raw-field|input)")
    method = method_of(arguments)
    if method not in ("", "GET", "HEAD"):
        return Effect.CHANGES
    return Effect.UNKNOWN if not method and any(sends.match(a) for a in arguments) else Effect.READS


def _aws(arguments: Sequence[str]) -> Effect:
    flags = frozenset({"--profile", "--region", "--output", "--endpoint-url", "--query", "--ca-bundle"})
    words = plain_words(arguments, flags)
    if len(words) < 2:
        return Effect.UNKNOWN
    operation = words[1]
    if _AWS_CHANGES.match(operation):
        return Effect.CHANGES
    if operation in _AWS_SAYS_NOTHING or not _AWS_READS.match(operation):
        return Effect.UNKNOWN
    return Effect.READS


def _cloud(arguments: Sequence[str]) -> Effect:
    words: list[str] = []
    for argument in arguments:
        if argument.startswith("-") and words:
            break
        words.append(argument)
    if any(_CLOUD_CHANGES.match(word) for word in words):
        return Effect.CHANGES
    return Effect.READS if any(_CLOUD_READS.match(word) for word in words) else Effect.UNKNOWN


def _ssh(arguments: Sequence[str], fed: bool) -> Effect:
    flags = frozenset({"-p", "-l", "-i", "-J", "-F", "-b", "-c", "-m", "-E", "-w", "-o", "-L", "-D"})
    options = [a[2:] or after for a, after in pairwise([*arguments, ""]) if a.startswith("-o")]
    odd = not all(_SSH_OPTION.match(option) for option in options)
    words = plain_words(arguments, flags)
    if odd or not words or any(a.startswith(("-R", "-W", "-F", "-E")) for a in arguments):
        return Effect.UNKNOWN
    behind = list(arguments)[list(arguments).index(words[0]) + 1 :]
    while behind and behind[0].startswith("-"):
        behind = behind[2:] if behind[0] in flags else behind[1:]
    return _effect(" ".join(behind), fed=fed) if behind else console(fed)


def _shell(arguments: Sequence[str], fed: bool) -> Effect:
    """bash and its like: a console, a text given with -c, or a script of which nothing is known."""
    for flag, after in pairwise([*arguments, ""]):
        if re.match(r"-\w*c\Z", flag):
            return _effect(after, fed=fed)
    lone = all(re.match(r"-[il]+\Z|--login\Z", argument) for argument in arguments)
    return console(fed) if lone else Effect.UNKNOWN


def _su(arguments: Sequence[str], fed: bool) -> Effect:
    for flag, after in pairwise([*arguments, ""]):
        if flag in ("-c", "--command"):
            return _effect(after, fed=fed)
    lone = sum(not argument.startswith("-") for argument in arguments) <= 1
    return console(fed) if lone and not any("=" in argument for argument in arguments) else Effect.UNKNOWN


def _rails(arguments: Sequence[str], fed: bool) -> Effect:
    word = next((argument for argument in arguments if not argument.startswith("-")), "")
    if word in ("console", "c", "dbconsole", "db"):
        return console(fed)
    if word in ("routes", "about", "stats", "notes", "db:migrate:status", "db:version"):
        return Effect.READS
    return Effect.CHANGES if word in ("runner", "r") or ":" in word else Effect.UNKNOWN


def _bundle(arguments: Sequence[str], fed: bool) -> Effect:
    return (
        _simple(arguments[1:], fed)
        if arguments[:1] == ["exec"]
        else _by_verb("bundle", VERBS["bundle"], arguments, fed)
    )


def _knife(arguments: Sequence[str], fed: bool) -> Effect:
    words = plain_words(arguments, VERBS["knife"].flags)
    if words[:1] != ["ssh"]:
        return _by_verb("knife", VERBS["knife"], arguments, fed)
    listed = list(arguments)
    behind = listed[listed.index("--") + 1 :] if "--" in listed else words[2:]
    return _effect(behind[0], fed=fed) if len(behind) == 1 else Effect.UNKNOWN


def _tsh(arguments: Sequence[str], fed: bool) -> Effect:
    words = plain_words(arguments, VERBS["tsh"].flags)
    if words[:1] == ["ssh"]:
        if any(a.startswith("--") and "=" not in a for a in arguments):
            return Effect.UNKNOWN
        return _ssh([a for a in arguments if a != "ssh" and not a.startswith("--")], fed)
    opens = words[:2] == ["db", "connect"] and len(words) < 4
    return console(fed) if opens else _by_verb("tsh", VERBS["tsh"], arguments, fed)


def _find(arguments: Sequence[str], fed: bool) -> Effect:
    if "-delete" in arguments:
        return Effect.CHANGES
    effects = [Effect.READS]
    for place, argument in enumerate(arguments):
        if argument in ("-exec", "-execdir", "-ok", "-okdir"):
            effects.append(_simple(list(takewhile(lambda word: word not in (";", "+"), arguments[place + 1 :])), fed))
        if argument.startswith(("-fprint", "-fls")):
            effects.append(Effect.UNKNOWN)
    return _worst(effects)


def _git(arguments: Sequence[str], fed: bool) -> Effect:
    """git, whose `branch`, `remote`, `tag`, `config`, `stash` and `diff` read or change with their flags."""
    words = plain_words(arguments, VERBS["git"].flags)
    behind = list(arguments)[list(arguments).index(words[0]) + 1 :] if words else []
    if any(re.match(r"-c|--config-env|--exec-path=", flag) for flag in arguments) and words[:1] != ["commit"]:
        return Effect.UNKNOWN
    if words[:1] in (["branch"], ["tag"]):
        listing = re.compile(r"-(?:a|r|v|vv|l|avv|n\d*)\Z|--(?:list|all|remotes|contains|merged|sort)")
        lists = all(listing.match(flag) for flag in behind)
        return Effect.READS if lists else Effect.UNKNOWN
    if words[:1] == ["remote"] and behind in ([], ["-v"]):
        return Effect.READS
    if words[:1] == ["diff"] and not any(re.match(r"--(?:output|ext-diff)", flag) for flag in behind):
        return Effect.READS
    if words[:1] == ["config"]:
        return Effect.READS if behind[:1] in (["--get"], ["-l"], ["--list"]) else Effect.UNKNOWN
    return _by_verb("git", VERBS["git"], arguments, fed)


def _unknown(arguments: Sequence[str]) -> Effect:
    return Effect.UNKNOWN


def _changes(arguments: Sequence[str]) -> Effect:
    return Effect.CHANGES


# What runs a further command, or may open a console that does.
_NESTING: dict[str, Callable[[Sequence[str], bool], Effect]] = {
    **dict.fromkeys(("sh", "bash", "zsh", "ksh", "dash", "ash"), _shell),
    **dict.fromkeys(("rails", "gitlab-rails"), _rails),
    "ssh": _ssh,
    "su": _su,
    "find": _find,
    "git": _git,
    "bundle": _bundle,
    "knife": _knife,
    "tsh": _tsh,
}
_SPECIAL: dict[str, Callable[[Sequence[str]], Effect]] = {
    "curl": curl,
    "wget": wget,
    "sed": sed,
    "awk": awk,
    "gawk": awk,
    "service": service,
    "ip": ip,
    "rake": rake,
    "gitlab-rake": rake,
    "iptables": iptables,
    "ip6tables": iptables,
    **dict.fromkeys(KAFKA, kafka),
    **dict.fromkeys(("kubectx", "kubens"), chooses),
    "case": _unknown,
    "tee": _changes,
}
