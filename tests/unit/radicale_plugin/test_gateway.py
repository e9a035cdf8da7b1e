"""The gateway: what Radicale sees of a request, and what a client sees of its answer."""

from __future__ import annotations

import io
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from radicale_plugin.limits import DavLimits
from radicale_plugin.peer import Addresses
from radicale_plugin.wsgi import Gateway

LIMITS = DavLimits(max_object_bytes=100, max_xml_bytes=50)


class Radicale:
    """Remembers what it was asked, and answers what it was told to."""

    def __init__(self, status: str = "200 OK", headers: Any = (), body: bytes = b"") -> None:
        self.status, self.headers, self.body = status, list(headers), body
        self.seen: dict[str, Any] = {}
        self.content = b""

    def __call__(self, environ, start_response):
        """Answer."""
        self.seen = environ
        self.content = environ["wsgi.input"].read()
        start_response(self.status, self.headers)
        return [self.body] if self.body else []


def call(radicale, *, body=b"", **environ):
    """Send a request through the gateway; return status, headers and the pieces of the body."""
    setup_testing_defaults(environ)
    environ = {"SCRIPT_NAME": "", "REMOTE_ADDR": "127.0.0.1", **environ}
    environ["wsgi.input"] = io.BytesIO(body)
    environ.setdefault("CONTENT_LENGTH", str(len(body)))
    gateway = Gateway(radicale, base_prefix="/dav", proxies=Addresses(["10.0.0.1"]), limits=LIMITS)
    told: list[Any] = []
    pieces = list(gateway(environ, lambda status, headers: told.extend([status, dict(headers)])))
    return told[0], told[1], pieces


@pytest.mark.parametrize(
    "where",
    [
        {"SCRIPT_NAME": "/dav", "PATH_INFO": "/anna/"},
        {"SCRIPT_NAME": "", "PATH_INFO": "/dav/anna/"},
    ],
)
def test_prefix_is_the_mount_whoever_cuts_it_off(where):
    """Mounted or given whole paths, Radicale sees the same."""
    radicale = Radicale()
    call(radicale, **where)
    assert (radicale.seen["SCRIPT_NAME"], radicale.seen["PATH_INFO"]) == ("/dav", "/anna/")


def test_path_is_decoded_as_utf_8_and_composed():
    """PEP 3333 servers hand bytes over as Latin-1; names compare in NFC."""
    radicale = Radicale()
    call(radicale, PATH_INFO="/dav/anna/u\u0308会.ics".encode().decode("latin-1"))
    assert radicale.seen["PATH_INFO"] == "/anna/ü会.ics"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/dav/anna/\xff.ics", 400),
        ("/dav/anna/../bob/", 404),
        ("/dav/anna/./x", 404),
        ("/davx/anna/", 404),
        ("/dav/anna/a\\b", 400),
        ("/dav/anna/" + "a" * 300, 400),
        ("/dav/anna/" + "a" * 5000, 414),
        ("/dav/anna/a\r\nSet-Cookie:x=1", 400),
    ],
)
def test_bad_paths_never_reach_radicale(path, status):
    """Refused at the door, with nothing of the path in the answer (P01-P05)."""
    radicale = Radicale()
    answer, headers, _ = call(radicale, PATH_INFO=path)
    assert int(answer[:3]) == status
    assert not radicale.seen
    assert "Set-Cookie" not in headers


def test_proxy_headers_are_kept_from_radicale():
    """Otherwise anybody could choose the prefix of hrefs, or cut a login that begins with `dav`."""
    radicale = Radicale()
    call(
        radicale,
        PATH_INFO="/dav/davina/",
        HTTP_X_SCRIPT_NAME="/evil",
        HTTP_X_FORWARDED_FOR="1.2.3.4",
    )
    assert radicale.seen["PATH_INFO"] == "/davina/"
    assert not [
        name
        for name in radicale.seen
        if "FORWARDED" in name or ("SCRIPT_NAME" in name and name != "SCRIPT_NAME")
    ]
    assert radicale.seen["crmdav.peer"].forwarded


def test_chunked_body_is_read_and_measured():
    """Radicale reads only what CONTENT_LENGTH announces."""
    radicale = Radicale()
    call(
        radicale,
        PATH_INFO="/dav/a",
        REQUEST_METHOD="PUT",
        body=b"x" * 90,
        CONTENT_LENGTH="",
        HTTP_TRANSFER_ENCODING="chunked",
    )
    assert radicale.content == b"x" * 90
    assert radicale.seen["CONTENT_LENGTH"] == "90"


@pytest.mark.parametrize(
    ("method", "length", "body", "status"),
    [
        ("PUT", str(10 * 2**30), b"x", 413),
        ("PUT", "9" * 5000, b"x", 413),
        ("PUT", "101", b"x" * 101, 413),
        ("PROPFIND", "51", b"x" * 51, 413),
        ("PUT", "nonsense", b"", 400),
        ("PUT", "-1", b"", 400),
        ("PUT", "50", b"short", 400),
    ],
)
def test_large_and_lying_bodies_are_refused(method, length, body, status):
    """Told by the length before a byte is read (X09)."""
    radicale = Radicale()
    answer, _, pieces = call(
        radicale, PATH_INFO="/dav/a", REQUEST_METHOD=method, body=body, CONTENT_LENGTH=length
    )
    assert int(answer[:3]) == status
    assert not radicale.seen
    assert pieces


def test_chunked_body_over_the_cap_is_refused():
    """No length tells it, so it is counted."""
    environ = {"PATH_INFO": "/dav/a", "REQUEST_METHOD": "PUT", "HTTP_TRANSFER_ENCODING": "chunked"}
    answer, _, pieces = call(Radicale(), body=b"x" * 101, CONTENT_LENGTH="", **environ)
    assert answer.startswith("413")
    assert b"max-resource-size" in pieces[0]


def test_compressed_body_is_refused():
    """A bomb is never unpacked (X11)."""
    answer, _, _ = call(Radicale(), PATH_INFO="/dav/a", HTTP_CONTENT_ENCODING="gzip")
    assert answer.startswith("415")


def test_empty_answer_is_one_empty_piece_with_its_length():
    """Hypercorn answers 500 to an empty iterable."""
    answer, headers, pieces = call(Radicale("201 Created"), PATH_INFO="/dav/a")
    assert pieces == [b""]
    assert headers["Content-Length"] == "0"
    assert answer == "201 Created"


def test_no_length_where_none_belongs():
    """RFC 9110 section 8.6."""
    _, headers, _ = call(Radicale("204 No Content"), PATH_INFO="/dav/a")
    assert "Content-Length" not in headers


def test_head_has_headers_and_no_body():
    """The length is that of GET."""
    radicale = Radicale(headers=[("Content-Length", "5")], body=b"")
    _, headers, pieces = call(radicale, PATH_INFO="/dav/a", REQUEST_METHOD="HEAD")
    assert (headers["Content-Length"], pieces) == ("5", [b""])


def test_dav_header_is_honest():
    """No locks, no address books."""
    _, headers, _ = call(Radicale(headers=[("DAV", "1, 2, 3, addressbook")]), PATH_INFO="/dav/")
    assert headers["DAV"] == "1, 3, calendar-access, extended-mkcol"


def test_compressed_answer_varies():
    """A cache must not give it to a client that cannot read it."""
    _, headers, _ = call(Radicale(headers=[("Content-Encoding", "gzip")]), PATH_INFO="/dav/")
    assert headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("environ", "seen"),
    [
        ({"HTTP_HOST": "crm.example.com"}, "/dav/anna/b.ics"),
        ({"HTTP_HOST": "backend:5232"}, "https://crm.example.com/dav/anna/b.ics"),
        (
            {
                "HTTP_HOST": "backend",
                "HTTP_X_FORWARDED_HOST": "crm.example.com",
                "REMOTE_ADDR": "10.0.0.1",
            },
            "/dav/anna/b.ics",
        ),
        (
            {"HTTP_HOST": "backend", "HTTP_X_FORWARDED_HOST": "crm.example.com"},
            "https://crm.example.com/dav/anna/b.ics",
        ),
    ],
)
def test_destination_on_our_host_becomes_a_path(environ, seen):
    """Behind a proxy the socket's port is not the one clients know."""
    radicale = Radicale()
    call(
        radicale,
        PATH_INFO="/dav/a",
        HTTP_DESTINATION="https://crm.example.com/dav/anna/b.ics",
        **environ,
    )
    assert radicale.seen["HTTP_DESTINATION"] == seen
