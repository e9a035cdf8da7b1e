"""What Google's discovery document of Calendar v3 says about answers, as checks.

The document ships with Google's client library, so neither its schemas nor its paths are our
reading of Google.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any
from urllib.parse import unquote

DOCUMENT: dict[str, Any] = json.loads(
    (files("googleapiclient.discovery_cache") / "documents/calendar.v3.json").read_text("utf-8")
)
BASE = "/calendar/v3/"
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "object": (dict,),
    "array": (list,),
    "number": (int, float),
}
_FORMATS = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"),
    "int64": re.compile(r"-?\d+"),
}
_ALWAYS = {
    "Event": ("kind", "etag", "id", "status"),
    "Events": ("kind", "etag", "summary", "updated", "timeZone", "accessRole", "items"),
    "Calendar": ("kind", "etag", "id", "summary", "timeZone"),
    "CalendarList": ("kind", "etag", "items"),
    "CalendarListEntry": ("kind", "etag", "id", "summary", "accessRole"),
    "Channel": ("kind", "id", "resourceId", "resourceUri"),
    "Acl": ("kind", "etag", "items"),
    "AclRule": ("kind", "etag", "id", "role"),
}
"""Members an answer has whatever it is about, unless `fields` leaves them out."""


class Violation(AssertionError):
    """An answer Google would not give."""


def methods() -> list[dict[str, Any]]:
    """Return all methods of the document."""
    found = []
    for resource in DOCUMENT["resources"].values():
        found += resource["methods"].values()
    return found


def method_of(http: str, path: str) -> dict[str, Any] | None:
    """Return the document's method of a request; a fixed segment is stronger than a variable."""
    segments = path.removeprefix(BASE).split("/")
    fitting = [
        method
        for method in methods()
        if method["httpMethod"] == http and _fits(method["path"].split("/"), segments)
    ]
    return min(fitting, key=lambda method: method["path"].count("{"), default=None)


def _fits(pattern: list[str], segments: list[str]) -> bool:
    return len(pattern) == len(segments) and all(
        unquote(given) if wanted.startswith("{") else wanted == given
        for wanted, given in zip(pattern, segments, strict=True)
    )


def check_resource(value: Any, schema: str, *, partial: bool = False) -> None:
    """Fail unless a value is a whole resource, or a partial one, with no unknown member."""
    check_value(value, {"$ref": schema}, schema)
    if partial:
        return
    missing = [name for name in _ALWAYS.get(schema, ()) if name not in value]
    if missing:
        raise Violation(f"{schema} without {', '.join(missing)}")
    kind = DOCUMENT["schemas"][schema]["properties"].get("kind", {}).get("default")
    if kind is not None and value["kind"] != kind:
        raise Violation(f"{schema} with kind {value['kind']!r}")


def check_value(value: Any, schema: dict[str, Any], where: str) -> None:
    """Fail unless a value is what a schema says."""
    schema = DOCUMENT["schemas"][schema["$ref"]] if "$ref" in schema else schema
    if schema["type"] == "any":
        return
    fits = isinstance(value, _TYPES[schema["type"]])
    if not fits or (isinstance(value, bool) and schema["type"] != "boolean"):
        raise Violation(f"{where} is {value!r}, not of type {schema['type']}")
    _check_format(value, schema.get("format", ""), where)
    if schema.get("enum") and value not in schema["enum"]:
        raise Violation(f"{where} is {value!r}, none of {schema['enum']}")
    if schema["type"] == "array":
        for item in value:
            check_value(item, schema["items"], f"{where}[]")
    if schema["type"] == "object":
        _check_members(value, schema, where)


def _check_members(value: dict[str, Any], schema: dict[str, Any], where: str) -> None:
    known = schema.get("properties", {})
    for name, item in value.items():
        inner = known.get(name, schema.get("additionalProperties"))
        if inner is None:
            raise Violation(f"{where}.{name} is unknown to Google")
        check_value(item, inner, f"{where}.{name}")


def _check_format(value: Any, name: str, where: str) -> None:
    pattern = _FORMATS.get(name)
    if pattern is not None and not pattern.fullmatch(value):
        raise Violation(f"{where} is {value!r}, which is no {name}")
    if name == "int32" and not -(2**31) <= value < 2**31:
        raise Violation(f"{where} is {value!r}, which is no {name}")
