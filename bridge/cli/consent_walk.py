"""Walk through the rehearsal Google's consent page as a person's browser would.

Only for the demo: a real person looks at the page and presses `Allow`.
"""

from __future__ import annotations

from html.parser import HTMLParser
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from urllib.parse import parse_qs, urlencode, urlsplit

from bridge.application.consent import Answer
from bridge.errors import SideUnavailable

_TIMEOUT_SECONDS = 10


def allow(consent_url: str, *, account: str) -> Answer:
    """Load the page, choose the account, leave every box ticked, press `Allow`.

    Args:
        consent_url: From `Consent.begin`.
        account: Address of the account to choose.

    Returns:
        What the redirect back to us carries; the redirect itself is not followed.

    Raises:
        SideUnavailable: The page did not answer, or not as a consent page does.
    """
    try:
        page = _fetch(consent_url)
        form = _Form()
        form.feed(page)
        fields = [*form.fields, ("account", account), ("decision", "allow")]
        location = _submit(consent_url, form.action, fields)
    except (OSError, HTTPException, UnicodeDecodeError) as error:
        raise _no_page() from error
    query = parse_qs(urlsplit(location).query)
    return Answer(
        state=query.get("state", [""])[0],
        code=query.get("code", [""])[0],
        error=query.get("error", [""])[0],
    )


class _Form(HTMLParser):
    """Collects what the page's form would send, but for radio buttons and buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.action = ""
        self.fields: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the form goes, and what a browser would send of its fields."""
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.action = given.get("action") or ""
        elif tag == "input" and name and "disabled" not in given:
            ticked = given.get("type") == "checkbox" and "checked" in given
            if ticked or given.get("type") == "hidden":
                self.fields.append((name, value))


def _fetch(url: str) -> str:
    parts = urlsplit(url)
    with _Connection(parts.netloc) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        body = answer.read()
    if answer.status != HTTPStatus.OK:
        raise _no_page()
    return body.decode("utf-8")


def _submit(page_url: str, action: str, fields: list[tuple[str, str]]) -> str:
    parts = urlsplit(page_url)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Origin": f"{parts.scheme}://{parts.netloc}",
    }
    with _Connection(parts.netloc) as connection:
        connection.request("POST", action or parts.path, urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        location = answer.getheader("Location")
    if location is None:
        raise _no_page()
    return location


class _Connection(HTTPConnection):
    """A connection that closes itself."""

    def __init__(self, address: str) -> None:
        super().__init__(address, timeout=_TIMEOUT_SECONDS)

    def __enter__(self) -> _Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _no_page() -> SideUnavailable:
    return SideUnavailable("the consent page did not answer as expected", side="google")
