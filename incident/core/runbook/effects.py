"""Whether a command reads or changes. Cautious: it says `reads` only when every part of the command is known to."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise, takewhile

from incident.core.runbook.model import Effect
from incident.core.runbook.shell import parse
from incident.core.runbook.tools import (
    CHANGERS,
    CLOUDS,
    READERS,
    READERS_UNLESS,
    SKIPS_A_WORD,
    VERBS,
    WRAPPERS,
    Verbs,
)

_RANK = {Effect.READS: 0, Effect.UNKNOWN: 1, Effect.CHANGES: 2}
ASSIGNMENT = re.compile(r"([A-Za-z_]\w*)(?:\[\w*\])?\+?=")
_STEERS = re.compile(
    r"(?:PATH|LD_\w+|BASH_ENV|ENV|PROMPT_COMMAND|PAGER|GIT_\w+|KUBE_EDITOR|EDITOR|VISUAL|LESSOPEN|IFS)\Z"
)
_SYSTEM_PATH = re.compile(r"/(?:usr/(?:local/)?)?s?bin/([\w.+-]+)\Z")

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
_CURL_SENDS = re.compile(r"--(?:data\S*|json|form\S*|upload-file|url-query)(?:=|\Z)|-[a-zA-Z]*[dFT]")
_CURL_SAVES = re.compile(
    r"--(?:output\S*|remote-\S+|dump-header|cookie-jar|config|trace\S*)(?:=|\Z)|-[a-zA-Z]*[oOJDcK]"
)
_METHOD = re.compile(r"(?:--request=?|-[a-zA-Z]*X)(\w*)\Z")
_URL_ACTS = re.compile(
    r"(?i)\b(?:restart|reload|shutdown|delete|drain|kill|flush\w*|reset|quit\w*|stop|start|purge|clear|trigger|rollback)\b"
)
_SED_READS = re.compile(
    r"(?:(?:[\d$]+|/(?:[^/\\]|\\.)*/)?(?:,(?:[\d$+~]+|/(?:[^/\\]|\\.)*/))?!?\s*"
    r"(?:[pdq=]|s([/|#,@:])(?:(?!\1)[^\\\n]|\\.)*\1(?:(?!\1)[^\\\n]|\\.)*\1[gpIi\d]*)\s*(?:;\s*|\Z))+\Z"
)
_AWK_ACTS = re.compile(r"system\s*\(|(?<!\|)\|(?!\|)|>|getline\s*<")
_SQL_READS = re.compile(
    r"\s*(?:show\s|\\[dl]|select\s(?!.*\binto\b)(?!.*\bfor\s+(?:no\s+key\s+)?(?:update|share)\b))",
    re.IGNORECASE | re.DOTALL,
)
_SQL_CALLS = re.compile(
    r"(?i)\b(?!(?:count|sum|max|min|avg|now|coalesce|round|in|and|or|pg_size_pretty|length)\b)\w+\s*\("
)
_SQL_CHANGES = re.compile(
    r"(?i)\b(?:update|delete|insert|drop|alter|truncate|create|grant|revoke|kill|vacuum|reindex|pg_terminate_backend"
    r"|pg_cancel_backend|pg_reload_conf|reset|call)\b"
)


def effect_of(text: str, parameters: Sequence[str] = ()) -> Effect:
    """What running this text does to the world; `parameters` are words in it that will be replaced by a value."""
    for parameter in parameters:
        if not parameter.startswith("$"):
            text = text.replace(parameter, "PARAMETER")
    parsed = parse(text)
    effects = [_simple(words) for words in parsed.commands]
    if parsed.odd or parsed.writes or not effects:
        effects.append(Effect.UNKNOWN)
    return _worst(effects)


def _worst(effects: Sequence[Effect]) -> Effect:
    return max(effects, key=lambda effect: _RANK[effect])


def _simple(words: Sequence[str]) -> Effect:
    rest = list(words)
    while rest and (assigned := ASSIGNMENT.match(rest[0])):
        if _STEERS.match(assigned[1]):
            return Effect.UNKNOWN
        rest.pop(0)
    if not rest:
        return Effect.READS
    tool = _SYSTEM_PATH.sub(r"\1", rest[0])
    arguments = rest[1:]
    if tool in WRAPPERS:
        return _wrapped(tool, arguments)
    if special := _SPECIAL.get(tool):
        return special(arguments)
    if tool in CLOUDS:
        return _aws(arguments) if tool.startswith("aws") else _cloud(arguments)
    if tool in VERBS:
        return _by_verb(tool, VERBS[tool], arguments)
    if tool in READERS:
        return Effect.READS
    if tool in READERS_UNLESS:
        odd = any(READERS_UNLESS[tool].match(argument) for argument in arguments)
        return Effect.UNKNOWN if odd else Effect.READS
    return Effect.CHANGES if tool in CHANGERS or tool.startswith("mkfs") else Effect.UNKNOWN


def _wrapped(tool: str, arguments: Sequence[str]) -> Effect:
    """The effect of the command that a wrapper runs; a bare `sudo -i` is a shell, of which nothing is known."""
    rest = list(arguments)
    takes_value = WRAPPERS[tool].split()
    while rest and rest[0].startswith("-"):
        flag = rest.pop(0)
        if flag == "--":
            break
        if tool == "sudo" and re.match(r"-\w*[eis]\Z|--(?:edit|login|shell)\Z", flag):
            return Effect.UNKNOWN
        if flag in takes_value and rest:
            rest.pop(0)
    if tool in SKIPS_A_WORD and rest:
        rest.pop(0)
    if rest:
        return effect_of(" ".join(rest)) if tool == "watch" else _simple(rest)
    harmless = tool in ("xargs", "env", "then", "else", "do", "!", "{")
    return Effect.READS if harmless else Effect.UNKNOWN


def _plain_words(arguments: Sequence[str], flags: frozenset[str]) -> list[str]:
    """The words that are neither flags nor flags' values, up to a `--`."""
    words = []
    skip = False
    for argument in arguments:
        if skip:
            skip = False
        elif argument == "--":
            break
        elif argument.startswith("-") and len(argument) > 1:
            skip = argument in flags
        else:
            words.append(argument)
    return words


def _by_verb(tool: str, verbs: Verbs, arguments: Sequence[str]) -> Effect:
    words = _plain_words(arguments, verbs.flags)
    if tool in ("redis-cli", "valkey-cli"):
        words = [word.lower() for word in words]
    if words and words[0] in ("exec", "rsh") and "--" in arguments:
        return _simple(arguments[list(arguments).index("--") + 1 :])
    if not words:
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


def _flag_before(arguments: Sequence[str], flags: frozenset[str]) -> bool:
    """Whether a flag that nobody listed stands before the sub-command, which may then be that flag's value."""
    before = takewhile(lambda pair: pair[1].startswith("-") or pair[0] in flags, pairwise(["", *arguments]))
    return any(a.startswith("--") and "=" not in a and a not in flags for _, a in before)


def _api(arguments: Sequence[str]) -> Effect:
    sends = re.compile(r"-[fF]|--(?:field|raw-field|input)")
    method = _method_of(arguments)
    if method not in ("", "GET", "HEAD"):
        return Effect.CHANGES
    return Effect.UNKNOWN if not method and any(sends.match(a) for a in arguments) else Effect.READS


def _method_of(arguments: Sequence[str]) -> str:
    """The HTTP method an argument names, upper case; "" when none does."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--method"):
            value = argument.partition("=")[2] or "".join(arguments[place + 1 : place + 2])
            return value.upper()
        if found := _METHOD.match(argument):
            return (found[1] or "".join(arguments[place + 1 : place + 2])).upper()
    return ""


def _aws(arguments: Sequence[str]) -> Effect:
    flags = frozenset({"--profile", "--region", "--output", "--endpoint-url", "--query", "--ca-bundle"})
    words = _plain_words(arguments, flags)
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


def _curl(arguments: Sequence[str]) -> Effect:
    in_address = any(re.match(r"--get\Z|-[a-zA-Z]*G", argument) for argument in arguments)
    sends = not in_address and any(_CURL_SENDS.match(argument) for argument in arguments)
    if sends or _method_of(arguments) not in ("", "GET", "HEAD"):
        return Effect.CHANGES
    saves = any(
        _CURL_SAVES.match(argument) and following not in ("/dev/null", "-")
        for argument, following in zip(arguments, [*arguments[1:], ""], strict=False)
    )
    acts = any(_URL_ACTS.search(argument) for argument in arguments if not argument.startswith("-"))
    return Effect.UNKNOWN if saves or acts or not arguments else Effect.READS


def _wget(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"--(?:post|method|body)", argument) for argument in arguments):
        return Effect.CHANGES
    joined = " ".join(arguments)
    nothing_kept = re.search(r"(?:^|\s)(?:-\w*O\s?-|--spider|--output-document=-)(?:\s|$)", joined)
    return Effect.READS if nothing_kept and not _URL_ACTS.search(joined) else Effect.UNKNOWN


def _ssh(arguments: Sequence[str]) -> Effect:
    flags = frozenset({"-p", "-l", "-i", "-J", "-F", "-b", "-c", "-m", "-E", "-w"})
    if any(a.startswith("-o") or a in ("-L", "-R", "-D", "-W") for a in arguments):
        return Effect.UNKNOWN
    words = _plain_words(arguments, flags)
    if len(words) < 2:
        return Effect.UNKNOWN
    behind = list(arguments)[list(arguments).index(words[0]) + 1 :]
    return effect_of(" ".join(behind))


def _find(arguments: Sequence[str]) -> Effect:
    if "-delete" in arguments:
        return Effect.CHANGES
    effects = [Effect.READS]
    for place, argument in enumerate(arguments):
        if argument in ("-exec", "-execdir", "-ok", "-okdir"):
            effects.append(_simple(list(takewhile(lambda word: word not in (";", "+"), arguments[place + 1 :]))))
        if argument.startswith(("-fprint", "-fls")):
            effects.append(Effect.UNKNOWN)
    return _worst(effects)


def _sed(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"-[a-zA-Z]*i|--in-place", argument) for argument in arguments):
        return Effect.CHANGES
    if any(re.match(r"-[a-zA-Z]*f|--file", argument) for argument in arguments):
        return Effect.UNKNOWN
    scripts = [after for flag, after in pairwise(arguments) if re.match(r"-\w*e\Z", flag)]
    scripts = scripts or [argument for argument in arguments if not argument.startswith("-")][:1]
    return Effect.READS if scripts and all(_SED_READS.match(script) for script in scripts) else Effect.UNKNOWN


def _awk(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"-[a-zA-Z]*[fiElo]|--(?:file|include|exec|load|profile|pretty|dump)", a) for a in arguments):
        return Effect.UNKNOWN
    return Effect.UNKNOWN if any(_AWK_ACTS.search(argument) for argument in arguments) else Effect.READS


def _sql(arguments: Sequence[str]) -> Effect:
    flags = ("-c", "--command", "-e", "--execute", "-tAc", "-tc", "-Atc", "-qc")
    statements = [after for flag, after in pairwise(arguments) if flag in flags]
    statements += [
        argument.partition("=")[2] for argument in arguments if argument.startswith(("--command=", "--execute="))
    ]
    if any(_SQL_CHANGES.search(statement) for statement in statements):
        return Effect.CHANGES
    one_reading = (
        bool(_SQL_READS.match(statement)) and not _SQL_CALLS.search(statement) and ";" not in statement.rstrip("; \n")
        for statement in statements
    )
    return Effect.READS if statements and all(one_reading) else Effect.UNKNOWN


def _service(arguments: Sequence[str]) -> Effect:
    if arguments[1:2] == ["status"] or list(arguments) == ["--status-all"]:
        return Effect.READS
    acts = ("start", "stop", "restart", "reload", "force-reload", "force-restart")
    return Effect.CHANGES if "".join(arguments[1:2]) in acts else Effect.UNKNOWN


def _branches(arguments: Sequence[str]) -> Effect:
    """git, whose `branch`, `remote`, `tag`, `config`, `stash` and `diff` read or change with their flags."""
    words = _plain_words(arguments, VERBS["git"].flags)
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
    return _by_verb("git", VERBS["git"], arguments)


def _ip(arguments: Sequence[str]) -> Effect:
    words = _plain_words(arguments, frozenset({"-n", "-netns", "-f", "-family"}))
    shown = len(words) == 1 or words[1:2] in (["show"], ["list"], ["ls"], ["lst"], ["s"], ["get"])
    return Effect.READS if words and shown and "-batch" not in arguments else Effect.CHANGES


def _unknown(arguments: Sequence[str]) -> Effect:
    return Effect.UNKNOWN


def _changes(arguments: Sequence[str]) -> Effect:
    return Effect.CHANGES


_SPECIAL: dict[str, Callable[[Sequence[str]], Effect]] = {
    "curl": _curl,
    "wget": _wget,
    "ssh": _ssh,
    "find": _find,
    "sed": _sed,
    "awk": _awk,
    "gawk": _awk,
    "psql": _sql,
    "mysql": _sql,
    "service": _service,
    "ip": _ip,
    "git": _branches,
    "case": _unknown,
    "tee": _changes,
}
