"""Signing in: sessions, refusals, forms of other sites (threat model 3.7, rows S14 to S18)."""

PAGE = "/settings/calendar-sync"


def test_a_stranger_is_sent_to_the_sign_in_page(browser):
    """Nothing of the pages is shown to somebody who is not signed in."""
    answer = browser.get(PAGE)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/?next=")


def test_signing_in_leads_to_calendar_sync_and_out_again(browser):
    """Login and password open the page; signing out closes it."""
    answer = browser.sign_in()
    assert answer.headers["Location"] == PAGE
    assert "<h1>Calendar sync</h1>" in browser.text(PAGE)
    browser.post("/sign-out")
    assert browser.get(PAGE).status_code == 302


def test_a_wrong_password_and_an_unknown_login_read_the_same(browser):
    """The answer never says which of the two was wrong."""
    wrong = browser.sign_in(password="not it")
    unknown = browser.sign_in(login="nobody", password="not it")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.data.replace(b"anna", b"") == unknown.data.replace(b"nobody", b"")


def test_many_wrong_passwords_are_slowed_down(browser):
    """After some failures the next password is not even looked at (S01)."""
    statuses = [browser.sign_in(password="not it").status_code for _ in range(7)]
    assert statuses[0] == 401
    assert statuses[-1] == 429


def test_the_session_cookie_is_new_at_each_sign_in_and_http_only(browser):
    """An id from before is of no use, and no script reads it (S16)."""
    first = browser.sign_in().headers["Set-Cookie"]
    second = browser.sign_in().headers["Set-Cookie"]
    assert first != second
    assert "HttpOnly" in first
    assert "SameSite=Lax" in first
    assert first.startswith("crmdav=")


def test_next_leads_only_to_our_own_pages(browser):
    """`next` of an attacker goes to the start page instead (S17)."""
    for target in ("//evil.example", "https:evil.example", "/\\evil.example", "javascript:1"):
        answer = browser.client.post(
            "/sign-in",
            data={"login": "anna", "password": "a password for the pages", "next": target},
        )
        assert answer.headers["Location"] == PAGE


def test_a_form_of_another_site_changes_nothing(browser):
    """Without our token, or from another origin, a POST is refused (S15)."""
    browser.sign_in()
    assert browser.post(f"{PAGE}/stop", csrf_token="forged").status_code == 403
    foreign = browser.client.post(
        "/sign-in", data={"login": "anna"}, headers={"Origin": "http://evil.example"}
    )
    assert foreign.status_code == 403


def test_state_changes_are_never_a_get(browser):
    """A link or an image cannot stop a sync (S15)."""
    browser.sign_in()
    for path in ("stop", "confirm", "plan", "sync-now", "1/disconnect", "1/reconnect"):
        assert browser.get(f"{PAGE}/{path}").status_code == 405


def test_every_page_carries_a_strict_content_policy(browser):
    """No script, no frame, no foreign style; nothing is cached."""
    answer = browser.get("/")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"


def test_our_own_forms_may_tell_their_origin(browser):
    """A page without referrer would make browsers send `Origin: null`, which we refuse."""
    assert browser.get("/").headers["Referrer-Policy"] == "same-origin"
    browser.sign_in()
    callback = browser.get("/oauth/google/callback?error=access_denied")
    assert callback.headers["Referrer-Policy"] == "no-referrer"
