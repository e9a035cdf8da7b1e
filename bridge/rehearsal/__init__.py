"""A Google Calendar one can trust without having one.

A WSGI application with its own small store that speaks Google's OAuth and Calendar v3 over HTTP,
for the demo, for tests and for an admin's dry run. It imports nothing of ours but `bridge.errors`,
so that it cannot share our misunderstandings of Google; what it does follows Google's documents
alone.

Where to start reading: `server` (what others start), `application` (one outer HTTP request),
`api.dispatch` (one Calendar call, alone or as part of a batch), `events.writing` and
`events.listing` (the heart), `calendars.access` (who sees what), `push.delivery` (who is told).
What belongs to one part of an event is in a module of its own (`events.conference`,
`events.event_types`, `events.labels`, ...), called through `events.parts`.

An event lives in its organizer's calendar. Guests with an account hold copies: `events.copies`
writes every change of shared facts through to them, `events.holding` takes what guests write and
passes on what concerns others. People without an account organize by `POST
/_rehearsal/invitations` (`events.invitations`), from calendars that are on nobody's list.
"""
