"""Contacts by their names."""

from __future__ import annotations

from bridge.store.contact_names import ContactKind


def test_names_are_found_whole_and_told_apart(database, company, now):
    """The company's own, living ones."""
    with database.write() as work:
        work.contacts.add_person(company.id, "Eva", now=now)
        work.contacts.add_person(company.id, "Eva", now=now)
        work.contacts.add_person(company.id, "Adam", now=now)
        work.contacts.add_deal(company.id, "Deal 100%", now=now)
    with database.read() as work:
        latest = work.contact_names.latest(ContactKind.PERSON, company.id, limit=9)
        two = work.contact_names.latest(ContactKind.PERSON, company.id, limit=2)
        named = work.contact_names.named(ContactKind.PERSON, company.id, "eva")
        deals = work.contact_names.named(ContactKind.DEAL, company.id, "Deal 100%")
        nobody = work.contact_names.named(ContactKind.ORGANIZATION, company.id, "E%")
    assert [(each.name, each.shared) for each in latest] == [
        ("Adam", False),
        ("Eva", True),
        ("Eva", True),
    ]
    assert [each.name for each in two] == ["Adam", "Eva"]
    assert len(named) == 2
    assert (len(deals), nobody) == (1, ())
