"""Secrets that go over several lines."""

from __future__ import annotations

import pytest

from incident.core.redaction import Redactor
from tests.core.test_redaction_forms import KEY_ROWS, MIXED, PEM, PEM_END, SHORT, WEAK, b64, drawn

BODY = "\n".join(KEY_ROWS)


def masked(text: str) -> str:
    made = Redactor().text(text)
    assert Redactor().text(made) == made
    return made


def test_a_private_key_leaves_one_mask_and_what_is_around_it() -> None:
    made = masked(f"$ cat tls.key\n{PEM}\n{BODY}\n{PEM_END}\n$ ls\n")
    assert made == "$ cat tls.key\n[redacted: private key]\n$ ls\n"


def test_a_private_key_with_line_ends_of_another_system_is_masked() -> None:
    made = masked(f"{PEM}\r\n{BODY}\r\n{PEM_END}\r\ndone\r\n".replace("\n", "\r\n").replace("\r\r", "\r"))
    assert made.replace("\r", "").strip("\n") == "[redacted: private key]\ndone"


def test_a_private_key_inside_yaml_a_quote_or_a_container_log_is_masked() -> None:
    rows = "\n".join(f"    {row}" for row in KEY_ROWS)
    assert masked(f"tls.key: |\n    {PEM}\n{rows}\n    {PEM_END}\nnext: 1\n") == (
        "tls.key: |\n    [redacted: private key]\nnext: 1\n"
    )
    logged = "\n".join(f"web_1 | {row}" for row in (PEM, *KEY_ROWS, PEM_END, "ready"))
    made = masked(logged)
    assert not any(row[:8] in made for row in KEY_ROWS)
    assert made.endswith("web_1 | ready")


def test_an_encrypted_private_key_is_masked_with_its_head() -> None:
    made = masked(f"{PEM}\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,{drawn(32)}\n\n{BODY}\n{PEM_END}\nok")
    assert made.replace("\n", "") == "[redacted: private key]ok"


def test_a_private_key_whose_end_is_missing_takes_nothing_else_along() -> None:
    assert masked(f"{PEM}\n{BODY}\nthat was the key\n{KEY_ROWS[0]}\n") == (
        f"[redacted: private key]\nthat was the key\n{KEY_ROWS[0]}\n"
    )
    assert masked(f"{PEM}\nshort\n") == "[redacted: private key]\nshort\n"
    assert masked(f"{PEM}\nno key at all\n") == "[redacted: private key]\nno key at all\n"
    assert (
        masked(f"{PEM}\n{KEY_ROWS[2]}{KEY_ROWS[2]}\nProc-Type: x\nend") == "[redacted: private key]\nProc-Type: x\nend"
    )


def test_an_endless_private_key_is_given_up_after_a_while() -> None:
    row = KEY_ROWS[0]
    made = masked(f"{PEM}\n" + f"{row}\n" * 400)
    assert made.count(row) == 200


def test_the_private_lines_of_putty_are_masked() -> None:
    made = masked(f"Public-Lines: 1\n{'A' * 64}\nPrivate-Lines: 2\n{KEY_ROWS[0]}\n{KEY_ROWS[1]}\nPrivate-MAC: 00\n")
    assert made == f"Public-Lines: 1\n{'A' * 64}\nPrivate-Lines: 2\nPrivate-MAC: 00\n"


def test_the_data_of_a_kubernetes_secret_is_masked_and_its_names_stay() -> None:
    text = (
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  uid: x\ndata:\n"
        f"  dsn: {b64('postgres' + WEAK)}\n  ca.crt: {b64('public' * 5)}\n  empty: ''\n\ntype: Opaque\n"
        f"---\nplain: {b64('x' * 20)}\n"
    )
    made = masked(text)
    assert made == text.replace(b64("postgres" + WEAK), "[redacted: secret]")


def test_what_kubectl_writes_has_its_kind_behind_the_data() -> None:
    value = b64("postgres" + WEAK)
    text = (
        f"- apiVersion: v1\n  data:\n    dsn: {value}\n    mode: standard\n  kind: Secret\n  metadata:\n    name: db\n"
    )
    assert masked(text) == text.replace(value, "[redacted: secret]")
    json = f'{{\n    "apiVersion": "v1",\n    "data": {{\n        "dsn": "{value}"\n    }},\n    "kind": "Secret"\n}}\n'
    assert masked(json) == json.replace(value, "[redacted: secret]")


def test_a_secret_written_in_clear_is_masked_and_a_config_map_is_not() -> None:
    clear = f"kind: Secret\nstringData:\n  dsn: {SHORT}\n  other: $DSN\n"
    assert masked(clear) == clear.replace(SHORT, "[redacted: secret]")
    config = f"apiVersion: v1\nkind: ConfigMap\ndata:\n  checksum: {b64('something else')}\n"
    assert masked(config) == config
    shallow = f"  kind: Secret\n  data:\nother:\n  dsn: {b64('postgres' + WEAK)}\n"
    assert masked(shallow) == shallow


def test_a_kubernetes_object_without_end_is_followed_for_a_while() -> None:
    value = b64("postgres" + WEAK)
    text = "kind: Secret\n" + "  - a line\n" * 500 + f"data:\n  dsn: {value}\n"
    assert masked(text) == text


def test_the_value_below_its_name_is_masked() -> None:
    text = f"env:\n- name: DB_PASSWORD\n  value: {WEAK}\n- name: LOG\n  value: {MIXED}\n"
    assert masked(text) == text.replace(WEAK, "[redacted: value]")
    other = "- name: DB_PASSWORD\n\n  valueFrom:\n    secretKeyRef:\n      name: db\n      key: password\n"
    assert masked(other) == other
    assert masked("- name: API_TOKEN\n  value: $TOKEN\n") == "- name: API_TOKEN\n  value: $TOKEN\n"


def test_a_block_of_yaml_below_a_name_is_masked() -> None:
    text = f"db:\n  password: |-\n    {WEAK}\n  user: kim\n"
    assert masked(text) == text.replace(WEAK, "[redacted: value]")
    assert masked("  token: >\n  next: 1\n") == "  token: >\n  next: 1\n"


def test_a_netrc_over_several_lines_is_masked() -> None:
    text = f"machine api.acme.test\n  login kim\n  password {WEAK}\nmachine b\n"
    assert masked(text) == text.replace(WEAK, "[redacted: password]")
    assert masked("machine a\nb\nc\nd\npassword reset\n") == "machine a\nb\nc\nd\npassword reset\n"


def test_a_command_over_several_lines_is_read_as_one() -> None:
    text = f"curl -s \\\n  -XGET \\\n  -u kim:{WEAK} \\\n  https://es.acme.test\n"
    assert masked(text) == text.replace(WEAK, "[redacted: password]")
    assert masked(f"ls \\\n  -u kim:{WEAK}\n") == f"ls \\\n  -u kim:{WEAK}\n"


@pytest.mark.parametrize("words", ["", "\n", "\r", "\r\n\r\n", "kind: Secret", "\\\n"])
def test_a_text_without_secrets_stays(words: str) -> None:
    assert masked(words) == words
