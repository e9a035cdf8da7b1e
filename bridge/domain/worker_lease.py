"""What a write of the worker tells our own server of its lease (design decision 5).

A worker that slept, or whose request was long on its way, writes after another one has taken over
and maybe seen, moved or deleted the very item. So each of its writes names the fencing number of
its lease in a header, and the server asks for it in the transaction of the write: a late write is
refused, whatever happened meanwhile.

To other CalDAV servers the header means nothing. Under a plain Radicale with our storage its own
handlers make a 500 of the refusal: nothing is stored, and the run that sent it ends as one that
could not reach the server.
"""

from __future__ import annotations

from bridge.domain.identifiers import Fencing

HEADER = "Crmdav-Lease"
"""Names the fencing number, in decimal digits."""

LEASE_LOST = "{urn:x-crmdav:dav}lease-lost"
"""The precondition that a late write fails, as it stands in the body of the 412."""

_NEVER = Fencing(-1)
_LONGEST = 19  # digits; fits 63 bits


def read_fencing(header: str | None) -> Fencing | None:
    """Return the number a header names; one that nobody can have where it names none.

    Args:
        header: Its value; None where there is none, and then there is no condition.
    """
    if header is None:
        return None
    told = header.strip()
    readable = told.isascii() and told.isdigit() and len(told) <= _LONGEST
    return Fencing(int(told)) if readable else _NEVER
