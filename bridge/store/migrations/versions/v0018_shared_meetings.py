"""Let the calendar objects of several colleagues be copies of one activity (features E5).

Objects that a worker made of Google's events get the organizer that their texts name, so that a
colleague who connects later shares them. Two activities of one meeting stay two.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

_BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PORTION = 500
_FOLD = re.compile(r"\r?\n[ \t]")
_MARK = re.compile(r"^X-CRM-ORIGIN:GOOGLE\r?$", re.MULTILINE | re.IGNORECASE)
_ORGANIZER = re.compile(
    r"^ORGANIZER(?:;(?:[^\":\r\n]|\"[^\"\r\n]*\")*)?:mailto:([^\r\n]*)\r?$",
    re.MULTILINE | re.IGNORECASE,
)


def upgrade() -> None:
    """Add the columns with their indexes, and read the organizers."""
    op.add_column("calendar_objects", sa.Column("organizer", sa.Text(), nullable=True))
    op.add_column("calendar_objects", sa.Column("shared_activity_id", _BIG_ID, nullable=True))
    _read_organizers()
    for name, columns, column in (
        ("meeting", ["company_id", "uid"], "organizer"),
        ("shared_activity_id", ["shared_activity_id"], "shared_activity_id"),
        ("shared", ["calendar_id", "last_utc"], "shared_activity_id"),
    ):
        given = sa.text(f"{column} IS NOT NULL")
        op.create_index(
            f"ix_calendar_objects_{name}",
            "calendar_objects",
            columns,
            sqlite_where=given,
            postgresql_where=given,
        )


def _read_organizers() -> None:
    connection, above = op.get_bind(), 0
    objects = sa.table("calendar_objects", sa.column("id"), sa.column("organizer"))
    mine = objects.c.id == sa.bindparam("object_id")
    fill = objects.update().where(mine).values(organizer=sa.bindparam("named"))
    while rows := connection.execute(_portion(above)).all():
        above = rows[-1].id
        named = [
            {"object_id": row.id, "named": _organizer(row.text)}
            for row in rows
            if _MARK.search(row.text)
        ]
        if named:
            connection.execute(fill, named)


def _portion(above: int) -> sa.Select[Any]:
    """Return the next events that a connection met at Google first."""
    objects = sa.table(
        "calendar_objects",
        *(
            sa.column(name)
            for name in ("id", "owner_id", "uid", "component", "activity_id", "text")
        ),
    )
    connections = sa.table("connections", sa.column("id"), sa.column("user_id"))
    links = sa.table("links", *(sa.column(name) for name in ("connection_id", "uid", "origin")))
    met = (
        sa.exists()
        .where(
            connections.c.user_id == objects.c.owner_id,
            links.c.connection_id == connections.c.id,
            links.c.uid == objects.c.uid,
            links.c.origin == "google",
        )
        .correlate(objects)
    )
    return (
        sa.select(objects.c.id, objects.c.text)
        .where(
            objects.c.id > above,
            objects.c.component == "VEVENT",
            objects.c.activity_id.is_not(None),
            met,
        )
        .order_by(objects.c.id)
        .limit(_PORTION)
    )


def _organizer(text: str) -> str:
    found = _ORGANIZER.search(_FOLD.sub("", text))
    return found[1].strip().lower() if found else ""
