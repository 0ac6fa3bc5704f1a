"""The configuration: every key is read, every mistake names its file, its line and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from incident.config import KEYS, Config, Escalate, Feed, Http, Secret, Updates, find, places, read, with_environment
from incident.config.model import PostMortem, Tickets
from incident.core.alert import INFO_WORDS, PAGE_WORDS
from incident.core.budget.slo import Sli, Slo
from incident.core.signals.wanted import Wanted
from incident.errors import ConfigError, UsageError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(text: str) -> Path:
        path = tmp_path / "etc" / "config.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return written


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, in which nothing of the real one is seen."""
    for variable in ("XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


WHOLE = """\
alertmanager: [http://am-1:9093, https://am-2/prefix]
prometheus: http://prom:9090
runbooks: [runbooks, /srv/runbooks]
runbook_map: {AcmeDown: acme/down.md, 404: four.md}
changes:
  - {name: deploys, command: [./deploys.sh, --last, 5]}
  - command: [/opt/bin/flags]
poll: 2.5
page: [Red, 1]
info: green
production: prod-*
read_only: true
approval: [prod-*, billing]
person: kim
state: ~/state
postmortems: ../postmortems
slos:
  - {name: pages, objective: 99, error_ratio: "bad[$window]"}
slo_files: [slo.yml, /srv/slos]
http:
  ca_file: ca.pem
  cert_file: /etc/cert.pem
  key_file: ~/key.pem
  bearer_token_file: token
  username: 4711
  password_file: pw
  headers: {X-Scope-OrgID: team-a, X-Number: 5}
signals: {acme: {errors: up}}
updates: {webhook: {env: HOOK}, every: 30m, name: "#inc"}
escalation: [{who: VP Eng, after: 1h}]
postmortem: {template: ours.md.j2}
tickets: {gitlab: 17, url: "https://git.example", token: {env: TRACKER_TOKEN}}
"""


def test_every_key_is_read_and_paths_are_relative_to_the_file(write: Write, home: Path) -> None:
    path = write(WHOLE)
    folder = path.parent
    assert read(path) == Config(
        alertmanager=("http://am-1:9093", "https://am-2/prefix"),
        prometheus="http://prom:9090",
        signals={"acme": {"errors": Wanted("up")}},
        runbooks=(folder / "runbooks", Path("/srv/runbooks")),
        runbook_map={"AcmeDown": "acme/down.md", "404": "four.md"},
        changes=(Feed("deploys", ("./deploys.sh", "--last", "5")), Feed("flags", ("/opt/bin/flags",))),
        poll=2.5,
        page=frozenset({"red", "1"}),
        info=frozenset({"green"}),
        production=("prod-*",),
        read_only=True,
        approval=("prod-*", "billing"),
        person="kim",
        state=home / "state",
        postmortems=home / "postmortems",
        slos=(Slo("pages", 0.99, 28 * 86_400, Sli(ratio="bad[$window]"), origin=f"{path}:18"),),
        slo_files=(folder / "slo.yml", Path("/srv/slos")),
        http=Http(
            ca_file=str(folder / "ca.pem"),
            cert_file="/etc/cert.pem",
            key_file=str(home / "key.pem"),
            bearer_token=Secret(file=str(folder / "token")),
            username="4711",
            password=Secret(file=str(folder / "pw")),
            headers={"X-Scope-OrgID": "team-a", "X-Number": "5"},
        ),
        postmortem=PostMortem(folder / "ours.md.j2"),
        tickets=Tickets("gitlab", "17", "https://git.example", Secret(env="TRACKER_TOKEN")),
        updates=Updates(Secret(env="HOOK"), timedelta(minutes=30), "#inc"),
        escalation=(Escalate("VP Eng", timedelta(hours=1)),),
        file=path,
    )
    assert all(f"\n{key}:" in f"\n{WHOLE}" for key in KEYS)


@pytest.mark.fault(92)
@pytest.mark.parametrize("text", ["", "\ufeff", "# nothing yet\n", "---\n"])
def test_an_empty_file_is_a_configuration_with_every_default(write: Write, home: Path, text: str) -> None:
    path = write(text)
    assert read(path) == Config(file=path)
    assert (Config().poll, Config().page, Config().info, Config().http) == (5.0, PAGE_WORDS, INFO_WORDS, Http())
    assert Config().state == home / ".local" / "state" / "incident"


@pytest.mark.fault(96)
def test_a_secret_is_named_by_where_it_is_and_never_by_itself(write: Write) -> None:
    path = write("""\
http:
  password: {env: INCIDENT_PASSWORD}
  bearer_token: {command: [vault, read, -field=token, 5]}
  headers: {X-Api-Key: {file: key}, X-Scope-OrgID: team-a}
""")
    http = read(path).http
    assert http.password == Secret(env="INCIDENT_PASSWORD")
    assert http.bearer_token == Secret(command=("vault", "read", "-field=token", "5"))
    assert http.headers == {"X-Api-Key": Secret(file=str(path.parent / "key")), "X-Scope-OrgID": "team-a"}
    assert set(http.secrets) == {http.password, http.bearer_token, Secret(file=str(path.parent / "key"))}
    assert read(write("http: {config_file: am.yml}")).http == Http(config_file=str(path.parent / "am.yml"))


def test_read_only_is_for_everything_or_for_some_targets(write: Write) -> None:
    for text, everything, targets in (
        ("read_only: true", True, ()),
        ("read_only: false", False, ()),
        ("read_only: [prod-*, 'yes']", False, ("prod-*", "yes")),
        ("read_only: []", False, ()),
    ):
        config = read(write(text))
        assert (config.read_only, config.read_only_targets) == (everything, targets), text
    some = read(write("read_only: [prod-*]"))
    for word, everything in (("1", True), ("0", False)):
        config = with_environment(some, {"INCIDENT_READ_ONLY": word})
        assert (config.read_only, config.read_only_targets) == (everything, ("prod-*",))  # a switch lifts no target


@pytest.mark.fault(92)
def test_what_yaml_would_make_of_a_name_stays_what_was_written(write: Write) -> None:
    path = write("\ufeffperson: no\r\nproduction: [12:30, 1234567, off]\r\npage: [on, 1]\r\n")
    config = read(path)
    assert (config.person, config.production) == ("no", ("12:30", "1234567", "off"))
    assert config.page == {"on", "1"}


URL = "a URL such as http://127.0.0.1:9093"
MISTAKES: list[tuple[str, int, str, str]] = [
    ("alertmanger: http://x", 1, "unknown key `alertmanger`", "did you mean `alertmanager`?"),
    ("poll: 5\nrunbok: x", 2, "unknown key `runbok`", "did you mean `runbooks`?"),
    ("zzzzzz: 5", 1, "unknown key `zzzzzz`", "known keys: alertmanager, prometheus"),
    ("alertmanager:", 1, "`alertmanager` cannot be empty", "it is URL, or a list"),
    ("alertmanager:\n - http://ok\n - am:9093", 3, "cannot be 'am:9093'", URL),
    ("alertmanager: ftp://am", 1, "cannot be 'ftp://am'", URL),
    ("alertmanager: http://", 1, "cannot be", URL),
    ("alertmanager: http://:9093", 1, "cannot be", URL),
    ("alertmanager: http://a b", 1, "cannot be", URL),
    ("alertmanager: http://am:99999", 1, "cannot be", URL),
    ("alertmanager: http://am:nine", 1, "cannot be", URL),
    ("alertmanager: http://[::1", 1, "cannot be", URL),
    ("alertmanager: {url: http://am}", 1, "cannot be", "it is URL, or a list"),
    ("prometheus: [http://a, http://b]", 1, "`prometheus` cannot be", "it is"),
    ("prometheus: true", 1, "cannot be True", "it is"),
    ("runbooks: [a, 1.5]", 1, "`runbooks` cannot be 1.5", "folder"),
    ("runbooks:\n  - a\n  - ~nobody-of-that-name/x", 3, "`runbooks` cannot be", "a path that can be reached"),
    ("state: ''", 1, "`state` cannot be ''", "folder"),
    ("postmortems: ' '", 1, "`postmortems` cannot be ' '", "folder"),
    ("person: [kim]", 1, "`person` cannot be", "name"),
    ("runbook_map: a.md", 1, "`runbook_map` cannot be 'a.md'", "alert name: runbook path"),
    ("runbook_map:\n  Down: a.md\n  Slow:", 3, "`runbook_map.Slow` cannot be empty", "runbook path"),
    ("changes: deploys", 1, "`changes` cannot be 'deploys'", "list of"),
    ("changes:\n  - deploys.sh", 2, "a change feed needs a command", "for example"),
    ("changes:\n  - name: x", 2, "a change feed needs a command", "for example"),
    ("changes:\n  - name: x\n    command: deploys.sh --json", 3, "a change feed needs a command", "for example"),
    ("changes:\n  - name: x\n    command: []", 3, "a change feed needs a command", "for example"),
    ("changes:\n  - command:\n    - a\n    - true", 4, "`changes.command` cannot be True", "list of"),
    ("changes:\n  - command: [a]\n    name: [b]", 3, "`changes.name` cannot be", "list of"),
    ("changes:\n  - nmae: x\n    command: [a]", 2, "unknown key `nmae` in a change feed", "did you mean `name`?"),
    ("poll: 0.5", 1, "`poll` cannot be 0.5", "1 to 300"),
    ("poll: 301", 1, "`poll` cannot be 301", "1 to 300"),
    ("poll: true", 1, "`poll` cannot be True", "1 to 300"),
    ("poll: 5s", 1, "`poll` cannot be '5s'", "1 to 300"),
    ("read_only: yes", 1, "`read_only` cannot be 'yes'", "true or false"),
    ("read_only: 1", 1, "`read_only` cannot be 1", "true or false"),
    ("page: [a, ~]", 1, "`page` cannot be empty", "list of words"),
    ("info: {a: b}", 1, "`info` cannot be", "list of words"),
    ("production: [a, [b]]", 1, "`production` cannot be ['b']", "patterns"),
    ("http: 5", 1, "`http` cannot be what stands here", "it is {ca_file"),
    ("http:\n  ca_flie: x", 2, "unknown key `ca_flie` in http", "did you mean `ca_file`?"),
    ("http:\n  ca_file: []", 2, "`http.ca_file` cannot be what stands here", "it is"),
    ("http:\n  headers: x", 2, "`http.headers` cannot be", "it is"),
    ("http:\n  headers:\n    X-A: x\n    X-B:", 4, "`http.headers.X-B` cannot be empty", "it is"),
    ("read_only: [prod-*, true]", 1, "`read_only` cannot be True", "true or false, or a list"),
    ("approval: true", 1, "`approval` cannot be True", "list of patterns"),
    ("http:\n  password: {}", 2, "`http.password` cannot be what stands here", "one of {env: NAME}"),
    ("http:\n  password: {env: A, file: b}", 2, "`http.password` cannot be", "one of {env: NAME}"),
    ("http:\n  password:", 2, "`http.password` cannot be empty", "it is"),
    ("http:\n  password:\n    fiel: x", 3, "`http.password` has a key that is not known", "one of {env: NAME}"),
    ("http:\n  bearer_token: {env: no-name}", 2, "`http.bearer_token.env` cannot be what", "environment variable"),
    ("http:\n  bearer_token: {env: 5}", 2, "`http.bearer_token.env` cannot be what", "environment variable"),
    ("http:\n  bearer_token: {file: []}", 2, "`http.bearer_token.file` cannot be what", "it is"),
    ("http:\n  bearer_token: {command: vault read}", 2, "`http.bearer_token.command` cannot be", "a list of words"),
    ("http:\n  bearer_token: {command: []}", 2, "`http.bearer_token.command` cannot be", "a list of words"),
    ("http:\n  bearer_token_file: a\n  bearer_token: {env: A}", 3, "`http.bearer_token` is given twice", "keep one"),
    ("http:\n  password: {env: A}\n  password_file: a", 3, "`http.password` is given twice", "keep one"),
    ("http:\n  config_file: a\n  ca_file: b", 1, "`config_file` says everything by itself", "take out"),
    ("poll: 5\npoll: 6", 2, "`poll` stands here twice", "keep one"),
    ("poll: 5\n- a", 2, "not valid YAML", "indentation"),
    ("- a\n- b", 1, "a configuration is `key: value` lines", "for example"),
    ("just words", 1, "a configuration is `key: value` lines", "for example"),
]


@pytest.mark.parametrize(("text", "line", "what", "hint"), MISTAKES)
def test_a_mistake_names_its_file_its_line_and_what_would_be_right(
    write: Write, text: str, line: int, what: str, hint: str
) -> None:
    path = write(text)
    with pytest.raises(ConfigError) as refused:
        read(path)
    assert refused.value.at == f"{path}:{line}"
    assert what in refused.value.what
    assert hint in refused.value.hint


@pytest.mark.fault(96)
@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("http:\n  password: hunter2", 2),
        ("http:\n  bearer_token: hunter2", 2),
        ("http:\n  username: kim\n  token: hunter2", 3),
        ("password: hunter2", 1),
        ("api_key: hunter2", 1),
        ("http:\n  headers:\n    Authorization: Bearer hunter2", 3),
        ("http: {headers: {X-Api-Key: hunter2}}", 1),
        ("http: {headers: {Cookie: session=hunter2}}", 1),
        ("http:\n  headers:\n    X-Auth: hunter2", 3),
        ("http:\n  headers:\n    X-Scope-OrgID: Bearer hunter2", 3),
        ("http:\n  bearer_token: [hunter2]", 2),
        ("prometheus: https://hunter2hunter2hunter2@prom", 1),
        ("alertmanager: https://kim:hunter2@am", 1),
        ("prometheus: https://kim:hunter2@prom:9090/x", 1),
    ],
)
def test_a_secret_in_the_file_is_refused_and_the_message_says_where_it_goes_but_not_what_it_is(
    write: Write, text: str, line: int
) -> None:
    path = write(text)
    with pytest.raises(ConfigError) as refused:
        read(path)
    assert refused.value.at == f"{path}:{line}"
    assert "{env: NAME}, {file: PATH} with mode 0600 or {command: [argv]}" in refused.value.hint
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "http: {password: {env: hunter2!}}",
        "http: {bearer_token: {hunter2: x, y: z}}",
        "http: {bearer_token: {hunter2}}",
        "prometheus: ftp://kim:hunter2@prom",
        "http: Bearer hunter2",
        "http: {headers: [hunter2]}",
        "prometheus: [https://kim:hunter2@prom]",
    ],
)
def test_a_value_that_may_hold_a_secret_is_not_shown_in_the_error(write: Write, text: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(write(text))
    assert "hunter2" not in str(refused.value)


def test_a_long_value_is_not_poured_over_the_screen(write: Write) -> None:
    with pytest.raises(ConfigError) as refused:
        read(write(f"poll: {'x' * 5_000}"))
    assert len(refused.value.what) < 100


@pytest.mark.fault(61)
def test_a_name_cannot_carry_escapes_onto_the_timeline(write: Write) -> None:
    assert read(write('person: "k\\e[31mim\\u202e  x"')).person == "kim x"


def test_files_that_cannot_be_read_say_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yaml"
    latin.write_bytes(b"person: J\xfcrgen")
    for path, what in (
        (tmp_path / "none.yaml", "there is no such file"),
        (tmp_path, "Is a directory"),
        (latin, "not UTF-8 at byte 9"),
        (tmp_path / "a\0b", "cannot be read"),
        (latin / "x.yaml", "Not a directory"),
    ):
        with pytest.raises(ConfigError) as refused:
            read(path)
        assert what in refused.value.what
        assert refused.value.at == str(path)


def test_the_named_file_wins_over_the_variable_and_that_over_the_usual_place(home: Path, write: Write) -> None:
    usual = places()[0]
    assert usual == home / ".config" / "incident" / "config.yaml"
    assert Path("/etc/incident/config.yaml") in places()
    usual.parent.mkdir(parents=True)
    usual.write_text("person: usual")
    named, variable = write("person: named"), home / "other.yaml"
    variable.write_text("person: variable")
    environment = {"INCIDENT_CONFIG": "~/other.yaml"}
    assert find(str(named), environment).person == "named"
    assert find(None, environment).person == "variable"
    assert find(None, {}).person == "usual"
    usual.unlink()
    assert find(None, {}) == Config()


def test_a_configuration_in_the_working_directory_is_not_yours(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = home / "clone"
    folder.mkdir()
    for name in ("config.yaml", "incident.yaml", ".incident.yaml"):
        (folder / name).write_text("person: mallory")
    monkeypatch.chdir(folder)
    assert find(None, {}) == Config()


def test_a_named_file_that_is_not_there_is_an_error_and_not_a_default(home: Path) -> None:
    for named in (str(home / "gone.yaml"), "~nobody-of-that-name/x.yaml"):
        with pytest.raises(ConfigError):
            find(named, {})
        with pytest.raises(ConfigError):
            find(None, {"INCIDENT_CONFIG": named})


def test_a_usual_place_that_cannot_be_looked_into_is_not_passed_over(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ("x" * 300)))
    with pytest.raises(ConfigError, match="File name too long"):
        find(None, {})


ENVIRONMENT = {
    "INCIDENT_ALERTMANAGER": "http://a:1, https://kim:hunter2@b",
    "INCIDENT_PROMETHEUS": "http://p",
    "INCIDENT_RUNBOOKS": "/r:books:",
    "INCIDENT_PERSON": "lee",
    "INCIDENT_STATE": "/s",
    "INCIDENT_POSTMORTEMS": "pm",
    "INCIDENT_READ_ONLY": "TRUE",
    "INCIDENT_POLL": "7.5",
    "INCIDENT_UNKNOWN": "x",
    "PATH": "/bin",
}


def test_the_environment_outweighs_the_file_and_paths_in_it_are_relative_to_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    config = with_environment(Config(person="kim", production=("p",)), ENVIRONMENT)
    assert config.alertmanager == ("http://a:1", "https://kim:hunter2@b")
    assert (config.prometheus, config.person, config.production) == ("http://p", "lee", ("p",))
    assert config.runbooks == (Path("/r"), tmp_path / "books")
    assert (config.state, config.postmortems) == (Path("/s"), tmp_path / "pm")
    assert (config.read_only, config.poll) == (True, 7.5)
    assert with_environment(config, dict.fromkeys(ENVIRONMENT, "")) == config


@pytest.mark.parametrize(
    ("word", "read_only"), [("1", True), ("Yes", True), ("0", False), ("no", False), ("false", False)]
)
def test_read_only_can_be_switched_from_the_environment(word: str, read_only: bool) -> None:
    assert with_environment(Config(read_only=not read_only), {"INCIDENT_READ_ONLY": word}).read_only is read_only


@pytest.mark.parametrize(
    ("variable", "text", "hint"),
    [
        ("INCIDENT_READ_ONLY", "maybe", "true or false"),
        ("INCIDENT_POLL", "fast", "1 to 300"),
        ("INCIDENT_POLL", "nan", "1 to 300"),
        ("INCIDENT_POLL", "inf", "1 to 300"),
        ("INCIDENT_ALERTMANAGER", "am:9093", URL),
        ("INCIDENT_ALERTMANAGER", "http://ok,ftp://no", URL),
        ("INCIDENT_STATE", "~nobody-of-that-name", "a path that can be reached"),
    ],
)
def test_a_mistake_in_the_environment_names_the_variable(variable: str, text: str, hint: str) -> None:
    with pytest.raises(UsageError) as refused:
        with_environment(Config(), {variable: text})
    assert refused.value.at == variable
    assert hint in refused.value.hint
    assert not isinstance(refused.value, ConfigError)


def test_a_relative_path_from_a_folder_that_is_gone_is_an_error_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(UsageError, match="INCIDENT_STATE"):
        with_environment(Config(), {"INCIDENT_STATE": "state"})
    assert with_environment(Config(), {"INCIDENT_STATE": "/state", "INCIDENT_PERSON": "kim"}).person == "kim"


def test_a_post_mortem_has_a_shape_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("postmortem:\n  template: ours.md.j2\n  headings: [A, B, C, D, E, F, G]\n")
    shape = read(path).postmortem
    assert (shape.template, shape.headings) == (tmp_path / "ours.md.j2", ("A", "B", "C", "D", "E", "F", "G"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("postmortem: x\n", "cannot be"),
        ("postmortem:\n  heading: [A]\n", "unknown key `heading`"),
        ("postmortem:\n  headings: [A, B]\n", "a list of 7 different headings"),
        ("postmortem:\n  headings: [A, a, C, D, E, F, G]\n", "a list of 7 different headings"),
        ("postmortem:\n  headings: [A, '', C, D, E, F, G]\n", "cannot be"),
    ],
)
def test_a_shape_that_cannot_be_used_names_its_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError, match=said) as refused:
        read(path)
    assert re.search(r"config\.yaml:[12]\Z", refused.value.at)
