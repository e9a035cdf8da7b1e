"""Each bad input about signing in, consent, webhook and pages has its tests: rows S01 to S18.

A test that is renamed or lost is noticed here; what a row demands stands in its tests.
"""

import ast
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]

DAV_SIGN_IN = "integration/radicale_plugin/test_dav_sign_in.py"
CONSENT = "integration/web/test_pages_google_consent.py"
SIGN_IN = "integration/web/test_pages_sign_in.py"
SYNC = "integration/web/test_pages_calendar_sync.py"
OPENID = "integration/web/test_pages_openid.py"
WEBHOOK = "integration/google_push/test_push_webhook.py"
HISTORY = "integration/web/test_pages_history.py"
ADMINISTRATION = "integration/web/test_pages_administration.py"

ROWS = {
    "S01 many wrong passwords": (
        (SIGN_IN, "test_many_wrong_passwords_are_slowed_down"),
        (DAV_SIGN_IN, "test_guessing_is_slowed_for_that_network_only"),
    ),
    "S02 time of an unknown login": (
        (
            "unit/application/test_passwords.py",
            "test_an_unknown_login_costs_what_a_known_one_costs",
        ),
        (DAV_SIGN_IN, "test_an_unknown_login_costs_what_a_wrong_password_costs"),
        (DAV_SIGN_IN, "test_wrong_credentials_are_all_the_same"),
    ),
    "S03 odd Authorization headers": (
        (DAV_SIGN_IN, "test_odd_headers_are_asked_again"),
        ("unit/radicale_plugin/test_credentials.py", "test_anything_else_counts_as_no_credentials"),
    ),
    "S04 revoked app password": ((DAV_SIGN_IN, "test_revoked_password_is_dead_at_once"),),
    "S05 state of the callback": (
        (SYNC, "test_a_used_or_forged_state_is_refused_without_asking_google"),
        (OPENID, "test_an_answer_to_no_open_attempt_asks_nobody"),
    ),
    "S06 refusal with markup": (
        (CONSENT, "test_what_comes_with_a_refusal_at_google_is_not_shown"),
        (OPENID, "test_what_the_provider_says_in_an_error_is_not_shown"),
    ),
    "S07 code twice at once": (
        (CONSENT, "test_the_same_answer_twice_at_once_connects_once"),
        (OPENID, "test_a_code_of_another_attempt_is_refused"),
        ("integration/google_calendar/test_google_connecting.py", "test_a_code_works_once"),
    ),
    "S08 foreign Host": (
        (CONSENT, "test_google_is_told_the_configured_address_whatever_host_says"),
        (OPENID, "test_the_redirect_address_is_never_made_of_the_request"),
    ),
    "S09 unticked scope": (
        (SYNC, "test_a_missing_permission_is_named_and_nothing_starts"),
        (
            "integration/google_calendar/test_google_connecting.py",
            "test_an_unticked_scope_is_noticed",
        ),
        (
            "browser/test_calendar_sync_walk.py",
            "test_without_the_permission_to_create_calendars_only_that_choice_is_missing",
        ),
    ),
    "S10 token of another row": (
        ("unit/store/test_token_cipher.py", "test_token_copied_to_another_row_asks_to_reconnect"),
    ),
    "S11 webhook of strangers": ((WEBHOOK, "test_stranger_is_not_found_and_asks_for_nothing"),),
    "S12 flood of the webhook": (
        (WEBHOOK, "test_ten_thousand_messages_in_ten_seconds_are_two_runs"),
        (WEBHOOK, "test_further_messages_before_a_run_are_one_statement_and_no_write"),
    ),
    "S13 webhook with a large body": (
        (WEBHOOK, "test_large_body_is_refused_and_a_small_one_ignored"),
    ),
    "S14 hostile texts": (
        (SYNC, "test_hostile_titles_are_text_in_the_plan"),
        (HISTORY, "test_both_values_of_a_conflict_stand_side_by_side_as_text"),
        ("integration/web/test_pages_activities.py", "test_a_hostile_title_is_text_in_every_view"),
        ("integration/web/test_pages_calendar_programs.py", "test_labels_are_shown_as_text"),
        (
            "browser/test_activities_walk.py",
            "test_a_call_is_added_edited_done_repeated_and_deleted",
        ),
    ),
    "S15 forms of other sites": (
        (SIGN_IN, "test_a_form_of_another_site_changes_nothing"),
        (SIGN_IN, "test_state_changes_are_never_a_get"),
        (ADMINISTRATION, "test_a_form_without_our_token_or_of_another_site_changes_nothing"),
        (HISTORY, "test_nothing_is_taken_back_by_others_or_other_sites"),
    ),
    "S16 session and cookie": (
        (SIGN_IN, "test_the_session_cookie_is_new_at_each_sign_in_and_http_only"),
        (CONSENT, "test_behind_tls_the_session_is_never_sent_over_http"),
    ),
    "S17 where `next` leads": ((SIGN_IN, "test_next_leads_only_to_our_own_pages"),),
    "S18 things of others": (
        (SYNC, "test_an_existing_calendar_can_be_chosen_but_not_a_made_up_one"),
        (SYNC, "test_another_users_connection_is_answered_like_none"),
        (ADMINISTRATION, "test_users_of_another_company_are_not_there"),
        (HISTORY, "test_the_history_of_others_is_not_there"),
    ),
}


@cache
def _tests_of(file: str) -> frozenset[str]:
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    return frozenset(
        node.name
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@pytest.mark.parametrize("row", ROWS)
def test_a_row_has_its_tests(row):
    """By file and name."""
    assert [(file, name) for file, name in ROWS[row] if name not in _tests_of(file)] == []


def test_no_row_is_left_out():
    """All eighteen."""
    assert [row.split()[0] for row in ROWS] == [f"S{number:02}" for number in range(1, 19)]
