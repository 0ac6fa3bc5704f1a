"""Reading a runbook: bytes in, `Runbook` out, whatever the bytes are."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from incident.core.runbook.blocks import MAX_NESTING, Block, mark_tasks, tree
from incident.core.runbook.effects import effect_of, opens_console
from incident.core.runbook.inline import inline
from incident.core.runbook.model import PLAIN, Command, Contact, Effect, Runbook, Runnable, Section, SectionKind, Step
from incident.core.runbook.parameters import parameters_of, variables_set
from incident.core.runbook.remarks import safer, with_remarks
from incident.core.runbook.sections import (
    Part,
    identity,
    is_alert_name,
    is_condition,
    is_troubleshooting,
    kind_by_weak_words,
    kind_by_words,
    link_up,
    mark_forks,
)
from incident.core.runbook.shell import logical_line
from incident.core.runbook.source import Source, source
from incident.core.runbook.steps import Commands, Draft, Gatherer
from incident.core.text import one_line

_PASSED_ON = frozenset(
    {SectionKind.DIAGNOSIS, SectionKind.MITIGATION, SectionKind.ROLLBACK, SectionKind.VERIFICATION,
     SectionKind.ESCALATION, SectionKind.CONTEXT}
)  # fmt: skip
_MAX_REMARKS = 20


def read(data: bytes, path: str) -> Runbook:
    """What a Markdown file asks its reader to do. Never raises; what could not be read is in `notices`, in words."""
    text = source(data)
    document = tree(text.markdown, text.lines)
    mark_tasks(document.blocks)
    title, parts = _parts(document.blocks, text, path)
    link_up(parts)
    commands = Commands()
    gathered = _gather(parts, title, document.references, commands)
    mark_forks(parts, [bool(section.steps) for section in gathered])
    known = _commands(commands)
    sections, steps = _assemble(parts, gathered, known)
    steps, known, odd = with_remarks(text.remarks, steps, known)
    notices = [*text.notices, *_broken(known), *_odd(commands), *odd]
    if document.too_deep:
        notices.append(f"something lies more than {MAX_NESTING // 2} lists or quotes deep; it was not read")
    return Runbook(
        path=path,
        sha256=hashlib.sha256(data).hexdigest(),
        title=title,
        sections=sections,
        steps=steps,
        commands=known,
        contacts=_contacts(gathered),
        notices=tuple(notices),
        alerts=text.front.alerts,
        owner=text.front.owner,
        inputs=text.front.inputs,
        requires=text.front.requires,
        reviewed=text.front.reviewed,
        review_every=text.front.review_every,
    )


def _parts(blocks: Sequence[Block], text: Source, path: str) -> tuple[str, list[Part]]:
    """The document's title, and its headings with their blocks; the title's own heading is not among them."""
    parts = [Part(0, 0, "")]
    for block in blocks:
        if block.kind == "heading":
            parts.append(Part(block.start, block.level, inline(block.content).title))
        else:
            parts[-1].blocks.append(block)
    headings = parts[1:]
    first = next((part for part in headings if part.level == 1 and part.title and not is_condition(part.title)), None)
    if first is None and not text.front.title and not parts[0].blocks and _stands_above(headings):
        first = headings[0]
    templated = first is not None and any(mark in first.title for mark in ("<%", "{{"))
    stem = one_line(path.rpartition("/")[2].partition(".")[0])
    own = first.title if first is not None and not templated else ""
    if first is not None and first is headings[0]:
        parts[0].blocks.extend(first.blocks)
        parts.remove(first)
    return own or text.front.title or stem, parts


def _stands_above(headings: Sequence[Part]) -> bool:
    """Whether the first heading is a title in all but its level: every other one is below it, and it tells no kind."""
    if not headings or is_condition(headings[0].title):
        return False
    kind = kind_by_words(headings[0].title)
    above = all(other.level > headings[0].level for other in headings[1:])
    return above and kind in (None, SectionKind.MITIGATION) and len(headings) > 1


def _gather(parts: Sequence[Part], title: str, references: dict[str, str], commands: Commands) -> list[Gatherer]:
    gathered = []
    for part in parts:
        part.words = kind_by_words(part.title)
        above = parts[part.parent] if part.parent is not None else None
        if part.words is None and above is not None and above.words in _PASSED_ON and not above.hinted:
            part.words, part.inherited, part.remedy = above.words, True, is_troubleshooting(above.title) or above.remedy
        elif part.words is None:
            part.words, part.hinted = kind_by_weak_words(part.title), True
        if part.hinted and part.words is SectionKind.MEANING and not is_alert_name(above.title if above else title):
            part.words = SectionKind.CONTEXT
        gatherer = Gatherer(part.words, references, commands, inherited=part.inherited)
        gatherer.gather(part.blocks)
        gathered.append(gatherer)
    return gathered


def _commands(commands: Commands) -> tuple[Command, ...]:
    known = variables_set(found.text for found, _ in commands.found)
    made = []
    for found, block in commands.found:
        parameters = parameters_of(found.text, known)
        console = opens_console(found.text)
        command = Command(
            line=found.start,
            lines=(found.start, found.end),
            block=block,
            text=found.text,
            language="shell",
            origin=found.origin,
            runnable=_runnable(found.text, found.runnable, console),
            effect=effect_of(found.text, parameters),
            parameters=parameters,
            expected_output=found.expected_output,
            opens_console=console,
        )
        made.append(command if found.attributes == PLAIN else safer(command, found.attributes))
    return tuple(made)


def _runnable(text: str, runnable: Runnable, console: bool) -> Runnable:
    """Bytes that could not be read never run; a console is asked about, because nobody knows what is typed there."""
    if "\ufffd" in text:
        return Runnable.NO
    return Runnable.PROBABLE if console and runnable is Runnable.YES else runnable


def _broken(commands: Sequence[Command]) -> list[str]:
    """What keeps a command from running, for each one that is broken as written."""
    remarks = [
        f"line {command.line}: a quote or bracket stays open, so this command does not run"
        for command in commands
        if not logical_line(command.text.split("\n"), 0).complete
    ]
    more = len(remarks) - _MAX_REMARKS
    return remarks if more <= 0 else [*remarks[:_MAX_REMARKS], f"and {more} more like it"]


def _odd(commands: Commands) -> list[str]:
    """What cannot be read of a block's attributes, once for each block."""
    firsts = {block: found for found, block in reversed(commands.found)}
    return [f"line {firsts[block].start}: {odd}" for block in sorted(firsts) for odd in firsts[block].odd]


def _assemble(
    parts: Sequence[Part], gathered: Sequence[Gatherer], commands: Sequence[Command]
) -> tuple[tuple[Section, ...], tuple[Step, ...]]:
    sections: list[Section] = []
    steps: list[Step] = []
    seen: Counter[str] = Counter()
    kinds = _kinds(parts, gathered, commands)
    for part, own, kind in zip(parts, gathered, kinds, strict=True):
        if not part.level and not own.steps and not own.prose:
            continue
        sections.append(Section(part.line, part.level, part.title, kind, part.branch, tuple(own.prose)))
        for draft in own.steps:
            step = _step(draft, part, len(sections) - 1, commands)
            seen[step.id] += 1
            if seen[step.id] > 1:
                step = replace(step, id=f"{step.id}-{seen[step.id]}")
            steps.append(step)
    return tuple(sections), tuple(steps)


def _kind(part: Part, own: Gatherer, commands: Sequence[Command]) -> SectionKind | None:
    """What a section is for: its heading's words, or what its steps do; None when neither says."""
    used = [commands[position] for draft in own.steps for position in draft.commands]
    changes = any(command.effect is not Effect.READS for command in used)
    unsure = part.inherited or (part.hinted and part.words is SectionKind.DIAGNOSIS)
    silent = part.hinted and not own.steps and part.words is not SectionKind.MEANING
    if part.words is not None and not (unsure and changes) and not silent and not part.remedy:
        return part.words
    if not own.steps and part.remedy:
        return part.words
    if not own.steps:
        explains = not part.level or (is_alert_name(part.title) and bool(own.prose))
        return SectionKind.MEANING if explains else None
    looks = all(draft.check for draft in own.steps) and not changes
    return SectionKind.DIAGNOSIS if looks else SectionKind.MITIGATION


def _kinds(parts: Sequence[Part], gathered: Sequence[Gatherer], commands: Sequence[Command]) -> list[SectionKind]:
    """Every part's kind; one that says nothing itself is for what stands below it."""
    own = [_kind(part, section, commands) for part, section in zip(parts, gathered, strict=True)]
    acts = {SectionKind.MITIGATION, SectionKind.DIAGNOSIS}
    for index in reversed(range(len(parts))):
        above = parts[index].parent
        if above is not None and own[above] is None and own[index] in acts and not parts[above].words:
            own[above] = own[index]
    return [kind or SectionKind.CONTEXT for kind in own]


def _step(draft: Draft, part: Part, section: int, commands: Sequence[Command]) -> Step:
    texts = [commands[position].text for position in draft.commands]
    return Step(
        id=identity(*part.path, draft.text, *texts),
        lines=(draft.start, draft.end),
        text=draft.text,
        section=section,
        form=draft.form,
        number=draft.number,
        depth=draft.depth,
        branch=part.branch,
        conditional=draft.conditional,
        check=draft.check,
        expected=draft.expected,
        commands=tuple(draft.commands),
        detail=tuple(draft.detail),
    )


def _contacts(gathered: Sequence[Gatherer]) -> tuple[Contact, ...]:
    return tuple(contact for section in gathered for contact in section.contacts)
