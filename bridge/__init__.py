"""Sync CRM activities between CalDAV and Google Calendar."""
