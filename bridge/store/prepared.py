"""Statements that every request runs, without what SQLAlchemy does for each execution.

A statement is written with SQLAlchemy like any other. It is compiled once for each kind of database
and set of values, then goes to the driver's own cursor; values are bound and results are read by
the types of the statement, as SQLAlchemy would. What is left out is its look-up of the compiled
form, its execution context and its result object: four parts of five of what the question of
`bridge.store.places` cost, and a quarter of a DELETE. It runs inside of the transaction of the
connection. SQLAlchemy's events do not tell of it.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select, exc
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.dml import UpdateBase
from sqlalchemy.types import TypeEngine

_Values = Mapping[str, Any]
_Statement = Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]] | UpdateBase
_Convert = Callable[[Any], Any]
_named_tuple: Any = namedtuple  # mypy wants the names written out


class Prepared:
    """A statement with named parameters; safe for threads, and for connections of every kind.

    The columns that an INSERT or UPDATE sets may be left to the names of the values. Lists of
    values and parameters that stand for lists are not taken.
    """

    def __init__(self, statement: _Statement) -> None:
        self._statement = statement
        self._forms: dict[tuple[str, ...], _Form] = {}

    def run(self, connection: Connection, values: _Values) -> None:
        """Run it for what it does.

        Raises:
            DBAPIError: As `Connection.execute` would.
        """
        form = self._form(connection.dialect, values)
        form.execute(connection, values, fetch=False)

    def rows(self, connection: Connection, values: _Values) -> Sequence[Any]:
        """Run it and return all rows, as named tuples.

        Raises:
            DBAPIError: As `Connection.execute` would.
        """
        columns = self._form(connection.dialect, values).columns
        return [columns(row) for row in self.tuples(connection, values)]

    def tuples(self, connection: Connection, values: _Values) -> Sequence[Sequence[Any]]:
        """Run it and return all rows without names, for thousands of them.

        Raises:
            DBAPIError: As `Connection.execute` would.
        """
        form = self._form(connection.dialect, values)
        return form.converted(form.execute(connection, values, fetch=True))

    def row(self, connection: Connection, values: _Values) -> Any | None:
        """Run it and return the only row, None when there is none.

        Raises:
            DBAPIError: As `Connection.execute` would.
            MultipleResultsFound: There are several.
        """
        found = self.rows(connection, values)
        if len(found) > 1:
            raise exc.MultipleResultsFound("one row was expected")
        return found[0] if found else None

    def scalar(self, connection: Connection, values: _Values) -> Any | None:
        """Run it and return the first column of the only row, None when there is none.

        Raises:
            DBAPIError: As `Connection.execute` would.
            MultipleResultsFound: There are several rows.
        """
        row = self.row(connection, values)
        return None if row is None else row[0]

    def _form(self, dialect: Dialect, values: _Values) -> _Form:
        key = (dialect.name, *values)
        form = self._forms.get(key)
        if form is None:
            form = self._forms[key] = _compiled(self._statement, dialect, values)
        return form


@dataclass(frozen=True, slots=True, kw_only=True)
class _Form:
    """A statement as one kind of database gets it.

    Attributes:
        sql: With the driver's own placeholders.
        order: Names in the order of the placeholders; None where the driver goes by names.
        constants: Values that stand in the statement, as the driver takes them.
        binders: What turns a value into one that the driver takes, where that is needed.
        readers: What turns a result into a value, by column, where that is needed.
        columns: The named tuple of a row.
    """

    sql: str
    order: Sequence[str] | None
    constants: _Values
    binders: Mapping[str, _Convert]
    readers: Sequence[tuple[int, _Convert]]
    columns: Callable[[Sequence[Any]], Any]

    def execute(self, connection: Connection, values: _Values, *, fetch: bool) -> list[Any]:
        """Run it and return the driver's rows, none unless they are to be fetched.

        Raises:
            DBAPIError: The driver refused; SQLite and what is no value for Python only tell with
                the rows.
        """
        driver: Any = connection.connection
        try:
            with closing(driver.cursor()) as cursor:
                cursor.execute(self.sql, self._bound(values))
                found: list[Any] = cursor.fetchall() if fetch else []
        except connection.dialect.loaded_dbapi.Error as error:
            raise _wrapped(error, self.sql, connection) from error
        return found

    def converted(self, rows: list[Sequence[Any]]) -> Sequence[Sequence[Any]]:
        """Return rows of the driver as values."""
        if not self.readers:
            return rows
        changed = [list(row) for row in rows]
        for index, convert in self.readers:
            for row in changed:
                row[index] = convert(row[index])
        return changed

    def _bound(self, values: _Values) -> Sequence[Any] | _Values:
        bound = {**self.constants, **values}
        for name, convert in self.binders.items():
            bound[name] = convert(bound[name])
        return bound if self.order is None else [bound[name] for name in self.order]


def _compiled(statement: _Statement, dialect: Dialect, values: _Values) -> _Form:
    compiled = statement.compile(dialect=dialect, column_keys=list(values))
    assert isinstance(compiled, SQLCompiler)  # noqa: S101 - of a statement, not of a table
    # The schema leaves defaults to the database; ones of Python's would have to be worked out here.
    prefetched = [*compiled.insert_prefetch, *compiled.update_prefetch]
    assert not prefetched, prefetched  # noqa: S101 - a mistake in our own statement
    binders = {name: _binder(bind.type, dialect) for name, bind in compiled.binds.items()}
    needed = {name: convert for name, convert in binders.items() if convert is not None}
    constants = {name: value for name, value in compiled.params.items() if name not in values}
    results = list(statement.exported_columns)
    readers = [_reader(column.type, dialect) for column in results]
    names = [str(column.key) for column in results]
    return _Form(
        sql=str(compiled),
        order=compiled.positiontup,
        constants=constants,
        binders=needed,
        readers=[(index, each) for index, each in enumerate(readers) if each is not None],
        columns=_maker(names),
    )


def _maker(names: Sequence[str]) -> Callable[[Sequence[Any]], Any]:
    row: Any = _named_tuple("Row", names, rename=True)
    make: Callable[[Sequence[Any]], Any] = row._make
    return make


def _binder(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).bind_processor(dialect)


def _reader(type_: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    return type_.dialect_impl(dialect).result_processor(dialect, None)


def _wrapped(error: Exception, sql: str, connection: Connection) -> BaseException:
    """Return the error as SQLAlchemy tells it, without the values."""
    dialect = connection.dialect
    lost = isinstance(error, dialect.loaded_dbapi.Error) and dialect.is_disconnect(
        error, connection.connection, None
    )
    if lost:
        connection.invalidate(error)
    return exc.DBAPIError.instance(
        sql,
        None,
        error,
        dialect.loaded_dbapi.Error,
        hide_parameters=True,
        connection_invalidated=lost,
        dialect=dialect,
    )
