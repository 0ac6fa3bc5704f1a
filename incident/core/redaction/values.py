"""Whether a value that stands where a secret may stand is one, and no variable, placeholder, name, path or word."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable

Judge = Callable[[str], bool]

_STAND_IN = re.compile(
    r"""(?ix)
      \$(?:[A-Z_({*@\#?!] | [0-9]\Z | \$)          # $VAR ${VAR} $(command) $1; "$2a$" begins a hash
    | [<`…•] | \{\{ | \{% | \{[a-z_][\w. -]{0,80}(?:[}!(:\[]|\Z) | %[({] | %[A-Z_]{1,80}%\Z | %[sdvq]\Z | @\{ | \#\{
    | \*
    | &(?:lt|\#) | // | \(\? | &[a-z]\w{0,80}\Z | @[\w./-]{1,200}\.[a-z]{2,5}\Z | @(?:base64d?|json|text|sh|uri)\Z
    | \[[a-z *] | \(\w | \+\s | ![A-Za-z]{2,12}(?:\Z|[ ]) | ENC\[ | enc: | \$ANSIBLE | \\[$"'n{]?\Z
    | (?:sha(?:1|224|256|384|512)|md5)[:-]         # digests
    | (?:arn|op|ref\+\w+|vault|secret|ssm|file|env|projects|kms|https?|data|secrets|var|local|module|process|os)[:./]
    | (?:~|\.{1,2})/ | /(?:etc|opt|var|run|home|usr|tmp|srv|root|mnt|app|data|secrets?|vault|proc|dev|users)/
    | /(?:config|workspace|certs?|ssl|lib|sys|path)/
    | --\w | (?:x{1,200}|\.{1,200}|-{1,200}|_{1,200})\Z | =
    """
)
_SAYS_SO = re.compile(
    r"(?i)example|change[-_]?(?:me|it)\b|\byour[-_]?|dummy|redacted|placeholder|(?-i:x{4}|X{4})|\*\*\*|\.\.\.|…|•••|-----"
    r"|<[a-z]|\$\{|\$\(|\{\{|insert|replace[-_]?(?:me|with)?|sample|masked|%s(?!\w)|%\(|(?:pass(?:word)?|secret|token|key)[-_]?here"
    r"|\bmy[-_]?(?:password|secret|token|key|pass)\Z|\$[A-Z][A-Z0-9]{0,20}_|deadbeef|abcdef(?![a-z])"
    r"|\b(?:a|an|the|some|new|old|secret|random|strong|secure)[-_](?:secret[-_])?(?:pass(?:word|wd)?|secret|token|key)\Z"
)
_NUMBER = re.compile(
    r"[-+]?\d[\d.,:TZ/_+-]{0,40}(?:[smhdwy%kKMGTB]|[mun]s|[KMGTP]i?B?|secs?|min|hours?|days?)?\Z|0x[0-9a-fA-F]+\Z"
)
_CODE = re.compile(r"[\w.$:>-]{1,80}(?:\(|\[['\"\w:\[-])")
_PORT = re.compile(r"\d{1,5}(?:[/?#]|\Z)")
_CALL = re.compile(r"[\w.$:>-]{1,80}\(")
_FILE = re.compile(
    r".{1,200}\.(?:txt|ya?ml|json|pem|crt|cer|key|env|conf|cfg|ini|toml|go|py|sh|js|ts|rb|java|log|tf|md)\Z"
)
_PARTS = re.compile(r"[-_./:|@\\#+~]+")
_SAID = re.compile(r"[-_./:|\s,?;'\"()]+")
_GLUED = frozenset(
    ["rint", "rint0", "rune", "ath", "erm", "rod", "lain", "rogress", "rotocol", "arallel", "ort", "rofile"]
)
_HUMP = 3.5  # letters of a word within a name, on average; random letters change their case sooner
_TECHNICAL = frozenset(
    (
        "base64", "sha256", "sha512", "md5", "oauth2", "utf8", "argon2", "k8s", "s3", "ec2", "v1", "v2", "x509", "i18n",
        "ssh", "tls", "ssl", "sql", "http", "https", "dns", "vpn", "kms", "ssm", "tmp", "pwd", "gcp", "prd", "stg",
        "cfg", "ctx", "str", "src", "dst", "msg", "xml", "html", "bcrypt", "www",
    )
)  # fmt: skip
_HUMPS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^A-Za-z]+")
_VOWEL = re.compile(r"(?i)[aeiouy]")
_NO_VOWEL = re.compile(r"(?i)[^aeiouy]{5}")
_FEW_VOWELS = re.compile(r"(?i)[^aeiouy]{4}")
_LONG = 12  # letters of a word from which on few vowels are suspicious
_SHORT_SHA = re.compile(r"[0-9a-f]{7,12}\Z|[0-9A-F]{8,16}\Z")
_SHA = re.compile(r"[0-9a-f]{40}\Z|[0-9a-f]{64}\Z")
_UUID = re.compile(r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\Z")
_OBJECT = re.compile(r"(?=[a-z0-9.:/-]{0,200}[a-z]{3})[a-z0-9]+(?:[-./:][a-z0-9]+)+\Z")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{6,}={0,2}\Z")
_WORDS = frozenset(
    (
        "password", "passwd", "pass", "pwd", "pw", "secret", "secrets", "token", "tokens", "key", "keys", "apikey",
        "api_key", "api-key", "user", "username", "login", "admin", "changeme", "changeit", "none", "null", "nil",
        "true", "false", "yes", "no", "on", "off", "undefined", "required", "optional", "string", "str", "bytes",
        "text", "empty", "unset", "set", "hidden", "removed", "foo", "bar", "baz", "foobar", "test", "testing",
        "value", "here", "default", "tbd", "n/a", "stdin", "prompt", "file", "env", "vault", "invalid", "expired",
        "missing", "basic", "bearer", "digest", "negotiate", "host", "hostname", "server", "name", "xyz", "yyy", "zzz",
    )
)  # fmt: skip


def stand_in(value: str) -> bool:
    """Whether the value stands for one that is elsewhere: a variable, a placeholder, a mask, a digest, a reference."""
    value = value.strip()
    if _STAND_IN.match(value) or _SAYS_SO.search(value) or len(set(value)) < 3:
        return True
    return value.strip("\"'").lower() in _WORDS


def certain(value: str) -> bool:
    """Whether a value in a place where only a secret can stand is one; it may be a word of the dictionary."""
    return len(value) >= 3 and not stand_in(value) and not _CALL.match(value)


def password(value: str) -> bool:
    """Whether the value of something that is called a password is one; a sentence, a word or a path is not."""
    if len(value) < 5 or stand_in(value) or _CODE.match(value) or _FILE.match(value):
        return False
    if _NUMBER.match(value):
        return value.isdigit() and len(value) >= 6
    return not _said(value)


def named(value: str) -> bool:
    """Whether the value of something that is called a token or secret is one; the name of an object is not."""
    if len(value) < 8 or _NUMBER.match(value) or worded(value) or not password(value):
        return False
    return not (_SHORT_SHA.match(value) or (_OBJECT.match(value) and not _UUID.match(value)))


def key(value: str) -> bool:
    """The same for something that is called a key, which many names in a configuration are."""
    return named(value) and not value.isalpha()


def random(value: str) -> bool:
    """Whether a value looks as if it was drawn at random, and is no hash, identity, path or word."""
    if len(value) < 16 or not named(value) or _SHA.match(value) or _UUID.match(value):
        return False
    return any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def credentials(value: str) -> bool:
    """Whether the value of an Authorization header is one, and not what the documentation puts there."""
    return len(value) >= 6 and not stand_in(value) and not worded(value)


def spoken(value: str) -> bool:
    """Whether somebody's `the password is ...` says it."""
    return password(value) and any(char.isdigit() for char in value) and any(char.isalpha() for char in value)


def argument(value: str) -> bool:
    """Whether the argument of an option that takes a password is one, and no number, path or other option."""
    return certain(value) and not value.startswith(("-", "/", "./", "../")) and not _NUMBER.match(value)


def option(value: str) -> bool:
    """The same for one that is glued to its option: `-print` is no `-p` with a password."""
    return argument(value) and value not in _GLUED


def in_address(value: str) -> bool:
    """Whether what stands in a URL between a user and an `@` is a password, and no port or path in front of one."""
    return certain(value) and "//" not in value and not _PORT.match(value)


def cookie(value: str) -> bool:
    """Whether the value of a cookie says who somebody is: neither a number nor a word."""
    return len(value) >= 8 and not stand_in(value) and not _NUMBER.match(value) and not worded(value)


def encoded(value: str) -> bool:
    """Whether the value is base64 of something, and no word that only happens to have its letters."""
    return bool(_BASE64.match(value)) and len(value) % 4 == 0 and not worded(value) and not _NUMBER.match(value)


def private_key(value: str) -> bool:
    """Whether base64 text begins a private key, and no certificate."""
    try:
        return b"PRIVATE KEY" in b64decode(value[:64])
    except Error:
        return False


def anything(value: str) -> bool:
    """Whatever has this form is a secret, unless it says that it is an example."""
    return not _SAYS_SO.search(value)


def worded(value: str) -> bool:
    """Whether a value is made of words and short numbers: a path, an identifier, a name."""
    return all(_word(part) for part in _PARTS.split(value))


def _said(value: str) -> bool:
    """Whether somebody says something in the place of a password: `see the vault`, `from-vault`, `min 8 characters`."""
    parts = [part for part in _SAID.split(value) if part]
    if " " not in value and {_style(part) for part in parts[1:]} - {_style(part) for part in parts[:1]} - {"lower"}:
        return False
    return bool(parts) and all(_saying(part, " " in value) for part in parts)


def _saying(part: str, sentence: bool) -> bool:
    """A word of what somebody says; a number only belongs to a sentence."""
    if part.isdigit():
        return sentence and len(part) <= 3
    return part.lower() in _TECHNICAL or (part.isalpha() and _word(part) and bool(_VOWEL.search(part) or len(part) < 3))


def _style(part: str) -> str:
    return "lower" if part.islower() else "title" if part.istitle() else "upper" if part.isupper() else "mixed"


def _word(part: str) -> bool:
    """A word, or several that only their capitals part, with at most two digits at one end."""
    if len(part) <= 2 or part.isdigit():
        return len(part) <= 4
    if not part.isascii() or not part.isalnum():
        return part.isalpha()
    humps = _HUMPS.findall(part)
    words = [hump for hump in humps if hump.isalpha()]
    digits = len(part) - sum(len(word) for word in words)
    if digits > 2 or (digits and (len(words) != 1 or part[0].isdigit())):
        return False
    if len(words) == 1:
        return not (_NO_VOWEL if len(part) < _LONG else _FEW_VOWELS).search(part)
    if sum(word.isupper() for word in words) > 1 or any(_NO_VOWEL.search(word) for word in words):
        return False
    return len(part) / len(words) >= _HUMP
