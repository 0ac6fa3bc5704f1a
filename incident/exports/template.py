"""A team's own template: Jinja2 in a sandbox, on the parts that the built-in shape is made of.

`{{ head }}` and `{{ timeline }}` are whole parts with their markers, so that a later export can bring them up to date;
any other value is made inert before it is put in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from incident.core.postmortem import PostMortem
from incident.errors import ExportError
from incident.exports.inert import text
from incident.exports.plain import plain_values

LONGEST = 200_000  # characters of a template
_INSTALL = "`pip install 'incident[template]'` brings it"


class _Ready(str):
    """Markdown that is as it should be."""

    __slots__ = ()


def filled(template: str, mortem: PostMortem, parts: Mapping[str, Sequence[str]], headings: Sequence[str]) -> str:
    """The document. Raises ExportError when the template cannot be used, with its line."""
    try:
        from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError
        from jinja2.sandbox import ImmutableSandboxedEnvironment
    except ImportError:
        raise ExportError("a template needs Jinja2, which is not installed", hint=_INSTALL) from None
    if len(template) > LONGEST:
        raise ExportError(f"the template is longer than {LONGEST:,} characters")
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True,
        finalize=_inert, autoescape=False,
    )  # fmt: skip
    given: dict[str, Any] = {name.replace("-", "_"): _Ready("\n".join(lines)) for name, lines in parts.items()}
    given |= {"postmortem": plain_values(mortem), "headings": [_Ready(text(one)) for one in headings]}
    try:
        made: str = environment.from_string(template).render(given)
    except TemplateSyntaxError as off:
        raise ExportError(
            f"the template cannot be read: {off.message}",
            at=f"template:{off.lineno}",
            hint="mend it; nothing was written",
        ) from None
    except TemplateError as off:
        raise ExportError(
            f"the template cannot be filled: {off}", hint=f"it may use {', '.join(sorted(given))}; nothing was written"
        ) from None
    except (TypeError, ValueError, ArithmeticError, LookupError, RecursionError, MemoryError) as off:
        raise ExportError(f"the template cannot be filled: {off}", hint="mend it; nothing was written") from None
    return made if made.endswith("\n") else f"{made}\n"


def _inert(value: Any) -> Any:
    """What is put into the document: a part as it is, anything else as text."""
    return value if isinstance(value, _Ready) else text("TODO" if value is None else str(value), cell=True)
