"""Calendars and the calendar list of each account."""
