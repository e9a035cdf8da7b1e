"""What goes wrong between the steps of a run, or what people do to the whole connection.

A new accident is a class with `name`, `weight` and `happen`; put it into `accidents`. Those after
which nobody can know all of the past of the items there are say so to `SimWorld.loosen`, and half
of the schedules have none of them. Items made later are judged as strictly as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, ClassVar, Protocol

from bridge.domain.sync_settings import PrivateEvents, SyncSettings, SyncType
from sim_world import BASE, SimWorld

OPTIONS: dict[str, SyncSettings] = {
    "crm-to-google": replace(BASE, sync_type=SyncType.CRM_TO_GOOGLE),
    "google-to-crm": replace(BASE, sync_type=SyncType.GOOGLE_TO_CRM),
    "do-not-sync": replace(BASE, private_events=PrivateEvents.DO_NOT_SYNC),
    "save-as-public": replace(BASE, private_events=PrivateEvents.SAVE_AS_PUBLIC),
    "no-types": replace(BASE, outgoing_types=frozenset({"call"})),
    "window": replace(BASE, sync_from=date(2026, 3, 12)),
    "contacts": replace(BASE, contact_information=True),
    "two-way": BASE,
}


class Accident(Protocol):
    """Something that happens to the installation."""

    name: str
    weight: int
    loosens: bool

    def happen(self, world: SimWorld) -> str:
        """Let it happen; return what. It says `loosen` where the past is lost with it."""
        ...


@dataclass
class TimePasses:
    """Time passes, maybe while a run sleeps: its lease ends."""

    name: str = "time passes"
    weight: int = 4
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Advance the clock."""
        seconds = world.chance.choice((1, 20, 100, 1000, 7 * 3600))
        world.clock.advance(timedelta(seconds=seconds))
        return f"{seconds} s"


@dataclass
class ClockBack:
    """The clock is set back an hour."""

    name: str = "clock set back"
    weight: int = 1
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Set it back."""
        world.clock.advance(timedelta(hours=-1))
        return "an hour"


@dataclass
class HintLost:
    """A push or a notice never arrives."""

    name: str = "hint lost"
    weight: int = 1
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Lose all that wait."""
        world.hints = 0
        return ""


@dataclass
class HintTwice:
    """Hints come twice, and without a reason."""

    name: str = "hint twice"
    weight: int = 1
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Double them."""
        world.hints = world.hints * 2 + 1
        return ""


@dataclass
class TokensExpire:
    """A side serves no old sync token any more."""

    name: str = "tokens expire"
    weight: int = 1
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Expire the tokens of one side."""
        which = world.chance.randrange(3)
        if which == 2:
            world.google.expire_tokens()
        else:
            world.calendars[which].expire_tokens()
        return ("activities", "tasks", "google")[which]


@dataclass
class Reconnected:
    """A person stops and reconnects: the tokens are forgotten, the links are kept."""

    name: str = "reconnect"
    weight: int = 1
    loosens: bool = False

    def happen(self, world: SimWorld) -> str:
        """Forget the tokens."""
        world.database.forget(links=False)
        return ""


@dataclass
class LinksLost:
    """The connection begins anew: nothing is known of what was linked."""

    name: str = "links lost"
    weight: int = 1
    loosens: bool = True

    def happen(self, world: SimWorld) -> str:
        """Forget links and tokens; a listing that still lacks something would lose it for good."""
        world.loosen(self.name)
        world.google.end()
        world.database.forget(links=True)
        return ""


@dataclass
class OtherAccount:
    """A person stops, and connects as another Google user."""

    name: str = "another account"
    weight: int = 1
    loosens: bool = True

    def happen(self, world: SimWorld) -> str:
        """Change it."""
        world.loosen(self.name)
        world.change_account()
        world.database.forget(links=True)
        return f"number {world.account}"


@dataclass
class Restored:
    """An older copy of the database is put back, and with it the account connected then."""

    name: str = "restore"
    weight: int = 2
    loosens: bool = True
    kept: Any = None

    def happen(self, world: SimWorld) -> str:
        """Make a backup first, put it back later."""
        if self.kept is None:
            self.kept = world.database.backup(), (world.account, world.google)
            return "backup"
        world.loosen(self.name)
        world.google.end()
        kept, account = self.kept
        if account[1] is not world.google:
            world.change_account(account)
        world.database.restore(kept)
        self.kept = None
        return "put back"


@dataclass
class OptionsSwitched:
    """A person chooses other options, whatever runs."""

    name: str = "options switched"
    weight: int = 4
    loosens: bool = True
    choices: ClassVar[tuple[str, ...]] = tuple(OPTIONS)

    def happen(self, world: SimWorld) -> str:
        """Choose; all promises hold under every option but a direction."""
        chosen = world.chance.choice(self.choices)
        world.database.options = OPTIONS[chosen]
        if world.one_way():
            # What the other side's people do is put back, which is no promise broken.
            world.loosen(self.name)
        return chosen


def accidents() -> list[Accident]:
    """Return every accident, none of them begun."""
    return [
        TimePasses(),
        ClockBack(),
        HintLost(),
        HintTwice(),
        TokensExpire(),
        Reconnected(),
        LinksLost(),
        OtherAccount(),
        Restored(),
        OptionsSwitched(),
    ]
