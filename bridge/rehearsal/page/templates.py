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

_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)


def page(
    template: str, values: dict[str, Any], *, status: int = 200, leads_to: str = ""
) -> Response:
    """Return a rendered page that may load nothing but the own files and is never cached.

    Args:
        template: File in `templates`.
        values: What it shows.
        status: HTTP status.
        leads_to: Origin that answers to its form may redirect to, beside the own one.
    """
    policy = f"{_POLICY} {leads_to}" if leads_to else _POLICY
    return Response(
        _environment.get_template(template).render(values),
        status=status,
        content_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        },
    )
