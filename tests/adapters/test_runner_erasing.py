"""What a command printed leaves the disk for good, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from incident.runner.erasing import erase
from incident.world import erase_output, output_file

SECRET = b"token=canary-4711\n"
RUN = "INC-1/3-ab12cd"


def printed(state: Path, incident: str = "INC-1", run: str = "3-ab12cd") -> list[Path]:
    """Every file of a run that printed much, and that was killed while its result was written."""
    output = Path(output_file(state, incident, run))
    beside = [output.with_suffix(".result"), output.with_suffix(".result.new")]
    files = [output, *beside, *(output.with_name(f"{output.name}.part{n}") for n in (0, 11))]
    for file in files:
        file.write_bytes(SECRET * 1_000)
    return files


def test_every_file_of_the_run_is_gone_and_every_other_stays(tmp_path: Path) -> None:
    files, other = printed(tmp_path), printed(tmp_path, run="31-ab12cd")
    strange = files[0].with_name(f"{files[0].name}.partly")
    strange.write_bytes(SECRET)
    assert erase_output(tmp_path, "INC-1", RUN)
    assert not [file for file in files if file.exists()]
    assert all(file.exists() for file in (*other, strange))
    assert not erase_output(tmp_path, "INC-1", RUN)


def test_its_bytes_are_overwritten_before_the_file_goes(tmp_path: Path) -> None:
    [output, *_] = printed(tmp_path)
    second = tmp_path / "a second name of the same bytes"
    second.hardlink_to(output)
    assert erase(str(output))
    assert set(second.read_bytes()) == {0}
    assert second.stat().st_size == len(SECRET) * 1_000


@pytest.mark.parametrize(
    ("incident", "run"),
    [
        ("INC-2", RUN), ("INC-1", "INC-1/../../x"), ("..", "../x"), ("INC-1/..", "INC-1/../x"), ("INC-1", "INC-1"),
        ("INC-1", "INC-1/"), ("", "/3-ab12cd"), ("INC-1", "INC-1/.hidden"),
    ],
)  # fmt: skip
def test_an_order_from_elsewhere_reaches_no_other_file(tmp_path: Path, incident: str, run: str) -> None:
    state = tmp_path / "state"
    files = printed(state)
    (tmp_path / "x.log").write_bytes(SECRET)
    (state / "x.log").write_bytes(SECRET)
    assert not erase_output(state, incident, run)
    assert all(file.exists() for file in (*files, tmp_path / "x.log", state / "x.log"))


def test_a_link_in_the_place_of_the_output_is_not_followed(tmp_path: Path) -> None:
    output = Path(output_file(tmp_path, "INC-1", "3-ab12cd"))
    mine = tmp_path / "mine"
    mine.write_bytes(SECRET)
    output.symlink_to(mine)
    assert not erase_output(tmp_path, "INC-1", RUN)
    assert mine.read_bytes() == SECRET
