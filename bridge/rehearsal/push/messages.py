"""The messages that are due on the channels, and their headers.

Source: Google, "Push notifications", understanding the notification message format. Messages have
no body; their numbers grow, but not by one.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate

from bridge.rehearsal.push.channels import Channel, all_channels, is_alive, note_message
from bridge.rehearsal.push.watched import News, news_of
from bridge.rehearsal.world import World

_LARGEST_GAP = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a channel.

    Attributes:
        channel: The channel when the message was made.
        number: Its number.
        resource_state: `sync`, `exists` or `not_exists`.
    """

    channel: Channel
    number: int
    resource_state: str

    def headers(self) -> dict[str, str]:
        """Return Google's headers of the message."""
        channel = self.channel
        found = {
            "X-Goog-Channel-ID": channel.channel_id,
            "X-Goog-Channel-Expiration": formatdate(channel.expires / 1000, usegmt=True),
            "X-Goog-Resource-ID": channel.resource_id,
            "X-Goog-Resource-URI": channel.resource_uri,
            "X-Goog-Resource-State": self.resource_state,
            "X-Goog-Message-Number": str(self.number),
        }
        if channel.token:
            found["X-Goog-Channel-Token"] = channel.token
        return found


def send_due_messages(world: World, send: Callable[[Message], None]) -> None:
    """Make the messages that are due, remember that, and hand them over in the order of numbers.

    Args:
        world: The rehearsal.
        send: Takes a message without waiting.
    """
    if world.state.row("SELECT 1 FROM channel LIMIT 1") is None:
        return
    # The hand-over is inside, so that two requests that end together cannot swap numbers.
    with world.state.transaction():
        for channel in all_channels(world):
            if is_alive(world, channel) and not channel.gone:
                for message in _due(world, channel):
                    send(message)


def _due(world: World, channel: Channel) -> list[Message]:
    news = news_of(world, channel.watched, since=channel.noted)
    number = channel.message_number
    messages = []
    for resource_state in _states(channel, news):
        number = number + 2 + secrets.randbelow(_LARGEST_GAP) if number else 1
        messages.append(Message(channel=channel, number=number, resource_state=resource_state))
    if messages or news.newest > channel.noted:
        note_message(world, channel, number=number, noted=news.newest, gone=not news.exists)
    return messages


def _states(channel: Channel, news: News) -> list[str]:
    states = [] if channel.message_number else ["sync"]
    if not news.exists:
        return [*states, "not_exists"]
    return [*states, "exists"] if news.is_told else states
