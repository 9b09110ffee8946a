"""`sim check HOME`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

FOUND_ERRORS = 1


def check(
    home: Annotated[str, typer.Argument(help="A bundled scene's name or a .sh3d file.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object with all findings.")] = False,
) -> None:
    """List what is wrong with a drawing; exit code 1 if something is an error."""
    import dataclasses
    import json

    from scenes.build.assemble import build_scene
    from scenes.check import check_home
    from scenes.home.reader import read_home
    from scenes.library import find_home

    home_file = read_home(find_home(home))
    findings = check_home(home_file, build_scene(home_file))
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        print(json.dumps({"findings": [dataclasses.asdict(finding) for finding in findings]}, ensure_ascii=False))
    else:
        for finding in findings:
            place = f" [{finding.place}]" if finding.place else ""
            print(f"{finding.severity}: {finding.code}: {finding.message}{place}")
        print(f"{home_file.name}: {errors} errors, {len(findings) - errors} warnings")
    sys.exit(FOUND_ERRORS if errors else 0)
