"""The whole table of forms, and which of them a line may hold."""

from __future__ import annotations

from incident.core.redaction import commands, named, tokens
from incident.core.redaction.form import Form

FORMS: tuple[Form, ...] = (*tokens.FORMS, *named.FORMS, *commands.FORMS)
_BY_NEED = tuple(
    (need, tuple(at for at, form in enumerate(FORMS) if need in form.needs))
    for need in sorted({need for form in FORMS for need in form.needs})
)


def possible(lower: str) -> list[Form]:
    """The forms that a line, in lower case, may hold, in their order."""
    found: set[int] = set()
    for need, forms in _BY_NEED:
        if need in lower:
            found.update(forms)
    return [FORMS[at] for at in sorted(found)]
