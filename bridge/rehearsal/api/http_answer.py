"""An answer of the API as an HTTP response: JSON, Google's headers, compression."""

from __future__ import annotations

import gzip
import json
from typing import Any

from werkzeug.wrappers import Request, Response

from bridge.rehearsal.api.call import ApiAnswer


def json_response(answer: ApiAnswer) -> Response:
    """Return an answer as Google sends it; without a body it has no media type."""
    headers: dict[str, Any] = {
        "Vary": "Origin, X-Origin, Referer",
        "Cache-Control": "no-cache, no-store, max-age=0, must-revalidate",
        **answer.headers,
    }
    if answer.body is None:
        return Response(status=answer.status, headers=headers)
    return Response(
        json.dumps(answer.body, ensure_ascii=False, separators=(",", ":")),
        status=answer.status,
        content_type="application/json; charset=UTF-8",
        headers=headers,
    )


def compress(request: Request, response: Response) -> None:
    """Compress for clients that ask for it in both places Google looks at."""
    asked = "gzip" in request.headers.get("Accept-Encoding", "")
    named = "gzip" in request.headers.get("User-Agent", "")
    if asked and named and response.get_data():
        response.set_data(gzip.compress(response.get_data(), 1))
        response.headers["Content-Encoding"] = "gzip"
