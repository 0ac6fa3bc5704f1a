"""Well-known programs whose effect hangs on their options: what each does with these arguments."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from incident.core.runbook.model import Effect

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
    r"(?i)\b(?!(?:count|sum|max|min|avg|now|coalesce|round|in|and|or|not|from|as|by|on|where|select|distinct|when|then|over"
    r"|filter|exists|any|all|extract|date_trunc|age|to_char|lower|upper|left|right|substring|nullif|greatest|least|cast"
    r"|length|row_number|rank|string_agg|array_agg|version|abs|floor|ceil|trunc|join|values|pg_size_pretty"
    r"|pg_(?:database|table|relation|total_relation|indexes)_size|pg_is_in_recovery|pg_current_wal_lsn|pg_blocking_pids"
    r"|pg_last_wal_(?:receive|replay)_lsn|pg_wal_lsn_diff|pg_last_xact_replay_timestamp)\b)\w+\s*\("
)
_SQL_CHANGES = re.compile(
    r"(?i)\b(?:update|delete|insert|drop|alter|truncate|create|grant|revoke|kill|vacuum|reindex|pg_terminate_backend"
    r"|pg_cancel_backend|pg_reload_conf|reset|call)\b"
)


# Databases' shells, which take a statement as an option or open a console.
SQL_CONSOLES = frozenset({"psql", "mysql", "mariadb", "gitlab-psql", "cqlsh", "clickhouse-client"})
# Programs with sub-commands that open a console when none is given.
VERB_CONSOLES = frozenset({"redis-cli", "valkey-cli", "gitlab-redis-cli"})

KAFKA = tuple(f"kafka-{what}{end}" for what in ("topics", "consumer-groups", "configs", "acls") for end in ("", ".sh"))


def console(fed: bool) -> Effect:
    """A shell or console that is only opened, for a person to type in; one that is fed a script may do anything."""
    return Effect.UNKNOWN if fed else Effect.READS


def takes_no_statement(arguments: Sequence[str]) -> bool:
    """Whether a database's shell is given neither a statement nor a file."""
    return not any(re.match(r"--(?:command|execute|file|eval|query|init)|-[a-zA-Z]*[cfeq]", a) for a in arguments)


def rake(arguments: Sequence[str]) -> Effect:
    """A task is code of the reader's own; only listing them is known to read."""
    words = [argument for argument in arguments if not argument.startswith("-")]
    lists = bool(arguments) and arguments[0] in ("-T", "--tasks", "-P", "--prereqs", "-D", "--describe")
    return Effect.READS if lists else Effect.CHANGES if words else Effect.UNKNOWN


def iptables(arguments: Sequence[str]) -> Effect:
    """Lists rules, or changes them."""
    if any(re.match(r"-[ADIRFXPNEZ]\Z|--(?:append|delete|insert|replace|flush|policy|zero)", a) for a in arguments):
        return Effect.CHANGES
    lists = any(re.match(r"-\w*[LS]\w*\Z|--list", argument) for argument in arguments)
    return Effect.READS if lists else Effect.UNKNOWN


def kafka(arguments: Sequence[str]) -> Effect:
    """Kafka's own scripts name what they do with an option."""
    if any(re.match(r"--(?:create|delete|alter|execute|add|remove|reset-offsets)", a) for a in arguments):
        return Effect.CHANGES
    return Effect.READS if any(a in ("--list", "--describe") for a in arguments) else Effect.UNKNOWN


def chooses(arguments: Sequence[str]) -> Effect:
    """kubectx, kubens: shows what can be chosen, or changes what every later command acts on."""
    return Effect.CHANGES if any(argument not in ("-c", "--current") for argument in arguments) else Effect.READS


def plain_words(arguments: Sequence[str], flags: frozenset[str]) -> list[str]:
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


def method_of(arguments: Sequence[str]) -> str:
    """The HTTP method an argument names, upper case; "" when none does."""
    for place, argument in enumerate(arguments):
        if argument.startswith("--method"):
            value = argument.partition("=")[2] or "".join(arguments[place + 1 : place + 2])
            return value.upper()
        if found := _METHOD.match(argument):
            return (found[1] or "".join(arguments[place + 1 : place + 2])).upper()
    return ""


def curl(arguments: Sequence[str]) -> Effect:
    in_address = any(re.match(r"--get\Z|-[a-zA-Z]*G", argument) for argument in arguments)
    sends = not in_address and any(_CURL_SENDS.match(argument) for argument in arguments)
    if sends or method_of(arguments) not in ("", "GET", "HEAD"):
        return Effect.CHANGES
    saves = any(
        _CURL_SAVES.match(argument) and following not in ("/dev/null", "-")
        for argument, following in zip(arguments, [*arguments[1:], ""], strict=False)
    )
    acts = any(_URL_ACTS.search(argument) for argument in arguments if not argument.startswith("-"))
    return Effect.UNKNOWN if saves or acts or not arguments else Effect.READS


def wget(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"--(?:post|method|body)", argument) for argument in arguments):
        return Effect.CHANGES
    joined = " ".join(arguments)
    nothing_kept = re.search(r"(?:^|\s)(?:-\w*O\s?-|--spider|--output-document=-)(?:\s|$)", joined)
    return Effect.READS if nothing_kept and not _URL_ACTS.search(joined) else Effect.UNKNOWN


def sed(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"-[a-zA-Z]*i|--in-place", argument) for argument in arguments):
        return Effect.CHANGES
    if any(re.match(r"-[a-zA-Z]*f|--file", argument) for argument in arguments):
        return Effect.UNKNOWN
    scripts = [after for flag, after in pairwise(arguments) if re.match(r"-\w*e\Z", flag)]
    scripts = scripts or [argument for argument in arguments if not argument.startswith("-")][:1]
    return Effect.READS if scripts and all(_SED_READS.match(script) for script in scripts) else Effect.UNKNOWN


def awk(arguments: Sequence[str]) -> Effect:
    if any(re.match(r"-[a-zA-Z]*[fiElo]|--(?:file|include|exec|load|profile|pretty|dump)", a) for a in arguments):
        return Effect.UNKNOWN
    return Effect.UNKNOWN if any(_AWK_ACTS.search(argument) for argument in arguments) else Effect.READS


def sql(arguments: Sequence[str]) -> Effect:
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


def service(arguments: Sequence[str]) -> Effect:
    if arguments[1:2] == ["status"] or list(arguments) == ["--status-all"]:
        return Effect.READS
    acts = ("start", "stop", "restart", "reload", "force-reload", "force-restart")
    return Effect.CHANGES if "".join(arguments[1:2]) in acts else Effect.UNKNOWN


def ip(arguments: Sequence[str]) -> Effect:
    words = plain_words(arguments, frozenset({"-n", "-netns", "-f", "-family"}))
    shown = len(words) == 1 or words[1:2] in (["show"], ["list"], ["ls"], ["lst"], ["s"], ["get"])
    return Effect.READS if words and shown and "-batch" not in arguments else Effect.CHANGES
