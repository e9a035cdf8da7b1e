"""Google's push: what the worker keeps open, and what the server takes in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from bridge.application.google_account import google_session, stored_access
from bridge.application.google_channels import ChannelKeeper, ChannelParts
from bridge.application.google_messages import PushMessages
from bridge.bootstrap.core import Core
from bridge.domain.connection import Connection
from bridge.google_calendar.channels import GoogleChannels


def channel_keeper(core: Core) -> ChannelKeeper:
    """Return what keeps push channels; with push off it stops those that are left."""

    @contextmanager
    def reach(connection: Connection) -> Iterator[GoogleChannels]:
        """Open the account's push channels for as long as they are used."""
        access = stored_access(
            core.database, connection, google=core.google, cipher=core.keys.tokens
        )
        with google_session(access, guard=core.database.forbid_open_transaction) as session:
            yield GoogleChannels(session)

    parts = ChannelParts(
        reach=reach,
        address=core.settings.google_push_address,
        token_key=core.keys.google_channels,
    )
    return ChannelKeeper(core.database, parts, clock=core.clock)


def push_messages(core: Core) -> PushMessages:
    """Return what takes in messages; also with push off, for channels that are still open."""
    return PushMessages(core.database, token_key=core.keys.google_channels, clock=core.clock)
