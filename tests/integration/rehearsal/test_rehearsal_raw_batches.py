"""Batches as the client library does not send them (google-calendar-facts section 12)."""

import json
from email import message_from_string

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


class TestRawBatches:
    """What the client library does not send."""

    @pytest.fixture
    def send(self, google):
        """A function that sends parts and returns (Content-ID, status, JSON or None) of each."""

        def run_raw(*parts, headers=None, query=""):
            pieces = [f"--x\r\nContent-Type: application/http\r\n{part}\r\n" for part in parts]
            sent = {
                "Content-Type": "multipart/mixed; boundary=x",
                "Authorization": f"Bearer {google.anna.access_token}",
                **(headers or {}),
            }
            body = "".join([*pieces, "--x--\r\n"]).encode()
            status, text, told = google.http(
                "POST", f"/batch/calendar/v3{query}", body=body, headers=sent
            )
            assert status == 200, text
            head = f"Content-Type: {told['Content-Type']}\r\n\r\n"
            return [_read(part) for part in message_from_string(head + text).get_payload()]

        return run_raw

    @pytest.mark.parametrize(
        ("given", "answered"),
        [
            ("<item:1@example.org>", "<response-item:1@example.org>"),
            ("7", "response-7"),
            ("<a b + 2>", "<response-a b + 2>"),
        ],
    )
    def test_ids_come_back_in_the_form_they_were_given(self, send, given, answered):
        """Facts 12: ids `response-<id>`."""
        path = "/calendar/v3/calendars/primary"
        ((identity, status, _),) = send(f"Content-ID: {given}\r\n\r\nGET {path}\r\n\r\n")
        assert (identity, status) == (answered, 200)

    def test_part_without_id_has_none_in_its_answer(self, send):
        """Facts 12: answers in order, ids or not."""
        answers = send(
            "\r\nGET /calendar/v3/calendars/primary\r\n\r\n",
            "\r\nGET /calendar/v3/users/me/calendarList\r\n\r\n",
        )
        assert [(each, body["kind"]) for each, _, body in answers] == [
            (None, "calendar#calendar"),
            (None, "calendar#calendarList"),
        ]

    def test_outer_headers_apply_unless_overridden(self, send, google):
        """Facts 12: outer headers apply to parts unless overridden, content headers never."""
        path = "/calendar/v3/calendars/primary"
        own = f"Authorization: Bearer {google.ben.access_token}\r\n"
        etag = google.api("GET", "/calendars/primary")[1]["etag"]
        answers = send(
            f"\r\nGET {path} HTTP/1.1\r\n\r\n",
            f"\r\nGET {path} HTTP/1.1\r\n{own}\r\n",
            f'\r\nGET {path} HTTP/1.1\r\nIf-None-Match: "other"\r\n\r\n',
            headers={"If-None-Match": etag},
        )
        assert [status for _, status, _ in answers] == [304, 200, 200]
        assert answers[1][2]["id"] == "ben@example.com"

    def test_body_of_a_part_is_read(self, send):
        """Facts 12: parts have bodies, with and without a head of their own."""
        path = "/calendar/v3/calendars/primary/events"
        body = json.dumps({"summary": "Zoë", **DAY})
        bare = f"\r\nPOST {path}\r\n\r\n{body}\r\n"
        headed = f"\r\nPOST {path}\r\nContent-Type: application/json\r\n\r\n{body}\r\n"
        assert [made["summary"] for _, _, made in send(bare, headed)] == ["Zoë", "Zoë"]

    def test_compressed_part_is_refused(self, send):
        """Nothing of Google's says that bodies may be compressed; a bomb is not unpacked."""
        part = "\r\nPOST /calendar/v3/calendars\r\nContent-Encoding: gzip\r\n\r\nxx\r\n"
        assert [status for _, status, _ in send(part)] == [415]

    def test_method_override_works_in_a_part(self, send):
        """Facts 1: the library's long GET is a form POST with x-http-method-override."""
        head = "X-HTTP-Method-Override: GET\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        part = f"\r\nPOST /calendar/v3/calendars/primary\r\n{head}\r\nfields=id\r\n"
        assert send(part) == [(None, 200, {"id": "anna@example.com"})]

    @pytest.mark.parametrize(
        "line",
        [
            "POST /batch/calendar/v3",
            "POST /batch",
            "GET https://www.googleapis.com/calendar/v3/calendars/primary",
            "nonsense",
            "",
        ],
    )
    def test_broken_part_does_not_break_the_batch(self, send, line):
        """Facts 12: a path only; no batch inside of a batch; each part fails by itself."""
        good = "\r\nGET /calendar/v3/calendars/primary\r\n\r\n"
        answers = send(f"\r\n{line}\r\n\r\n", good)
        assert [status for _, status, _ in answers] == [400, 200]
        assert answers[0][2]["error"]["errors"][0]["reason"] == "badRequest"

    def test_other_addresses_are_unknown_in_a_part(self, send):
        """A batch reaches the API alone: no OAuth, no control surface."""
        parts = [f"\r\n{line}\r\n\r\n" for line in ("POST /token", "POST /_rehearsal/reset")]
        assert [status for _, status, _ in send(*parts)] == [404, 404]


def _read(part):
    status_line, _, rest = part.get_payload().partition("\r\n")
    body = rest.partition("\r\n\r\n")[2].strip()
    return part["Content-ID"], int(status_line.split()[1]), json.loads(body) if body else None
