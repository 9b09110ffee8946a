"""`sim info HOME`."""

from __future__ import annotations

import json
from collections import Counter
from typing import Annotated

import typer

from sim.cli.arguments import HomeArgument


def info(
    home: HomeArgument,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every instance.")] = False,
) -> None:
    """Say what is in a home: levels, rooms, instances, warnings."""
    from scenes.info import scene_info
    from scenes.library import load_scene

    scene = load_scene(home)
    said = scene_info(scene)
    if as_json:
        print(json.dumps(said, ensure_ascii=False))
        return
    print(f"{said['name']}: {said['triangles']} triangles, {said['materials']} materials")
    counts = Counter(instance["category"] for instance in said["instances"])
    print("  " + ", ".join(f"{count} {category}" for category, count in counts.most_common()))
    for level in said["levels"]:
        rooms = [room for room in said["rooms"] if room["level"] == level["name"]]
        area = sum(room["area_m2"] for room in rooms)
        print(
            f"  level {level['name']!r} at {level['elevation_m']:g} m, {level['height_m']:g} m high: "
            f"{len(rooms)} rooms, {area:.0f} m2"
        )
    for warning in said["warnings"]:
        print(f"  warning: {warning}")
