"""Radicale's plugin interface moves without notice; what we override is still what it calls."""

from __future__ import annotations

import inspect

import pytest
from radicale.app import Application
from radicale.auth import BaseAuth
from radicale.item import Item
from radicale.rights import BaseRights
from radicale.storage import BaseCollection, BaseStorage

from radicale_plugin.app import CrmDavApplication
from radicale_plugin.auth import Auth
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.fixed_collection import FixedCollection
from radicale_plugin.item import CalendarItem
from radicale_plugin.rights import Rights
from radicale_plugin.storage import Storage

PAIRS = [
    (Auth, BaseAuth),
    (Rights, BaseRights),
    (Storage, BaseStorage),
    (CalendarCollection, BaseCollection),
    (FixedCollection, BaseCollection),
    (CrmDavApplication, Application),
    (CalendarItem, Item),
]
OVERRIDES = [
    (ours, base, name)
    for ours, base in PAIRS
    for name in dir(ours)
    if not name.startswith("__")
    and callable(getattr(base, name, None))
    and getattr(ours, name) is not getattr(base, name)
]


def shape(function):
    """Return names and kinds of the parameters of a function."""
    return [(p.name, p.kind) for p in inspect.signature(function).parameters.values()]


@pytest.mark.parametrize(("ours", "base", "name"), OVERRIDES)
def test_overridden_methods_take_what_radicale_gives(ours, base, name):
    """Same names in the same order."""
    assert shape(getattr(ours, name)) == shape(getattr(base, name))


def test_the_list_of_overrides_is_the_expected_one():
    """A renamed method of Radicale would silently not be overridden any more."""
    found = {(ours.__name__, name) for ours, _, name in OVERRIDES}
    expected = {
        ("Auth", "_login_ext_with_groups"),
        ("Auth", "_sleep_for_constant_exec_time"),
        ("Auth", "get_external_login"),
        ("Rights", "authorization"),
        ("CrmDavApplication", "_handle_request"),
        ("CrmDavApplication", "do_DELETE"),
        ("CrmDavApplication", "do_PUT"),
        ("CrmDavApplication", "do_REPORT"),
    }
    expected |= {
        ("Storage", name)
        for name in ("acquire_lock", "create_collection", "discover", "move", "verify")
    }
    reads = ("get_all", "get_filtered", "get_meta", "get_multi", "has_uid", "serialize", "sync")
    writes = ("delete", "set_meta", "upload")
    expected |= {("CalendarCollection", name) for name in reads + writes}
    assert expected <= found


def test_every_handler_answers_refusals():
    """Radicale would make a 500 of them."""
    handlers = [name for name in dir(CrmDavApplication) if name.startswith("do_")]
    assert len(handlers) >= 12
    for name in handlers:
        assert hasattr(getattr(CrmDavApplication, name), "__wrapped__")
