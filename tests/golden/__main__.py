"""Write the golden post-mortems anew from their logs: `python -m tests.golden`, then read the diff."""

from __future__ import annotations

from pathlib import Path

from tests.golden.documents import documents


def main() -> None:
    """Write every document beside this file."""
    folder = Path(__file__).parent
    for name, text in documents().items():
        (folder / name).write_text(text, encoding="utf-8")


main()
