"""Labels, attachments, source, texts, reminders (google-calendar-facts sections 2, 7 and 10)."""

import pytest

RED = "5b5c2f0e-7a8e-4c8e-9a53-0c2f6c1f7a11"
BLUE = "0d8c4c2a-3d0f-4c5e-8a55-6d1f0f3b2c22"
LABELS = [
    {"id": RED, "name": "Visit", "backgroundColor": "#d50000"},
    {"id": BLUE, "backgroundColor": "#039be5"},
]
DRIVE = "https://drive.google.com/file/d/1AbC_d-9/view?usp=drive_web"


@pytest.fixture
def insert(events):
    """A function that inserts on Anna's primary calendar."""
    return lambda body, **more: events.insert(calendarId="primary", body=body, **more).execute()


@pytest.fixture
def patch(events):
    """A function that patches on Anna's primary calendar."""

    def run(event, body, **more):
        request = events.patch(calendarId="primary", eventId=event["id"], body=body, **more)
        return request.execute()

    return run


@pytest.fixture
def put(events):
    """A function that replaces an event on Anna's primary calendar."""

    def run(event, body, **more):
        request = events.update(calendarId="primary", eventId=event["id"], body=body, **more)
        return request.execute()

    return run


@pytest.fixture
def labelled(service):
    """Anna's primary calendar with two labels."""
    body = {"labelProperties": {"eventLabels": LABELS}}
    return service.calendars().patch(calendarId="primary", body=body).execute()


class TestLabelsOfCalendars:
    """Calendar.labelProperties."""

    def test_labels_are_kept_on_the_calendar_only(self, service, labelled):
        """Facts 10: names and colours per calendar; the list entry does not have them."""
        assert labelled["labelProperties"]["eventLabels"] == LABELS
        found = service.calendars().get(calendarId="primary").execute()
        assert found["labelProperties"]["eventLabels"] == LABELS
        assert "labelProperties" not in service.calendarList().get(calendarId="primary").execute()

    def test_id_is_made_when_missing_and_list_replaces_list(self, service, labelled):
        """Facts 10, Calendars reference: present, it replaces the existing labels."""
        body = {"labelProperties": {"eventLabels": [{"backgroundColor": "#000000"}]}}
        changed = service.calendars().patch(calendarId="primary", body=body).execute()
        (label,) = changed["labelProperties"]["eventLabels"]
        assert len(label["id"]) == 36
        assert label["id"] not in (RED, BLUE)

    def test_update_that_does_not_name_labels_keeps_them(self, service, labelled):
        """Facts 10, Calendars reference: not specified, they remain unchanged."""
        body = {"summary": "Renamed"}
        changed = service.calendars().update(calendarId="primary", body=body).execute()
        assert changed["labelProperties"]["eventLabels"] == LABELS

    def test_new_calendar_can_have_labels(self, service):
        """Facts 10: labels belong to any calendar."""
        body = {"summary": "New", "labelProperties": {"eventLabels": LABELS}}
        made = service.calendars().insert(body=body).execute()
        assert made["labelProperties"]["eventLabels"] == LABELS

    @pytest.mark.parametrize(
        ("labels", "reason"),
        [
            ([{"name": "x"}], "required"),
            ([{"backgroundColor": "red"}], "invalid"),
            ([{"backgroundColor": "#ffffff", "name": "x" * 51}], "invalid"),
            ([{"backgroundColor": "#ffffff", "id": "one"}], "invalid"),
            ([LABELS[0], LABELS[0]], "invalid"),
            ([{"backgroundColor": "#ffffff"}] * 201, "invalid"),
        ],
    )
    def test_bad_labels_are_refused(self, service, refusal, labels, reason):
        """Facts 10: name up to 50 characters; the reference: 200 labels, UUIDs, a colour."""
        body = {"labelProperties": {"eventLabels": labels}}
        request = service.calendars().patch(calendarId="primary", body=body)
        assert refusal(request) == (400, reason)


class TestLabelsOfEvents:
    """eventLabelId."""

    def test_label_counts_with_version_1_and_colour_is_ignored_then(self, insert, timed, labelled):
        """Facts 2: only looked at with eventLabelVersion=1, and colorId is ignored then."""
        body = timed(eventLabelId=RED, colorId="3")
        made = insert(body, eventLabelVersion=1)
        assert (made["eventLabelId"], made.get("colorId")) == (RED, None)
        plain = insert(body)
        assert (plain.get("eventLabelId"), plain["colorId"]) == (None, "3")

    def test_client_of_old_keeps_the_label(self, insert, put, patch, timed, labelled):
        """Facts 10: a client without eventLabelVersion=1 works with colorId as before."""
        made = insert(timed(eventLabelId=RED), eventLabelVersion=1)
        assert put(made, timed(colorId="3"))["eventLabelId"] == RED
        assert patch(made, {"eventLabelId": ""})["eventLabelId"] == RED

    def test_absent_or_empty_removes_with_version_1(self, insert, put, patch, timed, labelled):
        """Facts 2: absent or empty removes the label; the colour is left as it was."""
        made = insert(timed(colorId="3"))
        for remove in (
            lambda: put(made, timed(), eventLabelVersion=1),
            lambda: patch(made, {"eventLabelId": ""}, eventLabelVersion=1),
            lambda: patch(made, {"summary": "x"}, eventLabelVersion=1),
        ):
            labelled_event = patch(made, {"eventLabelId": BLUE}, eventLabelVersion=1)
            assert labelled_event["eventLabelId"] == BLUE
            removed = remove()
            assert (removed.get("eventLabelId"), removed["colorId"]) == (None, "3")

    def test_patch_keeps_an_unnamed_label_by_switch(self, google, insert, patch, timed, labelled):
        """Facts 2, 7: a patch otherwise leaves alone what it does not name."""
        google.control("POST", "switches", {"patch_without_label": "keeps"})
        made = insert(timed(eventLabelId=RED), eventLabelVersion=1)
        assert patch(made, {"summary": "x"}, eventLabelVersion=1)["eventLabelId"] == RED

    def test_unknown_label_is_refused(self, events, refusal, timed, labelled):
        """Facts 2: id in the calendar's labelProperties.eventLabels."""
        request = events.insert(
            calendarId="primary", body=timed(eventLabelId="x"), eventLabelVersion=1
        )
        assert refusal(request) == (400, "invalid")


class TestAttachments:
    """attachments, with supportsAttachments."""

    def test_are_ignored_without_the_flag(self, insert, timed):
        """Facts 10: without supportsAttachments=true, attachments in a write are ignored."""
        assert "attachments" not in insert(timed(attachments=[{"fileUrl": DRIVE}]))

    def test_drive_file_gets_its_id(self, insert, timed):
        """Facts 2: fileUrl required, fileId read-only."""
        body = timed(attachments=[{"fileUrl": DRIVE, "fileId": "mine", "title": "Offer"}])
        (made,) = insert(body, supportsAttachments=True)["attachments"]
        assert (made["fileId"], made["title"]) == ("1AbC_d-9", "Offer")

    def test_foreign_file_has_none(self, insert, timed):
        """Facts 14: Drive or https links."""
        file = {"fileUrl": "https://example.org/a.pdf", "mimeType": "application/pdf"}
        made = insert(timed(attachments=[file]), supportsAttachments=True)
        assert made["attachments"] == [file]

    def test_put_and_patch_without_the_flag_keep_with_it_replace(self, insert, put, patch, timed):
        """Facts 10: existing ones are kept by patch, and by a PUT without the flag."""
        made = insert(timed(attachments=[{"fileUrl": DRIVE}]), supportsAttachments=True)
        assert len(put(made, timed())["attachments"]) == 1
        assert len(patch(made, {"attachments": []})["attachments"]) == 1
        assert "attachments" not in put(made, timed(), supportsAttachments=True)

    def test_put_without_the_flag_clears_by_switch(self, google, insert, put, timed):
        """Facts 10 [K]: that a PUT without the flag leaves them is not written anywhere."""
        made = insert(timed(attachments=[{"fileUrl": DRIVE}]), supportsAttachments=True)
        google.control("POST", "switches", {"put_without_attachments": "clears"})
        assert "attachments" not in put(made, timed())

    @pytest.mark.parametrize(
        ("files", "reason"),
        [
            ([{"title": "x"}], "required"),
            ([{"fileUrl": "file:///etc/passwd"}], "invalid"),
            ([{"fileUrl": DRIVE}] * 26, "invalid"),
        ],
    )
    def test_bad_ones_are_refused(self, events, refusal, timed, files, reason):
        """Facts 2: at most 25; fileUrl required."""
        request = events.insert(
            calendarId="primary", body=timed(attachments=files), supportsAttachments=True
        )
        assert refusal(request) == (400, reason)


class TestImportAgain:
    """Renewing an imported copy."""

    def test_parts_the_client_does_not_speak_of_stay(self, events, timed, labelled):
        """Facts 7, 10: import renews the copy; parts without their version are left alone."""
        body = timed(iCalUID="u1@example.org", attachments=[{"fileUrl": DRIVE}], eventLabelId=RED)
        parts = {"supportsAttachments": True, "eventLabelVersion": 1}
        events.import_(calendarId="primary", body=body, **parts).execute()
        again = timed("New", iCalUID="u1@example.org")
        renewed = events.import_(calendarId="primary", body=again).execute()
        assert (renewed["summary"], renewed["eventLabelId"]) == ("New", RED)
        assert len(renewed["attachments"]) == 1


class TestTexts:
    """summary, location, description, source."""

    def test_summary_and_location_have_no_limit_and_empty_is_absent(self, insert, timed):
        """Facts 2, 14: no documented length limit; empty and absent are equal."""
        made = insert(timed("x" * 5000, location="y" * 5000))
        assert (len(made["summary"]), len(made["location"])) == (5000, 5000)
        assert not {"summary", "location"} & set(insert(timed("", location="")))

    @pytest.mark.parametrize(
        ("given", "stored"),
        [
            ("one\ntwo < three & four", "one\ntwo < three & four"),
            ("<b onclick='x()'>a</b><br/>b", "<b>a</b><br>b"),
            ("<script>alert(1)</script><p>a</p>", "<p>a</p>"),
            ('<a href="javascript:x()">a</a>', "<a>a</a>"),
            ("<a href='https://a/?b=1&c=2' target=_blank>a</a>",
             '<a href="https://a/?b=1&amp;c=2">a</a>'),
            ("<font color=red>a</font> <H1>b</H1>", "a b"),
            ("<UL><LI>a</LI></UL>&nbsp;&#8364;", "<ul><li>a</li></ul>&nbsp;&#8364;"),
        ],
    )  # fmt: skip
    def test_description_keeps_a_subset_of_html(self, insert, timed, given, stored):
        """Facts 10: a subset of HTML, sanitised on write; line feeds kept in plain text."""
        assert insert(timed(description=given))["description"] == stored

    def test_limit_of_the_description_is_a_switch(self, google, events, refusal, timed, insert):
        """Facts 10 [O/K]: about 8192 characters; over it 400."""
        request = events.insert(calendarId="primary", body=timed(description="x" * 8193))
        assert refusal(request) == (400, "invalid")
        google.control("POST", "switches", {"description_limit": 8193})
        insert(timed(description="x" * 8193))

    def test_colours_are_1_to_11(self, events, refusal, insert, timed):
        """Facts 2: key into colors.event, "1".."11"; absent is the calendar's colour."""
        assert insert(timed(colorId="11"))["colorId"] == "11"
        assert "colorId" not in insert(timed(colorId=""))
        for colour in ("0", "12", "red"):
            request = events.insert(calendarId="primary", body=timed(colorId=colour))
            assert refusal(request) == (400, "invalid")

    @pytest.mark.parametrize("url", ["ftp://example.org", "mailto:a@example.org", "", None])
    def test_source_needs_a_web_address(self, events, refusal, timed, url):
        """Facts 2: source http(s) only."""
        body = timed(source={"title": "Deal", "url": url})
        assert refusal(events.insert(calendarId="primary", body=body)) == (400, "invalid")

    def test_source_is_for_its_creator_only(self, google, events, patch, timed):
        """Facts 2: source is seen and changed only by the creator."""
        placed = google.control(
            "POST",
            "events",
            {
                "email": google.anna.email,
                "event": timed(
                    source={"url": "https://example.org"}, creator={"email": "x@example.org"}
                ),
            },
        )
        assert "source" not in placed
        changed = patch(placed, {"source": {"url": "https://example.com"}, "summary": "New"})
        assert ("source" in changed, changed["summary"]) == (False, "New")


class TestExtendedProperties:
    """extendedProperties."""

    def test_limits_count_both_kinds_together(self, events, refusal, insert, timed):
        """Facts 10: up to 300 properties and 32 kB in all, counting both kinds."""
        both = {
            "private": {f"p{n}": "" for n in range(150)},
            "shared": {f"s{n}": "" for n in range(150)},
        }
        insert(timed(extendedProperties=both))
        both["shared"]["one"] = "more"
        request = events.insert(calendarId="primary", body=timed(extendedProperties=both))
        assert refusal(request) == (400, "invalid")
        large = {"private": {f"p{n}": "x" * 1024 for n in range(33)}}
        request = events.insert(calendarId="primary", body=timed(extendedProperties=large))
        assert refusal(request) == (400, "invalid")

    def test_patch_keeps_others_null_deletes_put_drops(self, insert, patch, put, timed):
        """Facts 10: patch keeps others, null deletes one; PUT drops what is missing."""
        made = insert(timed(extendedProperties={"private": {"a": "1", "b": "2"}}))
        changed = patch(made, {"extendedProperties": {"private": {"a": None, "c": "3"}}})
        assert changed["extendedProperties"] == {"private": {"b": "2", "c": "3"}}
        assert "extendedProperties" not in put(made, timed())


@pytest.fixture
def bens_events(google):
    """The `events` collection as Ben, to whom Anna has given write access to her calendar."""
    state = google.server.world.state
    state.execute(
        "INSERT INTO calendar_entry (email, calendar_id, role, body, stamp, change, deleted) "
        "SELECT ?, calendar_id, 'writer', body, stamp, change, 0 FROM calendar_entry "
        "WHERE calendar_id = ?",
        (google.ben.email, google.anna.email),
    )
    return google.service(google.ben.access_token).events()


class TestRemindersOfTwoPeople:
    """Reminders belong to a person, not to an event."""

    NONE, POPUP = {"useDefault": False}, [{"method": "popup", "minutes": 7}]

    def test_each_sees_and_sets_the_own(self, google, insert, events, bens_events, timed):
        """Facts 9, 10: reminders are per user."""
        made = insert(timed(reminders=self.NONE))
        place = {"calendarId": google.anna.email, "eventId": made["id"]}
        assert bens_events.get(**place).execute()["reminders"] == {"useDefault": True}
        own = {"useDefault": False, "overrides": self.POPUP}
        changed = bens_events.patch(**place, body={"reminders": own}).execute()
        assert changed["reminders"] == own
        renamed = bens_events.patch(**place, body={"summary": "New"}).execute()
        assert renamed["reminders"] == own
        assert events.get(**place).execute()["reminders"] == self.NONE
        assert bens_events.update(**place, body=timed()).execute()["reminders"] == {
            "useDefault": True
        }
        found = events.get(**place).execute()
        assert (found["reminders"], found["creator"]["email"]) == (self.NONE, google.anna.email)

    def test_change_of_the_own_moves_the_etag_but_not_updated(
        self, google, insert, bens_events, timed
    ):
        """Facts 2, 10: own reminder edits change the etag, `updated` stays."""
        made = insert(timed())
        google.control("POST", "clock", {"advance_seconds": 60})
        changed = bens_events.patch(
            calendarId=google.anna.email, eventId=made["id"], body={"reminders": self.NONE}
        ).execute()
        assert changed["updated"] == made["updated"]
        assert changed["etag"] != made["etag"]
