"""Tell a flood of messages from a person at work, channel by channel, in memory.

A flood is never refused: Google would count that as a failed delivery. It only makes the pulls that
it asks for rare.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass

_BURST = 20.0
"""Messages at once that a person, or one write of ours, may well cause."""

_PER_SECOND = 2.0
_MOST_CHANNELS = 10_000


@dataclass(slots=True)
class _Bucket:
    level: float
    at: float


class MessagePace:
    """A token bucket for each channel; safe for threads, bounded."""

    def __init__(self) -> None:
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def floods(self, channel_id: str, *, now: float) -> bool:
        """Count a message and return whether there are too many of them.

        Args:
            channel_id: Of a genuine message, so that strangers fill no memory.
            now: Monotonic seconds.
        """
        with self._lock:
            bucket = self._buckets.pop(channel_id, None) or _Bucket(_BURST, now)
            bucket.level = min(_BURST, bucket.level + (now - bucket.at) * _PER_SECOND)
            bucket.at = now
            floods = bucket.level < 1.0
            if not floods:
                bucket.level -= 1.0
            self._buckets[channel_id] = bucket
            while len(self._buckets) > _MOST_CHANNELS:
                self._buckets.popitem(last=False)
        return floods
