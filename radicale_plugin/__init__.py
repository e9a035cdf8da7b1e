"""Present CRM activities from an SQL database as CalDAV calendars through Radicale."""
