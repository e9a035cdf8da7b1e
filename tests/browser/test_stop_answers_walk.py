"""The end of a sync with each of the three answers: nothing, the CRM's part, Google's part."""

from playwright.sync_api import expect

INCOMING = "Remove activities that came from Google from the CRM"
COPIES = "Remove our copies from Google"


def test_what_was_synced_is_kept_then_leaves_the_crm_then_google(ben, eventually):
    """One answer after the other; what each side has of its own is left to it."""
    page, demo = ben.page, ben.demo
    ben.start()
    theirs = ben.bring_in("Board meeting")
    before = demo.events("ben", ben.calendar)

    ben.stop()
    page.get_by_role("heading", name="What should happen to the synced items?").wait_for()
    expect(page.get_by_label("Keep them on both sides", exact=True)).to_be_checked()
    ben.press("Continue")
    page.get_by_role("heading", name="Previous syncs", exact=True).wait_for()
    assert demo.events("ben", ben.calendar) == before
    assert ben.told("Board meeting")

    ben.ask_again()
    page.get_by_label(INCOMING, exact=True).check()
    ben.press("Continue")
    expect(page.get_by_role("alert")).to_have_text("Attention: 1 item will be removed in the CRM.")
    expect(page.get_by_text("Board meeting")).to_be_visible()
    ben.measure()
    page.get_by_role("link", name="Back", exact=True).click()
    assert ben.told("Board meeting")
    ben.ask_again()
    ben.answer(INCOMING)
    assert not ben.told("Board meeting")
    assert demo.events("ben", ben.calendar) == before

    ben.ask_again()
    ben.answer(COPIES)
    assert set(demo.events("ben", ben.calendar)) == {theirs}
    ben.disconnect()
