"""Runs the rules over a home."""

from __future__ import annotations

from collections.abc import Sequence

from scenes.check.finding import Body, Fault, Finding
from scenes.check.rules import RULES, Rule
from scenes.check.survey import Survey, survey
from scenes.connectors import Connector
from scenes.home.reader import HomeFile
from scenes.scene import Point3, Scene

DEFAULT_BODY = Body()

MOST_OF_A_CODE = 10
"""So many findings of a code are listed; one more counts the rest."""


def check_home(
    home_file: HomeFile,
    scene: Scene,
    *,
    body: Body = DEFAULT_BODY,
    connectors: Sequence[Connector] | None = None,
) -> tuple[Finding, ...]:
    """What is wrong with a home for a body, errors first, then in the order of the rules' table.

    `scene` is what `scenes.build.assemble.build_scene` made of it; `connectors` what `find_connectors` found in it, if
    that is known already.
    """
    measured = survey(home_file, scene, body, connectors)
    found: list[Finding] = []
    for rule in RULES:
        more = _findings(rule, measured)
        found += more
        if more and rule.is_last:
            break
    return tuple(sorted(found, key=lambda finding: finding.severity != "error"))


def _findings(rule: Rule, measured: Survey) -> list[Finding]:
    """The findings of one rule; the many of a kind are cut short."""
    faults = list(rule.find(measured))
    listed = faults[:MOST_OF_A_CODE]
    rest = faults[MOST_OF_A_CODE:]
    if rest:
        sources = tuple(source for fault in rest for source in fault.sources)
        listed.append(Fault(f"and {len(rest)} more", sources))
    return [Finding(rule.code, rule.severity, f.level, _rounded(f.where_m), f.sources, f.message) for f in listed]


def _rounded(point: Point3 | None) -> Point3 | None:
    """A place to the millimetre, without a negative zero."""
    if point is None:
        return None
    x, y, z = (round(value, 3) + 0.0 for value in point)
    return x, y, z
