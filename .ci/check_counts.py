"""Fail when a test was skipped, or when fewer ran than the floor says: a folder got lost."""

import sys
import xml.etree.ElementTree as ET

FLOOR = 9700


def main(path: str, floor: int) -> int:
    """Print the counts of a junit file; return 1 when they are not good enough."""
    suites = ET.parse(path).getroot().iter("testsuite")
    totals = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for key in totals:
            totals[key] += int(suite.get(key, "0"))
    print(", ".join(f"{value} {key}" for key, value in totals.items()))
    if totals["skipped"]:
        print("error: tests were skipped; see the reasons above")
        return 1
    if totals["tests"] < floor:
        print(f"error: fewer than {floor} tests ran")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else FLOOR))
