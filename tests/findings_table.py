"""The table of `docs/check.md`: what `sim check` finds in the homes that we have, each finding looked at.

`python -m tests.findings_table` writes its findings anew; rows that change lose their remark until looked at.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from scenes.build.assemble import build_scene
from scenes.check import Finding, check_home
from scenes.home.reader import read_home
from tests.program import HOMES

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "check.md"
BUNDLED = sorted((ROOT / "assets" / "homes").glob("*.sh3d"))
REAL = sorted(HOMES.glob("*.sh3d"))
FOUND = sorted((HOMES / "found").glob("*.sh3d"))
HEAD = "| home | errors | warnings | looked at |\n|---|---|---|---|\n"
ROW = re.compile(r"^\| `(\S+)` \|(.*)\|(.*)\|(.*)\|$", re.M)

Row = tuple[Counter[str], Counter[str], str]
"""Errors and warnings by their codes, and what was seen."""


def table() -> dict[str, Row]:
    """Return the rows of the page by the home's name."""
    text = PAGE.read_text(encoding="utf-8")
    rows = ROW.findall(text[text.index(HEAD) :])
    return {name: (_counter(errors), _counter(warnings), remark.strip()) for name, errors, warnings, remark in rows}


def counts(found: Sequence[Finding]) -> tuple[Counter[str], Counter[str]]:
    """Count errors and warnings by their codes; those that are only counted in an "and 7 more" as so many."""
    errors: Counter[str] = Counter()
    warnings: Counter[str] = Counter()
    for finding in found:
        more = re.fullmatch(r"and (\d+) more", finding.message)
        (errors if finding.severity == "error" else warnings)[finding.code] += int(more[1]) if more else 1
    return errors, warnings


def renew() -> None:
    """Write the findings of all homes that are here into the page."""
    rows = table()
    for path in (*BUNDLED, *REAL, *FOUND):
        home_file = read_home(path)
        errors, warnings = counts(check_home(home_file, build_scene(home_file)))
        old = rows.get(path.stem)
        is_same = old is not None and old[:2] == (errors, warnings)
        rows[path.stem] = (errors, warnings, old[2] if old is not None and is_same else "")
    order = [path.stem for path in (*BUNDLED, *REAL, *FOUND)]
    lines = [f"| `{name}` | {_text(rows[name][0])} | {_text(rows[name][1])} | {rows[name][2]} |\n" for name in order]
    text = PAGE.read_text(encoding="utf-8")
    start = text.index(HEAD) + len(HEAD)
    PAGE.write_text(text[:start] + "".join(lines) + re.sub(r"(?m)^\| `.*\n", "", text[start:]), encoding="utf-8")


def _counter(cell: str) -> Counter[str]:
    return Counter({code: int(number) for number, code in re.findall(r"(\d+) ([a-z-]+)", cell)})


def _text(codes: Counter[str]) -> str:
    return ", ".join(f"{number} {code}" for code, number in sorted(codes.items()))


if __name__ == "__main__":
    renew()
