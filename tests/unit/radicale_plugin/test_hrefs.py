"""Hrefs of request bodies, and the paths they lead to."""

from __future__ import annotations

import pytest

from radicale_plugin.hrefs import member_name, path_of


@pytest.mark.parametrize(
    ("href", "path"),
    [
        ("/dav/anna/a/x.ics", "/anna/a/x.ics"),
        (" /dav/anna/a/x%20y.ics\n", "/anna/a/x y.ics"),
        ("https://crm.example.com/dav/anna/a/x.ics", "/anna/a/x.ics"),
        ("/dav/anna/a/100%25.ics", "/anna/a/100%.ics"),
        ("/dav/anna/a/e%CC%81.ics", "/anna/a/é.ics"),
        ("/dav/", "/"),
        ("/other/anna/", None),
        ("/dav/anna/../bob/", None),
        ("/dav/anna/%2e%2e/bob/", None),
        ("/dav/%ff", None),
        ("/dav/anna/a/x%00.ics", None),
        ("http://[", None),
        ("", None),
    ],
)
def test_an_href_leads_to_a_path_below_the_prefix(href, path):
    """Decoded once, in Unicode's composed form, or nowhere."""
    assert path_of(href, "/dav") == path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/anna/a/x.ics", "x.ics"),
        ("/anna/a/", None),
        ("/anna/a/x/y.ics", None),
        ("/anna/b/x.ics", None),
        (None, None),
    ],
)
def test_only_members_have_a_name(path, name):
    """One segment below the collection."""
    assert member_name(path, "/anna/a/") == name
