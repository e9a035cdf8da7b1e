"""Every case of this folder names the fact it checks, and there are many of them."""

import json
import re
import subprocess
import sys
from collections import Counter
from dataclasses import fields
from itertools import groupby
from pathlib import Path

import pytest

from bridge.rehearsal.switches import Switches

HERE = Path(__file__).parent
FLOOR = 1000
FLOOR_OF_FACTS = 250
SECTION = re.compile(r"[1-9]\d?(\.\d)?")
SURENESS = {
    "D": "documented by Google",
    "O": "observed in public reports",
    "K": "common knowledge among implementers",
    "I": "inferred",
}


@pytest.fixture(scope="module")
def census(tmp_path_factory):
    """What each case names, as (case, fact) pairs; this file is no case."""
    path = tmp_path_factory.mktemp("census") / "census.jsonl"
    subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "--collect-only", "-qq", "-n", "0"),
            *("-p", "no:cacheprovider", "-p", "fact_census", f"--fact-census={path}", str(HERE)),
        ],
        cwd=HERE.parents[2],
        check=True,
        capture_output=True,
        timeout=120,
    )
    found = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        (each["case"], each["fact"]) for each in found if Path(__file__).name not in each["case"]
    ]


def test_every_case_names_section_words_and_sureness(census):
    """The marker `fact` has three arguments that say something."""

    def is_whole(fact):
        return (
            fact is not None
            and len(fact) == 3
            and SECTION.fullmatch(fact[0])
            and len(fact[1].split()) >= 2
            and fact[2] in SURENESS
        )

    assert [(case, fact) for case, fact in census if not is_whole(fact)] == []


def test_every_switch_is_turned_by_a_case():
    """What is open is a switch, and what a switch says is checked."""
    cases = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_google_*.py"))
    named = set(re.findall(r"switch\([^)]*\)|\"switches\", \{[^}]*\}", cases))
    turned = {word for text in named for word in re.findall(r"\w+", text)}
    assert {field.name for field in fields(Switches)} - turned == set()


def test_there_are_enough_cases(census, capsys):
    """A folder or a file that got lost is noticed; the counts are printed."""
    counts = Counter(fact[2] for _, fact in census)
    facts = sorted({tuple(fact) for _, fact in census}, key=lambda fact: float(fact[0]))
    with capsys.disabled():
        print(f"\n{len(census)} cases of {len(facts)} facts about Google Calendar:")  # noqa: T201
        for letter, meaning in SURENESS.items():
            print(f"  {counts[letter]:4} {meaning}")  # noqa: T201
        for section, group in groupby(facts, key=lambda fact: fact[0]):
            print(f"  section {section}: {len(list(group))} facts")  # noqa: T201
    assert len(census) >= FLOOR
    assert len(facts) >= FLOOR_OF_FACTS
