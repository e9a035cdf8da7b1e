"""The activity types of a company as rows; what makes no sense is left out."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, bindparam, select

from bridge.domain.activity import ActivityType, CollectionName
from bridge.domain.identifiers import CompanyId
from bridge.errors import InvalidInput
from bridge.store.prepared import Prepared
from bridge.store.raw_text import raw_text, text_of
from bridge.store.schema import crm

# Built once, as most writes run it.
_TYPES = Prepared(
    select(
        raw_text(crm.ActivityType.key).label("key"),
        raw_text(crm.ActivityType.name).label("name"),
        raw_text(crm.ActivityType.collection).label("collection"),
        raw_text(crm.ActivityType.color).label("color"),
        raw_text(crm.ActivityType.icon).label("icon"),
        crm.ActivityType.order_nr,
        crm.ActivityType.active,
    )
    .where(crm.ActivityType.company_id == bindparam("company"))
    .order_by(crm.ActivityType.order_nr, crm.ActivityType.key)
)


def read_types(connection: Connection, company_id: CompanyId) -> tuple[ActivityType, ...]:
    """Return the company's activity types that make sense, in their order."""
    rows = _TYPES.rows(connection, {"company": company_id})
    return tuple(type_ for row in rows if (type_ := _type(*row)) is not None)


# The rows are read every time; what a row of these very values means never changes.
@lru_cache(maxsize=1024)
def _type(  # noqa: PLR0913, PLR0917 - the columns of a row
    key: object, name: object, collection: object, color: object, icon: object, order: int,
    active: bool,
) -> ActivityType | None:  # fmt: skip
    """Return the type; None for one that another program made and that makes no sense."""
    try:
        return ActivityType(
            key=text_of(key, "key"),
            name=text_of(name, "name"),
            collection=CollectionName(text_of(collection, "collection")),
            color=text_of(color, "color"),
            icon=text_of(icon, "icon"),
            order=order,
            active=bool(active),
        )
    except (InvalidInput, ValueError):
        return None
