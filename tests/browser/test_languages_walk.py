"""The pages in the languages there are: chosen at the foot, and with room for longer words."""

from __future__ import annotations

import pytest

from bridge.web.languages import ENGLISH, LANGUAGES
from page_measures import MEASURE

OTHERS = sorted(set(LANGUAGES) - {ENGLISH})
PAGES = (
    "/activities",
    "/activities?view=week",
    "/activities?view=list",
    "/activities/new",
    "/settings/calendar-sync",
    "/settings/calendar-sync/rules",
    "/settings/calendar-programs",
    "/settings/history",
    "/settings/history/changes",
    "/settings/account",
    "/admin/users",
    "/admin/sharing",
    "/admin/types",
    "/admin/types/new",
    "/admin/connections",
)
CLIPPED = """() => [...document.querySelectorAll('button, .button, legend, h1, h2, nav a')]
  .filter(e => e.getClientRects().length && !e.closest('.vh') && e.scrollWidth > e.clientWidth + 1)
  .map(e => e.textContent.trim())"""


@pytest.mark.parametrize("language", OTHERS)
def test_every_page_has_room_for_the_words_of_a_language(person, language):
    """Chosen once at the foot of a page; nothing is cut off on a phone or at a desk."""
    person.sign_in("anna")
    page = person.page
    page.locator("#language").select_option(language)
    page.locator(".language button").click()
    for path in PAGES:
        page.goto(f"{person.demo.url}{path}")
        assert page.locator("html").get_attribute("lang") == language
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            assert page.evaluate(MEASURE)["overflow"] <= 0, (path, width)
            assert page.evaluate(CLIPPED) == [], (path, width)
        # All ways lead from one line at the top of a desk's window.
        assert page.locator("header.top").bounding_box()["height"] < 70, path
    page.locator("#language").select_option(ENGLISH)
    page.locator(".language button").click()
    assert page.locator("html").get_attribute("lang") == ENGLISH
