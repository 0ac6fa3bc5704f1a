"""Secrets that stand behind their name: `password=`, `"client_secret":`, `--token`, `Authorization:`, `Cookie:`."""

from __future__ import annotations

from collections.abc import Iterator

from incident.core.redaction import values
from incident.core.redaction.form import FLAG, IS, SHELL, VALUE, Form

# Each name begins with one of its needs, so that it is only tried there.
_PASSWORDS = r"""(?:(?i:passw(?:or)?d|passwort|passphrase|passcode|(?<=store)pass|(?<=bind)pw|(?<=root)pw
    |(?<![^\s_.,;&?(\[{"'`/|>-])(?:pass|pwd|pw|psk))|(?<=[a-z])P(?:ass|wd|W))"""
_TOKENS = r"""(?i:(?<!next)(?<!next[_-])(?<!page)(?<!page[_-])(?<!continue)(?<!continue[_-])(?<!continuation)(?<!sync)
    (?<!max)(?<!max[_-])(?<!clientrequest)(?<!client)(?<!idempotency)(?<!idempotency[_-])(?<!cancellation)token
    |(?<![a-z])auth(?:[_-]?token)?|(?<![a-z])jwt)"""
_SECRETS = r"""(?i:secret(?:[_ -]?(?:access)?[_-]?key|[_-]?(?:string|id|token|binary))?
    |(?<![a-z])(?<!goog-)(?<!amz-)cred(?:ential)?s?)"""
_OF_A_KEY = (
    "api", "app", "application", "access", "account", "private", "shared", "sharedaccess", "signing", "encryption",
    "encrypt", "crypto", "master", "auth", "license", "licence", "storage", "integration", "service", "admin", "unseal",
    "recovery", "webhook", "hmac", "session", "jwt", "cookie", "ssh", "rest", "deploy", "routing", "function",
    "functions", "pass", "client", "server", "subscription", "instrumentation", "root", "management", "ingestion",
    "insert", "user",
)  # fmt: skip
_KEYS = "(?i:(?:" + "|".join(f"(?<={word})|(?<={word}[_. -])" for word in _OF_A_KEY) + ")keys?)"
_ANY_KEY = "(?i:keys?)"
_ENVIRONMENT = r"""(?<![A-Za-z0-9_])(?!(?:PUBLIC|CACHE|PRIMARY|PARTITION|SORT|FOREIGN|HOST)_)
    [A-Z][A-Z0-9]{1,30}+(?:_(?!\Z)[A-Z0-9]{1,30}+){0,6}+_"""
_HEADER_KEY = r"""(?i:(?<![\w-])(?!idempotency|cache|surrogate|partition|public|host|dedup)[a-z]\w{1,20}
    (?:-[a-z]\w{0,20}){0,3}-)"""
# `DB_PASSWORD_PROD` is one, `password_file` and `token_ttl` are not.
_MORE = r"""(?i:[_.-]?(?:value|plain|text|raw|b64|base64|prod|production|staging|dev|new|old|current|primary|secondary
    |data|main|base|\d{1,3}))?"""
_OPTION = r"(?:(?<=\s)|\A)--?[\w-]{0,30}"
_SETS = r"(?i:(?<![\w-])(?:setenv|set[ ]-\w{1,3}|env)[ ]\w{0,40})"
_BESIDE = r"""(?i:["']?(?:name|key)["']?[ ]?[:=][ ]?["'])[\w.-]{0,60}"""
_VALUE_BESIDE = r"""(?i:_?key)?["'],[ ]{0,4}["']?(?i:value)["']?[ ]?[:=][ ]?"""
_CHANGED = r""""[^"\n]{0,500}"[ ]->[ ]"([^"\n]{1,4000}+)"""

_NAMES = (
    ("password", ("pass", "pw", "psk"), _PASSWORDS, values.password),
    ("token", ("token", "auth", "jwt"), _TOKENS, values.named),
    ("secret", ("secret", "cred"), _SECRETS, values.named),
    ("key", ("key",), _KEYS, values.key),
)


def _named() -> Iterator[Form]:
    """What every kind of name has in common."""
    for kind, needs, name, judge in _NAMES:
        yield Form(kind, needs, rf"{name}{_MORE}{IS}{VALUE}", judge, "")
        yield Form(kind, needs, rf"{name}{_MORE}{IS}{_CHANGED}", judge, "", (" -> ",))
        yield Form(kind, needs, rf"{name}{FLAG}{SHELL}", judge, _OPTION, (" -", "--"))
        yield Form(kind, needs, rf"{name}{_MORE}[ ]{{1,3}}{SHELL}", judge, _SETS, ("set", "env "))
        yield Form(kind, needs, rf"{name}{_VALUE_BESIDE}{VALUE}", judge, _BESIDE, ("value",))


_HEADER = r"""(?i:authorization\\{0,3}["']?\]?[ ]{0,3}(?:=>|[:=,])[ ]{0,3}\\{0,3}["'\[]?"""
_CREDENTIALS = r"""[^\s"'`\\,;)\]}<>]"""
_SESSION = r"(?i:session(?:[_-]?id)?|sess(?:id|ionid)?|sid)"
_OF_A_SESSION = r"(?i:(?<![a-z])|php|j|asp\.net_|connect\.)"
_COOKIES = r"""(?i:cookies?\\{0,3}["']?[ ]{0,3}[:=][ ]{0,3}\\{0,3}["']?)"""
_PAIR = r"""(?:(?<=[;:=\s"'])|(?<![^\s"']))[\w.$!%-]{1,80}=([^\s;,"'`\\]{6,8000}+)"""
_ELEMENT = r"(?i:(?:password|passwd|secret|token)>)([^<\s]{5,2000}+)(?=</)"
_ELEMENTS = ("password>", "passwd>", "secret>", "token>")

FORMS = (
    *_named(),
    Form("key", ("key",), rf"{_ANY_KEY}{IS}{VALUE}", values.random, _ENVIRONMENT),
    Form("key", ("key",), rf"{_ANY_KEY}{IS}{VALUE}", values.random, _HEADER_KEY),
    Form("key", ("key",), r"key[ ]?[:=][ ]?(AQ[A-Za-z0-9+/]{36}==)", values.anything, r"(?<!\w)"),
    Form(
        "password", ("password=", "_pwd="), rf"(?:PASSWORD|_PWD)={SHELL}", values.certain, r"(?:(?<=\s)|\A)(?:PG|MYSQL)"
    ),
    Form("password", ("sshpass=", "rediscli_auth="), rf"(?:SSHPASS|REDISCLI_AUTH)={SHELL}", values.certain, ""),
    Form("password", ("pass",), r"(?i:password[ ](?:is|was)[ :]{1,3})[\"'`]?([^\s\"'`]{6,80}+)", values.spoken, ""),
    Form(
        "password",
        ("pass",),
        rf"(?i:passw(?:or)?d[ ](?:is[ ]generated[ ])?for[ ])[^:=\n]{{1,60}}+[:=][ ]{{0,3}}{VALUE}",
        values.spoken,
        "",
    ),
    Form("token", ("token",), r"(?i:token)[ =:\"']{1,4}([a-z0-9]{6}\.[a-z0-9]{16})(?![\w.])", values.anything, ""),
    Form("secret", _ELEMENTS, _ELEMENT, values.password, r"<[\w:.-]{0,30}"),
    Form(
        "header",
        ("authorization",),
        rf"""{_HEADER}[a-z][\w-]{{1,20}})[ ]{{1,3}}(?:token=)?\\{{0,3}}["']?({_CREDENTIALS}{{6,16000}}+)""",
        values.credentials,
        "",
    ),
    Form("header", ("authorization",), rf"{_HEADER})({_CREDENTIALS}{{16,16000}}+)", values.named, ""),
    Form("token", ("bearer",), r"(?i:bearer)(?:[ ]{1,3}|%20|\+)([\w.~+/=-]{16,8000}+)", values.random, r"(?<!\w)"),
    Form(
        "cookie",
        ("cookie",),
        rf"{_COOKIES}([^\"'`\r\n]{{3,8000}}+)",
        values.cookie,
        r"(?<![A-Za-z])(?i:set-)?",
        within=_PAIR,
    ),
    Form(
        "cookie",
        ("curl", "http", "wget"),
        rf"(?<!\S)(?:-b|--cookie)(?:[ ]{{1,3}}|=){SHELL}",
        values.cookie,
        within=_PAIR,
    ),
    Form("cookie", ("sess", "sid"), rf"{_SESSION}{IS}{VALUE}", values.random, _OF_A_SESSION),
)
