"""Text columns as another program left them.

SQLite stores any bytes as TEXT, and Python's driver fails a whole query over one value that is no
UTF-8. Columns that other programs write are therefore asked for as bytes there and decoded here,
one by one. PostgreSQL checks its texts itself.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, cast
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType

from bridge.errors import InvalidInput


class raw_text(FunctionElement[Any]):  # noqa: N801 - reads as the SQL function it stands for
    """The text of a column of whatever type, as bytes on SQLite; for `text_of`."""

    type = NullType()
    inherit_cache = True

    def __init__(self, column: Any) -> None:
        super().__init__(cast(column, Text))


@compiles(raw_text)
def _as_text(element: raw_text, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(raw_text, "sqlite")
def _as_bytes(element: raw_text, compiler: SQLCompiler, **options: Any) -> str:
    return f"CAST({compiler.process(element.clauses, **options)} AS BLOB)"


def text_of(value: object, field: str) -> str:
    """Return the text of a value selected by `raw_text`.

    Raises:
        InvalidInput: It is NULL, or no UTF-8.
    """
    try:
        if isinstance(value, str | bytes):
            return value if isinstance(value, str) else value.decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(f"`{field}` is no text", field=field) from error
    raise InvalidInput(f"`{field}` is no text", field=field)
