"""How much of a request is looked at (threats, section 3.4 and rows X01-X11)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class DavLimits:
    """Upper bounds of one request.

    Attributes:
        max_object_bytes: Body of a PUT; told to clients as `C:max-resource-size`.
        max_xml_bytes: Body of any other request.
        max_xml_depth: Nesting of elements.
        max_xml_elements: Number of elements.
        max_hrefs: Names in one multiget.
        max_instances: Instances that one REPORT expands to; large ones count several times.
        max_answer_bytes: Characters of one answer that tells of many resources.
        max_property_bytes: Size of one property's value.
        max_properties: Properties that clients may leave on one calendar.
        max_calendars: Calendars in one home, the two standard ones included.
    """

    max_object_bytes: int = 2 * 1024 * 1024
    max_xml_bytes: int = 1024 * 1024
    max_xml_depth: int = 32
    max_xml_elements: int = 10_000
    max_hrefs: int = 5_000
    max_instances: int = 5_000
    max_answer_bytes: int = 256 * 1024 * 1024
    max_property_bytes: int = 16 * 1024
    max_properties: int = 100
    max_calendars: int = 500


DEFAULT_LIMITS = DavLimits()
