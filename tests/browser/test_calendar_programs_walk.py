"""Connecting calendar programs: passwords and subscription links, made, used and revoked."""

import plistlib
from base64 import b64encode
from http.client import HTTPConnection
from urllib.parse import urlsplit

from playwright.sync_api import expect

PAGE = "/settings/calendar-programs"


def _status(method, address, login="", password=""):
    """Ask an address as a calendar program does, and return the status and the body."""
    parts = urlsplit(address)
    connection = HTTPConnection(parts.netloc, timeout=20)
    key = b64encode(f"{login}:{password}".encode()).decode()
    headers = {"Depth": "0", "Authorization": f"Basic {key}"} if login else {}
    try:
        connection.request(method, parts.path, headers=headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read()
    finally:
        connection.close()


def _open(person):
    """Go to the page by its link, as somebody who signed in, and return its two parts."""
    person.sign_in("ben")
    person.page.get_by_role("link", name="Calendar programs", exact=True).click()
    person.page.get_by_role("heading", name="Calendar programs", exact=True).wait_for()
    return [
        person.page.get_by_role("region", name=name, exact=True)
        for name in ("Read and write: CalDAV", "Only read: subscription links")
    ]


def _revoke(part, label):
    """Press the button beside a label."""
    part.get_by_role("listitem").filter(has_text=label).get_by_role("button").click()


def test_a_password_is_shown_once_works_and_is_revoked(person):
    """The phone signs in with it, and no longer after the press of a button."""
    programs, _ = _open(person)
    person.measure()
    address = programs.locator("dd").first.inner_text()
    programs.get_by_label("Label", exact=True).fill("Ben's phone")
    programs.get_by_role("button", name="Make a password", exact=True).click()
    secret = programs.get_by_label("New password", exact=True)
    expect(secret).to_be_focused()
    password = secret.input_value()
    person.measure()
    assert _status("PROPFIND", address, "ben", password)[0] == 207
    person.page.goto(person.demo.url + PAGE)
    assert password not in person.page.content()
    _revoke(programs, "Ben's phone")
    person.sees("The password is revoked. Programs that use it are refused from now on.")
    person.measure()
    assert _status("PROPFIND", address, "ben", password)[0] == 401


def test_every_program_has_its_steps_and_apples_a_profile(person):
    """Steps are folded away; the profile comes as a file whose password signs in."""
    programs, _ = _open(person)
    address = programs.locator("dd").first.inner_text()
    for program in person.page.locator("details.how summary").all():
        program.click()
    person.measure()
    setup = person.page.get_by_role("region", name="Set a program up", exact=True)
    setup.get_by_label("Label", exact=True).fill("Ben's iPad")
    with person.page.expect_download() as download:
        setup.get_by_role("button", name="Download the profile", exact=True).click()
    assert download.value.suggested_filename == "crm-activities.mobileconfig"
    (account,) = plistlib.loads(download.value.path().read_bytes())["PayloadContent"]
    assert _status("PROPFIND", address, "ben", account["CalDAVPassword"])[0] == 207
    person.page.reload()
    _revoke(programs, "Ben's iPad")
    person.sees("The password is revoked. Programs that use it are refused from now on.")
    assert _status("PROPFIND", address, "ben", account["CalDAVPassword"])[0] == 401


def test_a_link_shows_the_chosen_activities_until_it_is_revoked(person, watch):
    """A refused form keeps what was entered; the address needs no password."""
    _, links = _open(person)
    links.get_by_label("Label", exact=True).fill("   ")
    links.get_by_label("Call", exact=True).check()
    with watch.refusal(f"400 {PAGE}/links"):
        links.get_by_role("button", name="Make a link", exact=True).click()
        links.get_by_role("alert").wait_for()
    expect(links.get_by_label("Label", exact=True)).to_be_focused()
    expect(links.get_by_label("Call", exact=True)).to_be_checked()
    person.measure()
    links.get_by_label("Label", exact=True).fill("Screen in the hall")
    links.get_by_role("button", name="Make a link", exact=True).click()
    address = links.get_by_label("New address", exact=True).input_value()
    person.measure()
    status, text = _status("GET", address)
    assert status == 200
    assert text.startswith(b"BEGIN:VCALENDAR")
    _revoke(links, "Screen in the hall")
    person.sees("The address is revoked. Whoever has it sees nothing more.")
    assert _status("GET", address)[0] == 404
