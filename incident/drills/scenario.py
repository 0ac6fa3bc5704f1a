"""Scenarios: the YAML files that come with the program, and anybody's own."""

from __future__ import annotations

from pathlib import Path

from incident.core import strict_yaml
from incident.drills.fields import Fields, nearest
from incident.drills.model import Scenario
from incident.drills.reading import KEYS, Reader
from incident.errors import DrillError

FOLDER = Path(__file__).parent / "scenarios"
FORMAT = 1
_LARGEST = 262_144  # bytes of one scenario


def names() -> tuple[str, ...]:
    """The scenarios that come with the program, in alphabetical order."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


def is_file(name: str) -> bool:
    """Whether a person named a file of their own rather than a scenario that comes with the program."""
    return "/" in name or name.endswith((".yaml", ".yml"))


def find(name: str) -> Scenario:
    """A scenario by its name, or from a file. Raises DrillError with the nearest name when there is none."""
    if is_file(name):
        return read(Path(name).expanduser())
    if name not in names():
        raise DrillError(f"there is no drill `{name}`", hint=nearest(name, names()))
    return read(FOLDER / f"{name}.yaml")


def read(path: Path) -> Scenario:
    """A scenario from its file. Raises DrillError."""
    text = text_of(path)
    inside = path.parent == FOLDER
    return load(text, path.name if inside else str(path))


def text_of(path: Path) -> str:
    """A scenario's YAML as it is written. Raises DrillError."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            raise DrillError("this file is too large for a scenario", at=str(path))
        return data.decode("utf-8")
    except (OSError, UnicodeDecodeError, ValueError) as broken:
        said = getattr(broken, "strerror", None) or str(broken)
        raise DrillError(f"the scenario cannot be read: {said}", at=str(path)) from None


def load(text: str, name: str) -> Scenario:
    """A scenario from its YAML. Raises DrillError with `name:line`, and the nearest key for an unknown one."""
    document = strict_yaml.load(text, name, DrillError)
    top = Fields(document).only(*KEYS)
    if top.whole("drill") != FORMAT:
        raise top.wrong(f"this is drill format {top.whole('drill')}", "drill", hint=f"this program reads {FORMAT}")
    return Reader(top, Path(name).stem).scenario()
