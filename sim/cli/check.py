"""`sim check HOME`."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sim.cli.arguments import CloseOption, count
from sim.cli.json_output import print_json

if TYPE_CHECKING:
    from scenes.check import Body
    from scenes.connectors import Certificate

FOUND_ERRORS = 1


class BodyName(StrEnum):
    """The bodies of `scenes.body.BODIES`."""

    WHEELED = "wheeled"
    CLIMBER = "climber"
    PERSON = "person"


def check(
    home: Annotated[str, typer.Argument(help="A bundled scene's name or a .sh3d file.")],
    close: CloseOption = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with all findings.")] = False,
    body: Annotated[
        BodyName | None, typer.Option(help="Check for this body, with a certificate for each stair and incline.")
    ] = None,
) -> None:
    """List what is wrong with a drawing; exit code 1 if something is an error."""
    import dataclasses

    from scenes.body import BODIES
    from scenes.check import Body, check_home
    from scenes.connectors import find_connectors, judge_connector
    from scenes.home.reader import read_home
    from scenes.library import find_home, load_scene

    scene = load_scene(home, closed=close)  # first: what takes too long to build is stopped there
    home_file = read_home(find_home(home))
    size = BODIES[body] if body else None
    connectors = find_connectors(scene) if size else None
    certificates = [judge_connector(connector, size) for connector in connectors or ()] if size else []
    used = Body.of(size) if size else Body()
    findings = check_home(home_file, scene, body=used, connectors=connectors)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        said: dict[str, Any] = {"findings": [dataclasses.asdict(finding) for finding in findings]}
        if size:
            said["certificates"] = [_as_json(certificate) for certificate in certificates]
        print_json(said)
    else:
        for certificate in certificates:
            print(certificate)
        for finding in findings:
            place = f" [{finding.place}]" if finding.place else ""
            print(f"{finding.severity}: {finding.code}: {finding.message}{place}")
        found = f"{count(errors, 'error')}, {count(len(findings) - errors, 'warning')}"
        print(f"{home_file.name}: {found} ({_size(used)})")
    sys.exit(FOUND_ERRORS if errors else 0)


def _size(body: Body) -> str:
    """Say which body the findings are for: one that is smaller but steps lower may meet more of them."""
    return f"body: {body.width_m:g} m wide, {body.height_m:g} m high, steps {body.step_m:g} m"


def _as_json(certificate: Certificate) -> dict[str, Any]:
    """A certificate without what `sim info` says of its connector."""
    import math

    connector = certificate.connector
    return {
        "kind": connector.kind,
        "levels": list(connector.levels),
        "source": list(connector.source),
        "passes": certificate.passes,
        "reasons": list(certificate.reasons),
        "measures": [
            {
                "name": measure.name,
                "value": round(measure.value, 4) if math.isfinite(measure.value) else None,
                "limit": measure.limit,
                "unit": measure.unit,
                "passes": measure.passes,
            }
            for measure in certificate.measures
        ],
    }
