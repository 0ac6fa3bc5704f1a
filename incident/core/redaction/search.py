"""The quick search that comes first: which lines of a block may hold a secret. Most blocks hold none.

Each search looks for one rare sign, which costs next to nothing, and then at what stands around it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from incident.core.redaction.tokens import PREFIXES


def _behind_prefixes(sign: str) -> str:
    """The sign at the end of a token's prefix; most others have a letter in front that no prefix ends with."""
    names = {prefix[:-1] for prefix in PREFIXES if prefix[-1] == sign}
    last = "".join(sorted({name[-1] for name in names}))
    short = [rf"(?<=(?<![a-z0-9]){name}{sign})" for name in sorted(names) if len(name) == 2]
    long = "|".join(sorted({name[-3:] + sign for name in names if len(name) > 2}))
    return rf"{sign}(?<=[{last}]{sign})(?:{'|'.join([*short, f'(?<={long})'])})"


# Over lower case. Every form's signs are here.
_SEARCHES = tuple(
    re.compile(search.encode("ascii"))
    for search in (
        r"k(?:ey|(?<=tok)en|(?<=ak)ia|(?<=cook)ie|(?<=hook)|(?<=psk))",
        r"ss(?<=pass|sess)",
        r"auth",
        r"cre(?:d|t(?<=secret))",
        r"pw",
        r"j(?:wt|(?<=eyj)|(?<=iqoj)b)",
        r"z(?:(?<=aiz)a|(?<=fwogz)x)",
        r"q(?:lplus|ctl(?<=mqctl))",
        r"v(?:ault |[sbr]\.(?<=hv[sbr]\.)|1\.(?<=atlasv1\.)|ersion(?<=apiversion)|ate-lines)",
        r"://[^\s\"'`<>@]{0,400}@",
        r"@(?:tcp|unix)\(",
        r"oracle:thin",
        r"~(?<=6~|q~)",
        r"\$[1567ygaps2][\w-]{0,12}\$",
        r" -(?:[uapwxsbnc]|-(?:from-lit|user|proxy-u|body))",
        r"\\\n",
        r"sig(?:nature)?=",
        r"sid[\"'=: ]",
        r":aa(?<=\d:aa)",
        r"bearer",
        r"identified",
        r"asia",
        r"ls0tls",
        r"dapi",
        r"/integration/",
        r"machine ",
        r"mc alias",
        r"community",
        r"432:",
        r"sg\.",
        r"a29\.",
        r"dp\.",
        r"dt0",
        r"fm[12]",
        r"pscale",
        r"ops_ey",
        r"xox",
        _behind_prefixes("_"),
        _behind_prefixes("-"),
    )
)


def suspicious(block: bytes, known: tuple[bytes, ...]) -> list[int]:
    """The places in a block around which a secret may stand, in their order."""
    lower = block.lower()
    places = [found.start() for search in _SEARCHES for found in search.finditer(lower)]
    for form in known:
        places += _all(block, form)
    places.sort()
    return places


def _all(block: bytes, form: bytes) -> Iterator[int]:
    place = block.find(form)
    while place >= 0:
        yield place
        place = block.find(form, place + 1)
