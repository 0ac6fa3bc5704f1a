"""`python -m tests.readme`: writes the README's tables from the code that they describe."""

from __future__ import annotations

import re
from pathlib import Path

from incident.config import KEYS
from incident.tui.actions import key_table

README = Path(__file__).parent.parent / "README.md"


def config_table() -> str:
    """Every key of the configuration."""
    rows = [f"| `{key}` | {shape.replace('|', chr(92) + '|')} | {what} |" for key, (shape, what) in KEYS.items()]
    return "\n".join(["| key | is | does |", "| --- | --- | --- |", *rows])


def tables() -> dict[str, str]:
    """The parts of the README that the code says."""
    return {"keys": key_table(), "config": config_table()}


def part(name: str) -> str:
    """What the README has between two markers."""
    found = re.search(rf"<!-- {name}:[^>]*-->\n(.*?)<!-- /{name} -->", README.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1].strip()


def main() -> None:
    """Write them."""
    text = README.read_text(encoding="utf-8")
    for name, table in tables().items():
        text = re.sub(
            rf"(<!-- {name}:[^>]*-->\n).*?(<!-- /{name} -->)",
            lambda found, table=table: f"{found[1]}{table}\n{found[2]}",
            text,
            flags=re.DOTALL,
        )
    README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
