"""`sim info HOME`."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any

import typer

from sim.cli.arguments import CloseOption, HomeArgument
from sim.cli.json_output import print_json


def info(
    home: HomeArgument,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, with every instance.")] = False,
    close: CloseOption = False,
) -> None:
    """Say what is in a home: levels, rooms, stairs and inclines, instances, warnings."""
    from scenes.info import scene_info
    from scenes.library import load_scene

    scene = load_scene(home, closed=close)
    said = scene_info(scene)
    if as_json:
        print_json(said)
        return
    print(f"{said['name']}: {said['triangles']} triangles, {said['materials']} materials")
    counts = Counter(instance["category"] for instance in said["instances"])
    print("  " + ", ".join(f"{count} {category}" for category, count in counts.most_common()))
    for level in said["levels"]:
        rooms = [room for room in said["rooms"] if room["level"] == level["name"]]
        area = sum(room["area_m2"] for room in rooms)
        print(
            f"  level {level['name']!r} at {level['elevation_m']:g} m, {level['height_m']:g} m high: "
            f"{len(rooms)} room{'' if len(rooms) == 1 else 's'}, {area:.0f} m2"
        )
        for room in rooms:
            print(f"    room #{room['number']:<3} {room['name'] or '(no name)'}, {room['area_m2']:.1f} m2")
    _print_connectors(said)
    for warning in said["warnings"]:
        print(f"  warning: {warning}")


def _print_connectors(said: dict[str, Any]) -> None:
    """A line for each connector, under a head that names the columns."""
    if not said["connectors"]:
        return
    names = {instance["source"]: instance["name"] for instance in said["instances"]}
    print(f"  {'kind':9} {'rise m':>7} {'steps':>5} {'going m':>8} {'slope °':>8} {'width m':>8} {'head m':>7}  joins")
    for one in said["connectors"]:
        headroom = "open" if one["headroom_m"] is None else f"{one['headroom_m']:.2f}"
        low, high = one["levels"]
        print(
            f"  {one['kind']:9} {one['rise_m']:7.2f} {one['steps']:5} {one['going_m']:8.2f} {one['slope_deg']:8.1f} "
            f"{one['width_m']:8.2f} {headroom:>7}  {low} - {high}: {names[one['source'][0]]}"
        )
        for warning in one["warnings"]:
            print(f"    {warning}")
