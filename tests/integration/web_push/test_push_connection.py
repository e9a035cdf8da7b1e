"""The one request to a push service, against servers on loopback that misbehave."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from bridge.domain.web_push import PushHosts
from bridge.errors import SideUnavailable
from bridge.web_push.connection import post


@pytest.fixture
def serve():
    """Return a function that starts a server whose one connection a function handles."""
    threads, listeners = [], []

    def start(handle):
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run():
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            with closing(accepted):
                try:
                    accepted.recv(65536)
                    handle(accepted)
                except OSError:
                    return

        thread = threading.Thread(target=run)
        thread.start()
        threads.append(thread)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        return PushHosts([origin]).destination(f"{origin}/x")

    yield start
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(5)
        assert not thread.is_alive()


def drip(accepted):
    """Send a byte now and then, so that no read ever waits long."""
    accepted.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(100):
        accepted.sendall(b"X")
        time.sleep(0.05)


def drip_body(accepted):
    """The same in the body, after the headers are through."""
    accepted.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _ in range(100):
        accepted.sendall(b"X")
        time.sleep(0.05)


def test_a_server_that_drips_is_cut_off_at_the_deadline(serve):
    """The deadline is for the whole, not for each read."""
    begun = time.monotonic()
    with pytest.raises(SideUnavailable):
        post(serve(drip), {}, b"x", deadline_seconds=0.3)
    assert time.monotonic() - begun < 2


def test_a_body_that_drips_is_cut_off_too(serve):
    """The status is known by then, so it counts; nobody waits for the rest."""
    begun = time.monotonic()
    assert post(serve(drip_body), {}, b"x", deadline_seconds=0.3).status == 200
    assert time.monotonic() - begun < 2


def test_an_endless_body_is_not_read(serve):
    """A few kilobytes are enough of any answer."""
    answer = post(
        serve(lambda one: one.sendall(b"HTTP/1.1 201 Created\r\n\r\n" + b"x" * 1_000_000)),
        {},
        b"x",
    )
    assert answer.status == 201


@pytest.mark.parametrize(
    "answer", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"]
)
def test_what_is_no_answer_is_a_failure(serve, answer):
    """An early end, other protocols, and headers without end."""
    with pytest.raises(SideUnavailable):
        post(serve(lambda accepted: accepted.sendall(answer)), {}, b"x")


def test_nobody_there_is_a_failure(serve):
    """A refused connection is an outcome like others."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts([origin]).destination(f"{origin}/x"), {}, b"x")
    assert caught.value.reason == "network"


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "[::1]", "2130706433", "0x7f000001", "127.1"]
)
def test_a_name_that_leads_inside_is_not_dialled(host):
    """Looked at after the name was resolved, so no record of a stranger's DNS helps."""
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts(["*"]).destination(f"https://{host}/x"), {}, b"x")
    assert caught.value.reason == "private"


def test_an_address_among_public_ones_that_leads_inside_spoils_all(monkeypatch):
    """Of several addresses every one must be public; none is tried before all were looked at."""
    found = [(2, 1, 6, "", ("9.9.9.9", 443)), (2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    with pytest.raises(SideUnavailable) as caught:
        post(PushHosts(["*"]).destination("https://push.example/x"), {}, b"x")
    assert caught.value.reason == "private"


def test_a_certificate_nobody_vouches_for_is_a_failure(serve):
    """TLS is always checked; a plain answer to its greeting is no answer."""
    plain = serve(lambda accepted: accepted.sendall(b"HTTP/1.1 200 OK\r\n\r\n"))
    origin = plain.origin.replace("http:", "https:")
    with pytest.raises(SideUnavailable):
        post(PushHosts([origin]).destination(f"{origin}/x"), {}, b"x")


def certificate(folder):
    """Write a key and a certificate for `localhost`, signed by itself."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    file = folder / "server.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(private + signed.public_bytes(Encoding.PEM))
    return file


@pytest.fixture
def tls_server(tmp_path):
    """A push service that speaks TLS as `localhost`; gives its port, its file and what came."""
    file = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))
    received = []

    def run():
        try:
            accepted, _ = listener.accept()
            with closing(accepted), context.wrap_socket(accepted, server_side=True) as secured:
                received.append(secured.recv(65536))
                if received[0] and not received[0].endswith(b"body"):
                    received[0] += secured.recv(65536)
                secured.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")
        except OSError:
            return

    thread = threading.Thread(target=run)
    thread.start()
    yield listener.getsockname()[1], file, received
    listener.close()
    thread.join(5)


def trusting(file, monkeypatch):
    """Make the certificate one that everybody knows."""
    known = ssl.create_default_context(cafile=file)
    monkeypatch.setattr(ssl, "create_default_context", lambda: known)


def test_a_message_goes_over_tls_to_the_name_that_was_asked_for(tls_server, monkeypatch):
    """The certificate is that of the name, though a number is dialled."""
    port, file, received = tls_server
    trusting(file, monkeypatch)
    origin = f"https://localhost:{port}"
    answer = post(PushHosts([origin]).destination(f"{origin}/x?y=1"), {"TTL": "60"}, b"body")
    assert answer.status == 201
    head = received[0].partition(b"\r\n\r\n")[0].decode().split("\r\n")
    assert head[0] == "POST /x?y=1 HTTP/1.1"
    assert {f"Host: localhost:{port}", "TTL: 60", "Content-Length: 4"} <= set(head)


@pytest.mark.parametrize(("host", "trusted"), [("127.0.0.1", True), ("localhost", False)])
def test_another_name_or_an_unknown_issuer_is_a_failure(tls_server, monkeypatch, host, trusted):
    """Both ends of what TLS promises are looked at."""
    port, file, received = tls_server
    if trusted:
        trusting(file, monkeypatch)
    origin = f"https://{host}:{port}"
    with pytest.raises(SideUnavailable):
        post(PushHosts([origin]).destination(f"{origin}/x"), {}, b"body")
    assert received in ([], [b""])
