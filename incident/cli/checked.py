"""The work of `incident check`: which files, read by how many processes, and all that is found in them."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from shutil import which

from incident.config import KEYS, Config
from incident.config import read as read_config
from incident.config.model import PostMortem
from incident.core.check import Finding, check_alert_rules, check_config, check_runbook
from incident.core.check.alert_rules import RuleFile, home_of, leads_to
from incident.core.check.around import Around, Library
from incident.core.check.health import NOTHING, Learned
from incident.core.check.rules import BAD_YAML
from incident.core.match import Match
from incident.core.runbook import Runbook
from incident.errors import ConfigError, IncidentError, UsageError
from incident.sources.checked_files import RUNBOOK_SUFFIXES, FilesAround, bytes_of, files_under
from incident.sources.rule_files import SUFFIXES, RuleFileError, SkippedRuleFileError, rule_file
from incident.sources.runbooks import Folders
from incident.sources.shell_syntax import BashSyntax

_CHUNK = 25  # runbooks that a process takes at a time
_WORTH_IT = 150  # runbooks from which on further processes pay for their start

Tell = Callable[[int, int], None]  # how many files are done, of how many
Learn = Callable[[Sequence[RuleFile]], Learned]


@dataclass(slots=True)
class Files:
    """What was named, sorted by what it is."""

    runbooks: list[Path] = field(default_factory=list)
    rules: list[Path] = field(default_factory=list)
    roots: list[Path] = field(default_factory=list)  # folders in which an alert's runbook is looked for


@dataclass(slots=True)
class Found:
    """Everything found, how many files were looked at, and which could not be."""

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Job:
    """What a process needs to know beside the files. `led_to` are full paths; None: no rule files were given."""

    today: date
    tools: bool
    led_to: frozenset[str] | None
    headings: tuple[str, ...] = PostMortem().headings  # of a post-mortem


def named_files(paths: Sequence[str], rules: Sequence[str], config: Config) -> Files:
    """The files to look at: those named, else the runbook folders, else ./runbooks.

    Raises UsageError for a path that is not there, or when there is nothing to look at.
    """
    files = Files(roots=list(config.runbooks))
    here = Path("runbooks")
    roots = [_from_here(root) for root in config.runbooks] or ([here] if here.is_dir() else [])
    if not paths and not roots and not rules and config.file is None:
        raise UsageError("there is nothing to check", hint="name a file or a folder: `incident check runbooks/`")
    for path in [*map(Path, paths), *([] if paths or rules else roots)]:
        _sort_in(path, files)
    for path in map(Path, rules):
        if path.is_dir():
            files.rules += files_under(path, SUFFIXES)
        else:
            files.rules.append(_standing(path))
    if not files.roots:
        files.roots = list(roots)
    files.runbooks = list(dict.fromkeys(files.runbooks))
    files.rules = list(dict.fromkeys(files.rules))
    return files


def _from_here(path: Path) -> Path:
    """The path as somebody in this folder would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _sort_in(path: Path, files: Files) -> None:
    if _standing(path).is_dir():
        pages = list(files_under(path, RUNBOOK_SUFFIXES))
        files.runbooks += pages
        files.rules += files_under(path, SUFFIXES)
        if pages:
            files.roots.append(path)
    elif path.name.lower().endswith(RUNBOOK_SUFFIXES):
        files.runbooks.append(path)
        files.roots.append(path.parent)
    else:
        files.rules.append(path)


def _standing(path: Path) -> Path:
    if not path.exists():
        raise UsageError("there is no such file or folder", at=str(path), hint="name Markdown, rule files, or a folder")
    return path


def check(
    files: Files, config: Config, today: date, *, tools: bool, tell: Tell, learn: Learn = lambda rule_files: NOTHING
) -> Found:
    """Look at everything. `today` is UTC; `tell` hears how far it is; `learn` asks what lies outside of the files."""
    found = Found()
    total = len(files.runbooks) + len(files.rules)
    shelf = Folders(files.roots)
    rule_files = _rule_files(files, config, found)
    library = Library(
        shelf.listing() if rule_files else (), config.runbook_map, _reader(shelf), page=config.page, info=config.info
    )
    led_to: set[str] = set()
    homes: set[str] = set()
    leads: list[list[Match]] = []
    for done, own in enumerate(rule_files, 1):
        leads.append([leads_to(rule, library) for rule in own.rules])
        for rule, match in zip(own.rules, leads[-1], strict=True):
            if match.path is not None:
                led_to.add(str(Path(match.root) / match.path))
                if match.reason.startswith("found by"):
                    homes.add(home_of(rule))
        tell(done, total)
    library = replace(library, homes=frozenset(homes))
    learned = learn(rule_files) if rule_files else NOTHING
    for own, led in zip(rule_files, leads, strict=True):
        found.findings += check_alert_rules(own, library, led, learned)
    job = Job(today, tools, frozenset(led_to) if rule_files else None, config.postmortem.headings)
    before = total - len(files.runbooks)
    for done, findings in enumerate(_over(files.runbooks, job), 1):
        found.findings += findings
        tell(before + min(done * _CHUNK, len(files.runbooks)), total)
    found.findings += _action_items(files.runbooks, today)
    found.files += len(files.runbooks)
    return found


def _action_items(paths: Iterable[Path], today: date) -> list[Finding]:
    """What is found in the action items of the post-mortems among these files, beside each other."""
    from incident.core.actions.page import ActionPage, read
    from incident.core.check.postmortem import is_postmortem
    from incident.core.check.rules import check_actions

    pages: list[ActionPage] = []
    for path in paths:
        with suppress(IncidentError):  # it is said where the file is looked at as a whole
            data = bytes_of(path)
            page = read(data.decode("utf-8-sig", "replace"), str(path)) if is_postmortem(data) else None
            pages += [page] if page is not None else []
    return check_actions(pages, today)


def _reader(shelf: Folders) -> Callable[[str, str], Runbook | None]:
    from incident.core.runbook.read import read

    known: dict[tuple[str, str], Runbook | None] = {}

    def runbook(root: str, path: str) -> Runbook | None:
        if (root, path) not in known:
            try:
                file = shelf.read(str(Path(root) / path))
                known[root, path] = read(file.data, file.path) if b"ticket" in file.data.lower() else None
            except IncidentError:
                known[root, path] = None
        return known[root, path]

    return runbook


def _rule_files(files: Files, config: Config, found: Found) -> list[RuleFile]:
    """The rule files that can be read; configurations are looked at on the way."""
    rule_files = []
    for path in files.rules:
        try:
            text = bytes_of(path).decode("utf-8-sig", "replace")
            own = rule_file(text, str(path))
        except SkippedRuleFileError as beyond:
            found.skipped.append(str(beyond))
            continue
        except RuleFileError as broken:
            found.findings.append(BAD_YAML.found(str(path), _line_of(broken), broken.what, broken.hint))
            found.files += 1
            continue
        except IncidentError as unread:
            found.skipped.append(str(unread))
            continue
        if own is not None:
            rule_files.append(own)
        elif _is_configuration(text):
            found.findings += _configuration(path, text)
        else:
            continue
        found.files += 1
    known = {path.resolve() for path in files.rules}
    if config.file is not None and config.file.resolve() not in known:
        found.findings += _configuration(config.file, bytes_of(config.file).decode("utf-8-sig", "replace"))
        found.files += 1
    return rule_files


def _is_configuration(text: str) -> bool:
    """Whether every key at the left edge, or every one but a misspelled one, is one of the configuration's."""
    keys = [line.partition(":")[0] for line in text.splitlines() if line[:1].isalpha() and ":" in line]
    return bool(keys) and sum(key in KEYS for key in keys) * 2 >= len(keys)


def _configuration(path: Path, text: str) -> list[Finding]:
    refused = None
    try:
        read_config(path)
    except ConfigError as off:
        refused = _line_of(off), off.what, off.hint
    return check_config(str(path), tuple(text.split("\n")), refused)


def _line_of(error: IncidentError) -> int:
    """The line in an error's `file:line`, 1 when there is none."""
    line = error.at.rpartition(":")[2]
    return int(line) if line.isdecimal() else 1


def _over(runbooks: Sequence[Path], job: Job) -> Iterable[list[Finding]]:
    chunks = [runbooks[start : start + _CHUNK] for start in range(0, len(runbooks), _CHUNK)]
    processes = min(os.cpu_count() or 1, 8, len(chunks))
    if len(runbooks) < _WORTH_IT or processes < 2:
        yield from (look_at(chunk, job) for chunk in chunks)
        return
    fresh = multiprocessing.get_context("spawn")  # a fork would take this process's open files and threads along
    with ProcessPoolExecutor(processes, mp_context=fresh, initializer=_leave_interrupts) as pool:
        waiting = [pool.submit(look_at, chunk, job) for chunk in chunks]
        try:
            for one in as_completed(waiting):
                yield one.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C is this process's parent's to answer."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def look_at(paths: Sequence[Path], job: Job) -> list[Finding]:
    """What is found in some runbooks."""
    from incident.core.check.blocks import asked
    from incident.core.check.document import UNREADABLE
    from incident.core.check.page import page_of
    from incident.core.check.postmortem import check as check_postmortem
    from incident.core.check.postmortem import is_postmortem
    from incident.core.check.rules import RULES
    from incident.exports.schema import schema

    syntax = BashSyntax()
    anchors: dict[Path, frozenset[str] | None] = {}
    pages = []
    findings: list[Finding] = []
    for path in paths:
        try:
            data = bytes_of(path)
            if is_postmortem(data):
                findings += check_postmortem(data, str(path), schema(), job.headings, tuple(RULES))
            else:
                pages.append((path, page_of(data, str(path))))
        except IncidentError as failed:
            findings.append(UNREADABLE.found(str(path), 1, failed.what, failed.hint))
    syntax.learn(text for _, page in pages for text in asked(page))
    for path, page in pages:
        led_to = None if job.led_to is None else str(path.resolve()) in job.led_to
        around = Around(
            job.today, FilesAround(path, anchors), syntax.complaint, _missing if job.tools else None, led_to
        )
        findings += check_runbook(page, around)
    return findings


def _missing(program: str) -> bool:
    return which(program) is None
