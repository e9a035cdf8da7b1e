"""The consent page as a browser sees it: a form that is read, changed and sent back."""

import urllib.parse
from html.parser import HTMLParser

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class ConsentForm(HTMLParser):
    """What a browser would send, and every box and button of the form.

    Attributes:
        sent: Pairs of name and value as the form stands.
        boxes: Values of the check boxes.
        buttons: Pairs of the buttons.
    """

    def __init__(self, page):
        super().__init__()
        self.sent, self.boxes, self.buttons = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        """Note inputs and buttons."""
        found = dict(attrs)
        if tag == "input":
            checked = found.get("type") == "hidden" or "checked" in found
            if checked and "name" in found and "disabled" not in found:
                self.sent.append((found["name"], found["value"]))
            if found.get("type") == "checkbox" and "name" in found:
                self.boxes.append(found["value"])
        if tag == "button":
            self.buttons.append((found["name"], found["value"]))


def open_page(google, url):
    """Open an authorization address and return (status, page, address it leads on to)."""
    path = url.removeprefix(google.root)
    status, page, headers = google.http("GET", path)
    return status, page, headers.get("Location", "")


def decide(google, page, decision="allow", *, untick=(), account=None):
    """Send the form back as a person decides and return the address it leads to."""
    sent = [(name, value) for name, value in ConsentForm(page).sent if value not in untick]
    if account:
        sent = [(name, account if name == "account" else value) for name, value in sent]
    body = urllib.parse.urlencode([*sent, ("decision", decision)]).encode()
    status, _, headers = google.http("POST", "/o/oauth2/v2/auth", body=body, headers=_FORM)
    assert status == 302
    return headers["Location"]


def parameters_of(address):
    """Return the query parameters of an address."""
    return dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(address).query))
