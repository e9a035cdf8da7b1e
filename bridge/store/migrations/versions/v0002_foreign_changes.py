"""Note the writes of other programs to the CRM's tables (design decision 15).

AFTER ROW triggers append to `foreign_changes` and do nothing else: no foreign key and no check may
fail the other program's write. They are silent for our own writes, which are told by
`crmdav_revision`: an INSERT is ours if it carries a revision above 0 that is its counter's present
value, an UPDATE if it raises the revision to that value, a DELETE if the row was marked deleted.

SQLite runs no DELETE trigger for the row that INSERT OR REPLACE takes away. The INSERT trigger
therefore also looks whether the activity has a calendar object: then it is a replacement, whatever
revision the other program copied, and the object's owner is the old owner.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import text

revision = "0002"
down_revision = "0001"

_SHARED = ("persons", "organizations", "deals", "activity_types")
_HOME_REVISION = "(SELECT revision FROM {schema}homes WHERE user_id = NEW.owner_id)"
_COMPANY_REVISION = "(SELECT revision FROM {schema}companies WHERE id = NEW.company_id)"
_OBJECT_OWNER = "(SELECT owner_id FROM {schema}calendar_objects WHERE activity_id = NEW.id)"
_OUR_INSERT = "NEW.crmdav_revision > 0 AND NEW.crmdav_revision = {counter}"
_OUR_UPDATE = (
    "NEW.id = OLD.id AND NEW.crmdav_revision > OLD.crmdav_revision"
    " AND NEW.crmdav_revision = {counter}"
)
_APPEND = (
    "INSERT INTO {schema}foreign_changes"
    " (company_id, table_name, row_id, old_owner_id, new_owner_id, operation) VALUES "
)


def upgrade() -> None:
    """Create the triggers in the dialect of the database."""
    if op.get_bind().dialect.name == "sqlite":
        _create_on_sqlite()
    else:
        _create_on_postgresql()


def _create_on_sqlite() -> None:
    for table in ("activities", *_SHARED):
        for operation, ours, values in _rules(table):
            op.execute(
                f"CREATE TRIGGER crmdav_{table}_{operation} AFTER {operation.upper()} ON {table}"
                f" WHEN ({ours}) IS NOT TRUE BEGIN {_append(values)}; END"
            )
        op.execute(
            f"CREATE TRIGGER crmdav_{table}_renumber AFTER UPDATE OF id ON {table}"
            f" WHEN NEW.id <> OLD.id BEGIN {_append(_old_row(table, 'delete'))}; END"
        )


def _create_on_postgresql() -> None:
    # Names are qualified and the search path is empty but for the catalogue: the functions run
    # with our rights in sessions of other programs.
    schema = op.get_bind().scalar(text("SELECT quote_ident(current_schema())")) + "."
    for table in ("activities", *_SHARED):
        _create_function(f"{schema}crmdav_note_{table}", _function_body(table, schema))
        op.execute(
            f"CREATE TRIGGER crmdav_row AFTER INSERT OR UPDATE OR DELETE ON {schema}{table}"
            f" FOR EACH ROW EXECUTE FUNCTION {schema}crmdav_note_{table}()"
        )
    truncated = "(NULL, TG_TABLE_NAME, NULL, NULL, NULL, 'truncate')"
    _create_function(f"{schema}crmdav_note_truncate", f"{_append(truncated, schema)};")
    for table in ("activities", *_SHARED):
        op.execute(
            f"CREATE TRIGGER crmdav_truncate AFTER TRUNCATE ON {schema}{table}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION {schema}crmdav_note_truncate()"
        )


def _create_function(name: str, body: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER"
        f" SET search_path = pg_catalog, pg_temp AS $$ BEGIN {body} RETURN NULL; END $$"
    )


def _function_body(table: str, schema: str) -> str:
    branches = "".join(
        f"IF TG_OP = '{operation.upper()}' THEN"
        f" IF ({ours}) IS NOT TRUE THEN {_append(values, schema)}; END IF; END IF; "
        for operation, ours, values in _rules(table, schema)
    )
    renumbered = (
        f"IF TG_OP = 'UPDATE' THEN IF NEW.id <> OLD.id THEN"
        f" {_append(_old_row(table, 'delete'), schema)}; END IF; END IF;"
    )
    return branches + renumbered


def _rules(table: str, schema: str = "") -> tuple[tuple[str, str, str], ...]:
    """Return operation, condition of our own write, and values to append, of a table."""
    counter = (_HOME_REVISION if table == "activities" else _COMPANY_REVISION).format(schema=schema)
    our_insert = _OUR_INSERT.format(counter=counter)
    our_delete = "FALSE" if table == "activity_types" else "OLD.deleted_at IS NOT NULL"
    if table == "activities":
        our_insert += f" AND {_OBJECT_OWNER.format(schema=schema)} IS NULL"
        inserted = _OBJECT_OWNER.format(schema=schema) + ", NEW.owner_id"
        updated = "OLD.owner_id, NEW.owner_id"
    else:
        inserted = updated = "NULL, NULL"
    return (
        ("insert", our_insert, f"(NEW.company_id, '{table}', NEW.id, {inserted}, 'insert')"),
        (
            "update",
            _OUR_UPDATE.format(counter=counter),
            f"(NEW.company_id, '{table}', NEW.id, {updated}, 'update')",
        ),
        ("delete", our_delete, _old_row(table, "delete")),
    )


def _old_row(table: str, operation: str) -> str:
    owner = "OLD.owner_id" if table == "activities" else "NULL"
    return f"(OLD.company_id, '{table}', OLD.id, {owner}, NULL, '{operation}')"


def _append(values: str, schema: str = "") -> str:
    return _APPEND.format(schema=schema) + values
