"""How one item is shown at Google: the connection's options, and what holds for the item."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Showing:
    """What decides how one component is shown, besides the component.

    Attributes:
        zone: IANA name of the Google calendar's zone; floating times are read in it.
        contacts: Whether the block of linked contacts is added.
        template: How titles read; "" for the subject alone.
        type_name: Of the calendar's: how its type is called; a template may name it.
        own_addresses: Of the account's owner, in lower case, the account's first; they are no
            guests.
        busy_only: Google gets time and "Busy", and nothing else comes back.
        private_by_default: An event of Google's that leaves its visibility open is private.
        save_as_public: What is private at Google is public in the CRM.
        guests_out: Guests that the calendar tells of are written to Google.
        own_copy: Of Google's item: it is our copy of an activity.
        colour: Of the calendar's: the colour its type has at Google, "" for none.
    """

    zone: str
    contacts: bool = False
    template: str = ""
    type_name: str = ""
    own_addresses: tuple[str, ...] = ()
    busy_only: bool = False
    private_by_default: bool = False
    save_as_public: bool = False
    guests_out: bool = False
    own_copy: bool = False
    colour: str = ""
