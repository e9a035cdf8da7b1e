"""A program of evolution-data-server's, told what to do in lines of JSON.

Runs under the system's Python, which has the GObject bindings, in a D-Bus session of its own. A
line on standard input is `{"do": name, ...arguments}`, the answer one line `{"answer": ...}` or
`{"error": text}`. The password is given to the source in memory; no keyring is asked or filled.
"""

import json
import sys
import threading
import time

import gi

gi.require_version("EDataServer", "1.2")
gi.require_version("ECal", "2.0")
gi.require_version("ICalGLib", "3.0")
from gi.repository import ECal, EDataServer, GLib, ICalGLib  # noqa: E402 - versions come first

CONNECT_SECONDS = 30
KINDS = {
    "events": (EDataServer.SOURCE_EXTENSION_CALENDAR, ECal.ClientSourceType.EVENTS),
    "tasks": (EDataServer.SOURCE_EXTENSION_TASK_LIST, ECal.ClientSourceType.TASKS),
}
SUPPORTS = {
    "events": EDataServer.WebDAVDiscoverSupports.EVENTS,
    "memos": EDataServer.WebDAVDiscoverSupports.MEMOS,
    "tasks": EDataServer.WebDAVDiscoverSupports.TASKS,
}
NONE = ECal.OperationFlags.NONE
ALL, THIS = ECal.ObjModType.ALL, ECal.ObjModType.THIS


class Desk:
    """Sources and clients of one person's session, with one login for all."""

    def __init__(self, login, password):
        self.login = login
        self.credentials = EDataServer.NamedParameters.new()
        self.credentials.set(EDataServer.SOURCE_CREDENTIAL_USERNAME, login)
        self.credentials.set(EDataServer.SOURCE_CREDENTIAL_PASSWORD, password)
        self.registry = EDataServer.SourceRegistry.new_sync(None)
        self.registry.connect("credentials-required", self._sign_in)
        self.clients = {}

    def _sign_in(self, _registry, source, reason, *_certificate):
        """Give what was asked for, but a refused password only once."""
        if reason == EDataServer.SourceCredentialsReason.REQUIRED:
            source.invoke_authenticate(self.credentials, None, None)

    def _source(self, url, kind):
        """Return a new source; it is not known to the registry yet."""
        source = EDataServer.Source.new(None, None)
        source.set_display_name(url)
        source.set_parent("caldav-stub")
        extension, _ = KINDS[kind]
        source.get_extension(extension).set_backend_name("caldav")
        uri = GLib.Uri.parse(url, GLib.UriFlags.NONE)
        source.get_extension(EDataServer.SOURCE_EXTENSION_WEBDAV_BACKEND).set_uri(uri)
        signing = source.get_extension(EDataServer.SOURCE_EXTENSION_AUTHENTICATION)
        signing.set_user(self.login)
        signing.set_method("plain/password")
        return source

    def discover(self, url):
        """Return the calendars found from an address, by URL with the kinds each takes."""
        found = EDataServer.webdav_discover_sources_sync(
            self._source(url, "events"), None, 0, self.credentials, None
        )
        return {
            "calendars": {
                one.href: [kind for kind, flag in SUPPORTS.items() if one.supports & flag]
                for one in found.out_discovered_sources
            },
            "addresses": list(found.out_calendar_user_addresses),
        }

    def make(self, url, name):
        """Make a calendar of events and to-dos on the server."""
        takes = EDataServer.WebDAVResourceSupports
        self._session(url).mkcalendar_sync(
            url, name, "Made at the desk", "#aabbcc", takes.EVENTS | takes.TASKS, None
        )

    def rename(self, url, name):
        """Change the name of a calendar on the server, and take its description away."""
        change = EDataServer.WebDAVPropertyChange
        changes = [
            change.new_set("DAV:", "displayname", name),
            change.new_remove("urn:ietf:params:xml:ns:caldav", "calendar-description"),
        ]
        self._session(url).update_properties_sync(url, changes, None)

    def destroy(self, url):
        """Delete a calendar on the server."""
        self._session(url).delete_sync(url, None, None, None)

    def _session(self, url):
        session = EDataServer.WebDAVSession.new(self._source(url, "events"))
        session.set_credentials(self.credentials)
        return session

    def open(self, url, kind):
        """Make a source of a calendar and sign in; it is read whole soon afterwards."""
        source = self._source(url, kind)
        self.registry.commit_source_sync(source, None)
        known = self.registry.ref_source(source.get_uid())
        _, client_kind = KINDS[kind]
        client = ECal.Client.connect_sync(known, client_kind, CONNECT_SECONDS, None)
        _wait_for_connection(known)
        self.clients[url] = client
        return {"readonly": client.is_readonly()}

    def list(self, url):
        """Return the components of an opened calendar as texts."""
        _, listed = self.clients[url].get_object_list_sync("#t", None)
        return [one.as_ical_string() for one in listed]

    def add(self, url, text):
        """Write a new component; return its UID."""
        component = ICalGLib.Component.new_from_string(text)
        _, uid = self.clients[url].create_object_sync(component, NONE, None)
        return uid

    def change(self, url, text, instance=False):
        """Write a component anew, or the one instance of its series that it tells of."""
        component = ICalGLib.Component.new_from_string(text)
        self.clients[url].modify_object_sync(component, THIS if instance else ALL, NONE, None)

    def remove(self, url, uid, instance=None):
        """Delete a component, or one instance of its series, named by its RECURRENCE-ID."""
        what = THIS if instance else ALL
        self.clients[url].remove_object_sync(uid, instance, what, NONE, None)

    def refresh(self, url):
        """Ask for a look at the server, which happens soon afterwards."""
        self.clients[url].refresh_sync(None)

    def forget(self):
        """Take the sources out of the registry again."""
        for client in self.clients.values():
            client.get_source().remove_sync(None)
        self.clients.clear()


def _wait_for_connection(source):
    # Connecting a client ends early when credentials are asked for, which happens at first.
    deadline = time.monotonic() + CONNECT_SECONDS
    while source.get_connection_status() != EDataServer.SourceConnectionStatus.CONNECTED:
        if time.monotonic() > deadline:
            raise TimeoutError(source.get_connection_status().value_nick)
        time.sleep(0.05)


def obey(desk, line):
    """Do what one line says; a refusal is an answer, too."""
    told = json.loads(line)
    try:
        return {"answer": getattr(desk, told.pop("do"))(**told)}
    except (GLib.Error, TimeoutError) as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    """Serve standard input until it ends; signals are delivered on another thread meanwhile."""
    loop = GLib.MainLoop()
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    desk = Desk(sys.argv[1], sys.stdin.readline().rstrip("\n"))
    for line in sys.stdin:
        print(json.dumps(obey(desk, line)), flush=True)  # noqa: T201 - the answer
    loop.quit()
    thread.join()


if __name__ == "__main__":
    main()
