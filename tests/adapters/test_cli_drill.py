"""What scenarios can be asked from a shell: proven, written, printed, looked back on; and a past incident walked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from incident.drills import scenario as scenarios
from tests.adapters.small_drill import SOUND
from tests.adapters.test_cli import IDENTITY, home, recorded
from tests.system.terminal import from_a_shell, told

__all__ = ["home", "recorded"]  # the fixtures of the command line


def test_the_drills_are_listed_with_their_length(home: Path) -> None:
    listed = from_a_shell("drill", "list", home=home)
    assert listed.stdout.startswith("NAME")
    assert "bad-deploy        Checkout fails after a deploy" in listed.stdout
    known = told("drill", "list", home=home)
    assert len(known) == len(scenarios.names())
    assert known[0]["name"] == "bad-deploy"
    assert (known[0]["length_seconds"], known[0]["played"], known[0]["last_played"]) == (1200.0, 0, None)


def test_check_proves_every_shipped_scenario(home: Path) -> None:
    done = from_a_shell("drill", "check", home=home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "15 scenarios proven\n")


def test_check_names_file_line_and_what_to_do_and_fails(home: Path) -> None:
    (home / "small.yaml").write_text(SOUND.replace("run fix", "run fxi"))
    done = from_a_shell("drill", "check", "small.yaml", home=home)
    assert done.returncode == 1
    assert "small.yaml:21: no command of this scenario is meant by this line - did you mean `fix`?" in done.stdout
    assert "small.yaml:1: note: `wrong` is missing" in done.stdout
    assert done.stderr.endswith("findings in 1 scenario\n")
    said = json.loads(from_a_shell("drill", "check", "small.yaml", "--json", home=home).stdout)
    assert {"at", "what", "hint", "serious"} == set(said["findings"][0])


def test_check_reads_a_folder_and_says_what_cannot_be_read(home: Path) -> None:
    (home / "drills").mkdir()
    (home / "drills" / "a.yaml").write_text(SOUND)
    (home / "drills" / "b.yaml").write_text("drill: 1\n")
    done = from_a_shell("drill", "check", "drills", home=home)
    assert done.returncode == 1
    assert (
        "drills/b.yaml:1: `state` is missing" in done.stdout or "drills/b.yaml:1: `signals` is missing" in done.stdout
    )
    missing = from_a_shell("drill", "check", "none.yaml", home=home)
    assert missing.returncode == 1
    assert missing.stdout == "none.yaml: the scenario cannot be read: No such file or directory\n"


def test_new_writes_a_scenario_that_is_sound_and_never_over_another(home: Path) -> None:
    done = from_a_shell("drill", "new", "queue-full", home=home)
    assert (done.returncode, done.stdout) == (0, "")
    assert from_a_shell("drill", "check", "queue-full.yaml", home=home).returncode == 0
    again = from_a_shell("drill", "new", "queue-full", home=home)
    assert again.returncode == 2
    assert again.stderr == "incident: queue-full.yaml: this file is there already - -o names another one\n"
    printed = from_a_shell("drill", "new", "other", "-o", "-", home=home)
    assert printed.stdout.startswith("drill: 1 ")


def test_msel_is_the_facilitators_table(home: Path) -> None:
    done = from_a_shell("drill", "msel", "bad-deploy", home=home)
    [row] = [line for line in done.stdout.splitlines() if "support-asks" in line]
    assert row.split()[:3] == ["T+1m15s", "support-asks", "support"]
    assert "truth (not for players): a1b2c3d asks for every price" in done.stdout
    assert told("drill", "msel", "bad-deploy", home=home)["injects"][0]["id"] == "support-asks"


def test_a_past_incident_becomes_a_scenario_with_one_question(recorded: Path) -> None:
    done = from_a_shell("drill", "from", IDENTITY, home=recorded)
    assert done.returncode == 0, done.stderr
    assert "look for QUESTION" in done.stderr
    name = f"{IDENTITY.lower()}.yaml"
    assert scenarios.find(str(recorded / name)).alerts[0].name == "AcmeErrorBudgetFastBurn"
    checked = from_a_shell("drill", "check", name, home=recorded)
    assert checked.returncode == 1
    assert "does not recover" in checked.stdout or "can never be taken" in checked.stdout


def test_coverage_lists_what_no_drill_exercises(home: Path) -> None:
    done = from_a_shell("drill", "coverage", home=home)
    assert done.returncode == 0
    assert "certificate-expiry.md: ways 0 of 4" in done.stdout
    assert "no drill's alert opens it" in done.stdout
    assert "ways and" in done.stderr
    known = {one["path"]: one for one in told("drill", "coverage", home=home)}
    assert known["acme-error-rate.md"]["ways"][0]["drills"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("drill", "bad-deploy", "again"), "takes nothing behind it"),
        (("drill", "new"), "write `incident drill new NAME`"),
        (("drill", "new", "Bad Name"), "is no name"),
        (("drill", "from", "INC-9"), "there is no incident"),
        (("drill", "msel", "nothing"), "there is no drill `nothing`"),
        (("drill", "aar"), "no drill was played yet"),
        (("drill", "control"), "no drill is being played"),
        (("drill", "control", "pause"), "no drill is being played"),
        (("drill", "bad-deploy", "--level", "hard"), "knows no `hard`"),
        (("replay", "INC-9"), "there is no incident"),
        (("--drill-live", ""), "a live drill needs a name"),
    ],
)
def test_what_cannot_be_done_is_said_with_what_to_do(home: Path, words: tuple[str, ...], said: str) -> None:
    done = from_a_shell(*words, home=home)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_replay_for_scripts_has_the_turns_and_writes_nothing(recorded: Path) -> None:
    before = told("timeline", IDENTITY, home=recorded)
    [turn, *_] = told("replay", IDENTITY, home=recorded)
    assert turn["deed"]["kind"] == "command.started"
    assert "alert.fired" in [event["kind"] for event in turn["news"]]
    assert told("timeline", IDENTITY, home=recorded) == before
    piped = from_a_shell("replay", IDENTITY, home=recorded)
    assert piped.stderr == "incident: this is not a terminal - --json prints the turns\n"
