"""As much of Google as patches of a series need: merging, inheriting, and forgetting exceptions."""

from dataclasses import replace

from bridge.convert.google_event import event_to_object
from bridge.convert.google_times import written_times
from bridge.convert.series_frame import frame_of_schedule
from bridge.convert.series_views import google_view, plain_instance
from bridge.convert.showing import Showing
from bridge.domain.identifiers import Uid


class GoogleGroup:
    """One item at Google: a single event, or a master and its exceptions.

    Attributes:
        master: Event resource.
        exceptions: Event resources by key.
    """

    def __init__(self, bodies, zone, stamp=None):
        """Insert an item.

        Args:
            bodies: `EventBodies`.
            zone: IANA name of the calendar's zone.
            stamp: Further fields, by which it is known as our copy.
        """
        self.master = {**bodies.master, **(stamp or {})}
        self.exceptions = {}
        self._zone = zone
        self._write(bodies.instances)

    def patch(self, patches):
        """Merge the master's patch, then those of the instances.

        Exceptions whose original start is no longer one are forgotten (Google: facts, section 8).
        """
        before = self._shown().schedule
        self.master = merged(self.master, patches.master)
        if not self.master.get("recurrence"):
            self.exceptions = {}
        elif self._shown().schedule != before:
            had = frame_of_schedule(self._shown().schedule).keys_had(self.exceptions)
            self.exceptions = {key: self.exceptions[key] for key in had}
        self._write(patches.instances)

    def item(self):
        """Return the group as an item."""
        events = [self.master, *self.exceptions.values()]
        return event_to_object(events, uid=Uid("g"), calendar_zone=self._zone)

    def _write(self, patches):
        for key, patch in patches.items():
            self.exceptions[key] = merged(self.exceptions.get(key) or self._instance(key), patch)

    def _instance(self, key):
        """Return an instance as it comes from the master."""
        times = written_times(plain_instance(self._shown(), key).schedule.span)
        inherited = {k: v for k, v in self.master.items() if k != "recurrence"}
        return inherited | times | {"originalStartTime": times["start"]}

    def _shown(self):
        item = event_to_object([self.master], uid=Uid("g"), calendar_zone=self._zone)
        return replace(google_view(item, Showing(zone=self._zone)), instances=())


def merged(old, patch):
    """Merge as PATCH does: objects at every depth, null removes, an answer alone is only that."""
    result, patch = dict(old), dict(patch)
    if patch.pop("attendeesOmitted", False):
        said = {entry["email"]: entry for entry in patch["attendees"]}
        patch["attendees"] = [each | said.get(each["email"], {}) for each in old["attendees"]]
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            result[key] = merged(result.get(key, {}), value)
        else:
            result[key] = value
    return result
