"""The tool's own secrets: where they come from, who may see them, and that no error repeats them."""

from __future__ import annotations

import base64
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from incident import world
from incident.config import Config, Http, Secret
from incident.errors import ConfigError, SourceError, UsageError
from incident.sources.access import Access, authorization
from incident.sources.http import Server
from incident.sources.secrets import PRINTED, Printed, secret_names, secrets_of, value_of
from tests.adapters.http_server import Listener, WallClock, body, value

CANARY = "canary-7f3a9c51e2"
Program = Callable[[str], tuple[str, ...]]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """A program that somebody could name in the configuration."""

    def made(text: str) -> tuple[str, ...]:
        file = tmp_path / "secret.py"
        file.write_text(text)
        return (sys.executable, "-I", "-S", str(file))

    return made


def private(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


# -- where they come from -------------------------------------------------------------------------------------------


def test_a_secret_comes_from_a_variable_a_file_or_a_program(tmp_path: Path, program: Program) -> None:
    file = private(tmp_path / "token", f"{CANARY}\n")
    printing = program(f"print('  {CANARY}')")
    for secret in (Secret(env="X"), Secret(file=file), Secret(command=printing)):
        assert value_of(secret, {"X": f"{CANARY}\n"}) == CANARY


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("", "printed holds nothing"),
        ("print()", "printed holds nothing"),
        (f"print('{CANARY}'); print('more')", "printed holds several lines"),
        (f"print('{CANARY}\\x1b[2J')", "printed holds several lines, or characters"),
        (f"print('{CANARY}'); raise SystemExit(3)", "ended with exit 3"),
        (f"import sys; sys.stderr.write('{CANARY}'); raise SystemExit(1)", "ended with exit 1"),
    ],
)
def test_a_program_that_prints_no_single_line_is_refused_and_what_it_printed_is_not_repeated(
    program: Program, code: str, what: str
) -> None:
    with pytest.raises(SourceError) as refused:
        Printed().by(program(code))
    assert what in refused.value.what
    assert CANARY not in str(refused.value)
    assert refused.value.hint


@pytest.mark.fault(84)
@pytest.mark.parametrize("code", ["input = open(0).read(); import signal; signal.pause()", "print('x' * 10_000_000)"])
def test_a_program_that_never_ends_holds_nobody_up(program: Program, code: str) -> None:
    with pytest.raises(SourceError, match=r"did not finish within 0\.5 s"):
        Printed(patience=0.5).by(program(code))


def test_a_child_that_keeps_the_pipe_holds_nobody_up(program: Program) -> None:
    fleeing = (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    import signal\n    signal.alarm(20)\n    signal.pause()\n"
    )
    assert Printed().by(program(f"{fleeing}print('{CANARY}')")) == CANARY
    with pytest.raises(SourceError, match="printed holds nothing"):
        Printed().by(program(fleeing))


def test_a_program_that_cannot_be_started_is_named_without_its_arguments(tmp_path: Path) -> None:
    for argv in (("/no/such/program", CANARY), (str(tmp_path), CANARY), ("echo", "a\0b", CANARY)):
        with pytest.raises(SourceError, match="cannot be started") as refused:
            Printed().by(argv)
        assert CANARY not in str(refused.value)
        assert refused.value.at == argv[0]


def test_a_program_is_not_run_for_every_request_but_a_new_token_is_picked_up(tmp_path: Path, program: Program) -> None:
    now = 0.0
    counter = tmp_path / "count"
    counter.write_text("0")
    argv = program(
        f"import pathlib\np = pathlib.Path({str(counter)!r})\nn = int(p.read_text()) + 1\np.write_text(str(n))\n"
        f"print('{CANARY}', n, sep='-')"
    )
    printed = Printed(clock=lambda: now)
    assert [printed.by(argv), printed.by(argv)] == [f"{CANARY}-1"] * 2
    now = 61.0
    assert printed.by(argv) == f"{CANARY}-2"
    assert printed.known(argv) == (f"{CANARY}-1", f"{CANARY}-2")
    assert printed.known(("other",)) == ()
    assert CANARY not in repr(printed)


def test_a_variable_that_is_not_set_or_holds_two_lines_is_refused_by_its_name() -> None:
    for text, what in (("", "is not set"), (" \n", "is not set"), (f"{CANARY}\nb", "the variable X holds several")):
        with pytest.raises(SourceError) as refused:
            value_of(Secret(env="X"), {"X": text})
        assert what in refused.value.what
        assert CANARY not in str(refused.value)


@pytest.mark.fault(96)
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(SourceError, match="others can read the secret's file") as refused:
        value_of(Secret(file=private(tmp_path / "t", CANARY, mode)), {})
    assert refused.value.hint == "chmod 600 it"
    assert CANARY not in str(refused.value)


def test_a_file_with_several_lines_or_none_is_refused(tmp_path: Path) -> None:
    for text in (f"{CANARY}\nb\n", "", "\n"):
        with pytest.raises(SourceError, match="holds") as refused:
            value_of(Secret(file=private(tmp_path / "t", text)), {})
        assert CANARY not in str(refused.value)


# -- where they go --------------------------------------------------------------------------------------------------


async def headers_sent(http: Http, environment: dict[str, str]) -> dict[str, str]:
    async with Listener(value([])) as listener:
        access = world.access_of(Config(http=http), environment)
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock(), access=access)
        await server.get_json("/")
        await server.aclose()
        return {
            name: text for name, text in listener.heard[0].headers.items() if name in ("authorization", "x-api-key")
        }


async def test_every_way_to_name_a_secret_reaches_the_server(tmp_path: Path, program: Program) -> None:
    environment = {"X": CANARY}
    file = Secret(file=private(tmp_path / "token", CANARY))
    command = Secret(command=program(f"print('{CANARY}')"))
    basic = base64.b64encode(f"kim:{CANARY}".encode()).decode().lower()
    for secret in (Secret(env="X"), file, command):
        assert await headers_sent(Http(bearer_token=secret), environment) == {"authorization": f"bearer {CANARY}"}
        assert await headers_sent(Http(username="kim", password=secret), environment) == {
            "authorization": f"basic {basic}"
        }
        assert await headers_sent(Http(headers={"X-Api-Key": secret}), environment) == {"x-api-key": CANARY}


async def test_a_secret_that_cannot_be_had_is_a_source_that_failed_and_not_a_start_that_failed() -> None:
    async with Listener(value([])) as listener:
        access = world.access_of(Config(http=Http(bearer_token=Secret(env="X"))), {})
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock(), access=access)
        with pytest.raises(SourceError, match="the variable with the secret is not set"):
            await server.get_json("/")
        await server.aclose()
        assert listener.heard == []


@pytest.mark.fault(81)
async def test_a_server_that_echoes_a_secret_does_not_bring_it_onto_the_screen() -> None:
    async with Listener(body(f'{{"error": "no {CANARY} here"}}'.encode(), status="500 Bad")) as listener:
        access = world.access_of(Config(http=Http(headers={"X-Api-Key": Secret(env="X")})), {"X": CANARY})
        server = Server(listener.url, kind="an Alertmanager", clock=WallClock(), access=access)
        with pytest.raises(SourceError) as refused:
            await server.get_json("/")
        await server.aclose()
    assert "no *** here" in str(refused.value)
    assert CANARY not in repr(access)


def test_a_value_that_no_header_can_carry_is_refused(tmp_path: Path) -> None:
    for http, what in (
        (Http(bearer_token=Secret(env="X")), "does not hold one token"),
        (Http(headers={"X-Api-Key": Secret(env="X")}), "the value of the header `X-Api-Key` cannot be sent"),
    ):
        with pytest.raises(SourceError, match=what):
            authorization(world.access_of(Config(http=http), {"X": "a \N{SNOWMAN}"}))
    with pytest.raises(UsageError, match="cannot be sent"):
        Access(headers_from={"X Key": lambda: "x"})


def test_what_contradicts_itself_is_the_configurations_fault(tmp_path: Path) -> None:
    token = Secret(env="X")
    for http in (
        Http(bearer_token=token, username="kim"),
        Http(bearer_token=token, password=token),
        Http(key_file="/key.pem"),
        Http(headers={"a b": "x"}),
    ):
        with pytest.raises(ConfigError, match="`http` cannot be used") as refused:
            world.access_of(Config(http=http, file=tmp_path / "config.yaml"), {})
        assert refused.value.at == str(tmp_path / "config.yaml")
    assert world.access_of(Config(http=Http(bearer_token=token)), {}).has_credentials
    assert world.access_of(Config(http=Http(headers={"X-Key": token})), {}).has_credentials
    assert not world.access_of(Config()).has_credentials


# -- what is known, to be kept out of sight -------------------------------------------------------------------------


def test_every_secret_that_the_tool_knows_is_listed_the_longest_first(tmp_path: Path, program: Program) -> None:
    printing = program("print('printed-secret')")
    config = Config(
        alertmanager=("https://kim:in%20url@am",),
        prometheus="http://prom",
        http=Http(
            username="kim",
            password=Secret(env="OWN"),
            bearer_token=Secret(command=printing),
            headers={"X-Key": Secret(file=private(tmp_path / "key", "filed-secret")), "X-Scope-OrgID": "team-a"},
        ),
    )
    pair = base64.b64encode(b"kim:pw").decode()
    assert secrets_of(config, {"OWN": "pw"}) == ("printed-secret", "filed-secret", pair, "in url", "pw")
    assert secret_names(config) == {"OWN"}
    assert PRINTED.known(printing) == ("printed-secret",)


def test_variables_that_are_named_like_a_secret_count_and_paths_and_short_words_do_not(tmp_path: Path) -> None:
    there = private(tmp_path / "credentials.json", "{}")
    secret = {
        "GITHUB_TOKEN": "ghp_1234567890", "DB_PASSWORD": "correct horse", "api_key": "12345678",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI", "VAULT_PASSPHRASE": "a passphrase",
        "GOOGLE_CREDENTIALS": "/no/such/x1",
    }  # fmt: skip
    harmless = {
        "TOKEN": "short", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7", "DB_PASSWORD_FILE": "/run/secrets/db",
        "SECRET_NAME": "prod-db-main", "GOOGLE_APPLICATION_CREDENTIALS": there, "PATH": "/usr/bin:/bin",
        "PASSWORD_STORE_DIR": "/home/kim/store", "EDITOR": "nvim-nightly", "X_TOKEN": f"/{'x' * 300}"[:0],
    }  # fmt: skip
    assert set(secrets_of(Config(), {**secret, **harmless})) == set(secret.values())


def test_a_secret_that_cannot_be_had_now_is_no_reason_to_fail(tmp_path: Path) -> None:
    gone = Secret(file=str(tmp_path / "gone"))
    config = Config(http=Http(bearer_token=gone, headers={"X-Key": Secret(command=("/no/such/program",))}))
    assert secrets_of(config, {}) == ()
    assert secrets_of(Config(http=Http(config_file=str(tmp_path / "gone"))), {}) == ()
    assert secrets_of(Config(), {"X_TOKEN": f"/{'x' * 300}"}) == (f"/{'x' * 300}",)


# -- a Prometheus http_config ---------------------------------------------------------------------------------------


def http_config(tmp_path: Path, text: str, mode: int = 0o600) -> Http:
    return Http(config_file=private(tmp_path / "http.yml", text, mode))


def test_an_http_config_is_read_as_amtool_reads_it(tmp_path: Path) -> None:
    private(tmp_path / "pw", f"{CANARY}\n")
    private(tmp_path / "who", "kim\n", 0o644)
    basic = "Basic " + base64.b64encode(f"kim:{CANARY}".encode()).decode()
    for text, headers in (
        ("", {}),
        (f"basic_auth: {{username: kim, password: {CANARY}}}", {"Authorization": basic}),
        ("basic_auth: {username_file: who, password_file: pw}", {"Authorization": basic}),
        (f"authorization: {{credentials: {CANARY}}}", {"Authorization": f"Bearer {CANARY}"}),
        ("authorization: {type: Bearer, credentials_file: pw}", {"Authorization": f"Bearer {CANARY}"}),
        ("authorization: {type: Token, credentials_file: pw}", {"Authorization": f"Token {CANARY}"}),
        (f"authorization: {{type: Token, credentials: {CANARY}}}", {"Authorization": f"Token {CANARY}"}),
        (f"bearer_token: {CANARY}", {"Authorization": f"Bearer {CANARY}"}),
        ("bearer_token_file: pw\nfollow_redirects: true", {"Authorization": f"Bearer {CANARY}"}),
        ("http_headers: {X-A: {values: [team]}, X-B: {files: [pw]}}", {"X-A": "team", "X-B": CANARY}),
        (f"http_headers: {{X-B: {{secrets: [{CANARY}]}}}}", {"X-B": CANARY}),
    ):
        access = world.access_of(Config(http=http_config(tmp_path, text)))
        assert authorization(access) == headers, text
        known = secrets_of(Config(http=http_config(tmp_path, text)), {})
        assert (CANARY in known) == (CANARY in str(headers) or "Basic" in str(headers)), text
        assert "team" not in known
    tls = "tls_config: {ca_file: ca.pem, cert_file: /etc/c.pem, key_file: k.pem, insecure_skip_verify: false}"
    access = world.access_of(Config(http=http_config(tmp_path, tls)))
    assert (access.ca_file, access.cert_file) == (str(tmp_path / "ca.pem"), "/etc/c.pem")
    assert access.key_file == str(tmp_path / "k.pem")


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("basic_auth: {username: kim}\nbasic_aut: x", 2, "`basic_aut` is not read"),
        ("oauth2: {client_id: x}", 1, "`oauth2` is not read"),
        ("proxy_url: http://proxy", 1, "`proxy_url` is not read"),
        ("tls_config:\n  insecure_skip_verify: true", 1, "certificates are always verified"),
        ("tls_config:\n  server_name: x", 2, "`server_name` is not read"),
        ("tls_config: ca.pem", 1, "`tls_config` is `key: value` lines"),
        ("- basic_auth", 1, "an http_config is `key: value` lines"),
        ("basic_auth:\n  username: [kim]", 2, "`username` is not one word"),
        ("basic_auth:\n  username: true", 2, "`username` is not one word"),
        ("basic_auth:\n  username_file: gone", 2, "the file in `username_file` cannot be read"),
        ("authorization:\n  type: 'a b'", 2, "this is no type of credentials"),
        ("http_headers: [a]", 1, "`http_headers` is not"),
        ("http_headers:\n  X-A: {values: [a, b]}", 2, "the header `X-A` does not have one value"),
        ("http_headers:\n  X-A: x", 2, "the header `X-A` does not have one value"),
        ("http_headers:\n  X-A: {values: [a], other: b}", 2, "the header `X-A` does not have one value"),
        ("a: &x 1\nb: *x", 1, "aliases and anchors are not read"),
    ],
)
def test_what_an_http_config_says_that_would_be_ignored_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, what: str
) -> None:
    http = http_config(tmp_path, text)
    with pytest.raises(ConfigError) as refused:
        world.access_of(Config(http=http))
    assert refused.value.at == f"{http.config_file}:{line}"
    assert what in refused.value.what


@pytest.mark.fault(96)
@pytest.mark.parametrize(
    "text",
    [
        f"basic_auth: {{username: kim, password: {CANARY}}}",
        f"authorization: {{credentials: {CANARY}}}",
        f"bearer_token: {CANARY}",
        f"http_headers: {{X-B: {{secrets: [{CANARY}]}}}}",
    ],
)
def test_an_http_config_with_a_secret_is_its_owners_alone(tmp_path: Path, text: str) -> None:
    for mode in (0o644, 0o640):
        with pytest.raises(ConfigError, match="others can read this file, and a secret stands in it") as refused:
            world.access_of(Config(http=http_config(tmp_path, text, mode)))
        assert CANARY not in str(refused.value)
    assert world.access_of(Config(http=http_config(tmp_path, "tls_config: {ca_file: x}", 0o644))).ca_file


def test_an_http_config_that_cannot_be_read_or_contradicts_itself_says_so(tmp_path: Path) -> None:
    latin = tmp_path / "latin.yml"
    latin.write_bytes(b"a: \xfc")
    for path, what in (
        (tmp_path / "gone", "No such file"),
        (latin, "it is not UTF-8"),
        (tmp_path, "is no regular file"),
    ):
        with pytest.raises(ConfigError, match=what):
            world.access_of(Config(http=Http(config_file=str(path))))
    both = http_config(tmp_path, f"bearer_token: {CANARY}\nbasic_auth: {{username: kim}}")
    with pytest.raises(ConfigError, match="more than one of token") as refused:
        world.access_of(Config(http=both))
    assert CANARY not in str(refused.value)


def test_a_program_for_a_secret_gets_no_input_and_no_terminal(program: Program) -> None:
    code = (
        "import os, sys\nsys.stdin.read() == '' and os.getsid(0) == os.getpid() or sys.exit(9)\nprint('quiet-secret')"
    )
    assert Printed().by(program(code)) == "quiet-secret"
