"""The table of methods against Google's own discovery document."""

import json
from importlib.resources import files

from bridge.rehearsal.api.field_names import EVENT_FIELDS, EVENTS_FIELDS
from bridge.rehearsal.api.methods import METHODS
from bridge.rehearsal.api.parameters import Kind

DOCUMENT = json.loads(
    (files("googleapiclient.discovery_cache") / "documents/calendar.v3.json").read_text()
)
GOOGLES = {
    method["id"]: method
    for resource in DOCUMENT["resources"].values()
    for method in resource["methods"].values()
}


def declared(parameter):
    """Return how our table says what the document says of a parameter."""
    if parameter.get("repeated"):
        return Kind.TEXTS
    if "enum" in parameter:
        return tuple(sorted(parameter["enum"]))
    return Kind(parameter["type"])


def test_every_method_of_the_document_is_in_the_table():
    """Facts 1: the methods of v3, none more, none less."""
    assert {method.name for method in METHODS} == set(GOOGLES)


def test_paths_scopes_and_parameters_are_googles():
    """Facts 13: scopes by method, from the discovery document."""
    for method in METHODS:
        theirs = GOOGLES[method.name]
        assert (method.http, method.template) == (theirs["httpMethod"], theirs["path"])
        scopes = {
            scope.removeprefix("https://www.googleapis.com/auth/") for scope in theirs["scopes"]
        }
        assert method.scopes == scopes, method.name
        query = {
            name: declared(parameter)
            for name, parameter in theirs.get("parameters", {}).items()
            if parameter["location"] == "query"
        }
        ours = {
            name: tuple(sorted(kind)) if isinstance(kind, tuple) else kind
            for name, kind in method.parameters.items()
        }
        assert ours == query, method.name


def test_only_patch_of_events_costs_three_units():
    """Facts 12: patch counts three."""
    assert {method.name: method.units for method in METHODS if method.units != 1} == {
        "calendar.events.patch": 3
    }


def fields_of(schema):
    """Return the tree of field names of a schema of the document, as our tables have it."""
    schema = DOCUMENT["schemas"][schema["$ref"]] if "$ref" in schema else schema
    if schema["type"] == "array":
        return fields_of(schema["items"])
    if schema["type"] == "any" or "additionalProperties" in schema:
        return {"*": None}
    if schema["type"] == "object":
        return {name: fields_of(inner) for name, inner in schema["properties"].items()}
    return None


def test_field_masks_know_googles_fields():
    """Facts 1, 2: the fields of events and of their listings, none more, none less."""
    assert fields_of({"$ref": "Events"}) == EVENTS_FIELDS
    assert fields_of({"$ref": "Event"}) == EVENT_FIELDS
