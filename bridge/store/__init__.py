"""The database: schema, migrations, unit of work, repositories. The only writer of rows."""
