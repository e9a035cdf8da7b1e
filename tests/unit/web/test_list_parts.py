"""Long lists in parts of fifty."""

import pytest

from bridge.web.paging import part_of

NAMES = [f"n{number}" for number in range(120)]


@pytest.mark.parametrize(
    ("page", "first", "last", "before", "after"),
    [
        ("", 1, 50, None, 2),
        ("1", 1, 50, None, 2),
        ("2", 51, 100, 1, 3),
        ("3", 101, 120, 2, None),
    ],
)
def test_a_part_knows_where_it_is(page, first, last, before, after):
    """Numbers count from one, as people do."""
    part = part_of(NAMES, {"page": page})
    assert (part.first, part.last, part.before, part.after) == (first, last, before, after)
    assert part.items == NAMES[first - 1 : last]
    assert part.cut


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "9" * 30])
def test_an_address_that_makes_no_sense_shows_the_first_part(page):
    """Nobody is told of a failure for a page that was typed."""
    assert part_of(NAMES, {"page": page}).first == 1


def test_a_number_beyond_the_end_shows_the_last_part():
    """As after somebody removed what was there."""
    assert part_of(NAMES, {"page": "99"}).items == NAMES[100:]


def test_a_short_list_is_not_cut():
    """An empty one counts as one part."""
    assert not part_of(NAMES[:50], {}).cut
    empty = part_of([], {"page": "2"})
    assert (empty.items, empty.first, empty.last, empty.cut) == ([], 0, 0, False)
