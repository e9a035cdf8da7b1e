"""Rendering of the rehearsal's own pages; everything put into them is escaped."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from werkzeug.wrappers import Response

_environment = Environment(
    loader=PackageLoader("bridge.rehearsal", "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

_POLICY = "default-src 'none'; style-src 'self'; frame-ancestors 'none'"


def page(template: str, values: dict[str, Any], *, status: int = 200) -> Response:
    """Return a rendered page that may load nothing but the own stylesheet and is never cached."""
    return Response(
        _environment.get_template(template).render(values),
        status=status,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": _POLICY,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        },
    )
