"""Files attached to an event.

Source: Google, Events resource (`attachments`). Google knows its own Drive files by their address
and fills in what it knows of them.
"""

from __future__ import annotations

import re

from bridge.rehearsal.google_error import Json, invalid, required

_MOST_ATTACHMENTS = 25
_DRIVE_FILE = re.compile(r"https://(?:drive|docs)\.google\.com/.*?/d/([A-Za-z0-9_\-]+)")
_DRIVE_ICON = "https://drive-thirdparty.googleusercontent.com/16/type/application/octet-stream"


def stored_attachments(given: list[Json]) -> list[Json]:
    """Return attachments as Google stores them.

    Raises:
        GoogleError: 400 for more than 25, or one without a usable address.
    """
    if len(given) > _MOST_ATTACHMENTS:
        raise invalid("At most 25 attachments are allowed.")
    return [_attachment(each) for each in given]


def _attachment(given: Json) -> Json:
    url = given.get("fileUrl")
    if not url:
        raise required("Missing attachment file URL.")
    if not url.startswith(("http://", "https://")):
        raise invalid("Invalid attachment file URL.")
    stored = {name: value for name, value in given.items() if value}
    drive_file = _DRIVE_FILE.match(url)
    if drive_file is None:
        return stored
    # The icon of a Drive file is Google's own, whatever was sent.
    return {**stored, "fileId": drive_file[1], "iconLink": _DRIVE_ICON}
