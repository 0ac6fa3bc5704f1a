"""Whom a source trusts, and what it says when it trusts nobody."""

from __future__ import annotations

import asyncio
import os
import shutil
import ssl
import subprocess
import warnings
from pathlib import Path

import pytest

from incident.errors import SourceError
from incident.sources.access import Access
from incident.sources.http import Server
from tests.adapters.http_server import Listener, WallClock, value


class Certificates:
    """A small authority in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._openssl("req", "-x509", *self._new_key("ca"), "-days", "2", "-out", "ca.pem",
                      "-addext", "keyUsage=critical,keyCertSign,cRLSign")  # fmt: skip
        self.ca = str(folder / "ca.pem")

    def issue(self, name: str, *, host: str = "IP:127.0.0.1", usage: str = "serverAuth", days: int = 2) -> str:
        """A certificate and its key in one file."""
        self._openssl("req", *self._new_key(name), "-out", f"{name}.csr")
        (self._folder / f"{name}.ext").write_text(f"subjectAltName={host}\nextendedKeyUsage={usage}\n")
        self._openssl("x509", "-req", "-in", f"{name}.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
                      "-days", str(days), "-extfile", f"{name}.ext", "-out", f"{name}.crt")  # fmt: skip
        both = self._folder / f"{name}.pem"
        both.write_text((self._folder / f"{name}.crt").read_text() + (self._folder / f"{name}.key").read_text())
        return str(both)

    def locked_key(self) -> str:
        """A private key behind a passphrase."""
        self._openssl("genpkey", "-algorithm", "RSA", "-aes256", "-pass", "pass:correct", "-out", "locked.pem")
        return str(self._folder / "locked.pem")

    def serving(self, file: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context

    def _new_key(self, name: str) -> list[str]:
        return ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", f"{name}.key",
                "-subj", f"/CN={name}"]  # fmt: skip

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self._folder, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    if shutil.which("openssl") is None:
        reason = "openssl is not installed: no certificates to test with"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    return Certificates(tmp_path_factory.mktemp("certificates"))


async def ask(listener: Listener, **access: str) -> object:
    server = Server(listener.url, kind="an Alertmanager", clock=WallClock(), access=Access(timeout=5, **access))
    try:
        return (await server.get_json("/")).data
    finally:
        await server.aclose()


async def refusal(context: ssl.SSLContext, **access: str) -> SourceError:
    async with Listener(value(["secret"]), tls=context) as listener:
        with pytest.raises(SourceError) as caught:
            await ask(listener, **access)
        assert listener.heard == []
    return caught.value


async def test_a_server_with_a_certificate_of_our_authority_is_trusted(certificates: Certificates) -> None:
    async with Listener(value([1]), tls=certificates.serving(certificates.issue("good"))) as listener:
        assert await ask(listener, ca_file=certificates.ca) == [1]


@pytest.mark.fault(86)
async def test_an_unknown_authority_is_not_trusted(certificates: Certificates) -> None:
    error = await refusal(certificates.serving(certificates.issue("stranger")))
    assert error.what.startswith("its certificate is not trusted: ")


@pytest.mark.fault(86)
async def test_an_expired_certificate_is_not_trusted(certificates: Certificates) -> None:
    error = await refusal(certificates.serving(certificates.issue("old", days=-1)), ca_file=certificates.ca)
    assert error.what == "its certificate is not trusted: certificate has expired"


@pytest.mark.fault(86)
async def test_a_certificate_for_another_host_is_not_trusted(certificates: Certificates) -> None:
    other = certificates.issue("other", host="DNS:other.example")
    error = await refusal(certificates.serving(other), ca_file=certificates.ca)
    assert error.what.startswith("its certificate is not trusted: IP address mismatch")


@pytest.mark.fault(86)
async def test_an_outdated_tls_is_refused(certificates: Certificates) -> None:
    context = certificates.serving(certificates.issue("dated"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    error = await refusal(context, ca_file=certificates.ca)
    assert error.what.startswith("TLS failed: ")


@pytest.mark.fault(86)
async def test_a_server_that_wants_a_client_certificate_says_so_and_gets_it(certificates: Certificates) -> None:
    context = certificates.serving(certificates.issue("strict"))
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(certificates.ca)
    error = await refusal(context, ca_file=certificates.ca)
    assert error.what.startswith(("TLS failed: ", "the connection broke off"))
    assert error.hint == "it may want a client certificate: cert_file"
    ours = certificates.issue("oncall", usage="clientAuth")
    async with Listener(value([1]), tls=context) as listener:
        assert await ask(listener, ca_file=certificates.ca, cert_file=ours) == [1]
        assert await ask(listener, ca_file=certificates.ca, cert_file=ours, key_file=ours) == [1]


async def test_https_to_a_port_that_speaks_http_is_said() -> None:
    async def plain_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    listener = await asyncio.start_server(plain_http, "127.0.0.1", 0)
    async with listener:
        url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        server = Server(url, kind="an Alertmanager", clock=WallClock(), access=Access(timeout=5))
        with pytest.raises(SourceError) as caught:
            await server.get_json("/")
    assert caught.value.what == "TLS failed: wrong version number"
    assert caught.value.hint == "does this port speak TLS 1.2 or later?"


@pytest.mark.parametrize("option", ["ca_file", "cert_file"])
@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "No such file or directory"), ("no certificate", "it holds no usable certificate or key")],
)
async def test_a_certificate_file_that_cannot_be_used_is_named(
    option: str, content: str | None, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "file.pem"
    if content is not None:
        file.write_text(content)
    server = Server("https://127.0.0.1:1", kind="x", clock=WallClock(), access=Access(**{option: str(file)}))
    with pytest.raises(SourceError) as caught:
        await server.get_json("/")
    assert caught.value.at == str(file)
    assert caught.value.what == f"the certificate cannot be used: {what}"


async def test_a_key_with_a_passphrase_never_asks_on_the_terminal(certificates: Certificates) -> None:
    key = certificates.locked_key()
    access = Access(cert_file=certificates.issue("plain", usage="clientAuth"), key_file=key)
    server = Server("https://127.0.0.1:1", kind="x", clock=WallClock(), access=access)
    with pytest.raises(SourceError, match="no usable certificate or key"):
        await server.get_json("/")
