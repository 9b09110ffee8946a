"""What `sim info` says of a scene, as one JSON object."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from scenes.connectors import Connector, find_connectors
from scenes.scene import Scene


def scene_info(scene: Scene) -> dict[str, Any]:
    """Levels, rooms, connectors, instances and counts of a scene; lengths in metres, named with their unit."""
    names = [level.name for level in scene.levels]
    return {
        "name": scene.name,
        "levels": [
            {"name": level.name, "elevation_m": _round(level.elevation_m), "height_m": _round(level.height_m)}
            for level in scene.levels
        ],
        "rooms": [
            {"number": number, "name": room.name, "level": names[room.level], "area_m2": _round(room.area_m2)}
            for number, room in enumerate(scene.rooms, 1)
        ],
        "connectors": connector_list(find_connectors(scene)),
        "instances": instance_list(scene),
        "triangles": len(scene.triangles),
        "materials": len(scene.materials),
        "warnings": list(scene.warnings),
    }


def connector_list(connectors: Sequence[Connector]) -> list[dict[str, Any]]:
    """Stairs and inclines as JSON objects; a headroom without a limit is null."""
    return [
        {
            "kind": connector.kind,
            "levels": list(connector.levels),
            "rise_m": _round(connector.rise_m),
            "going_m": _round(connector.going_m),
            "steps": connector.steps,
            "slope_deg": _round(connector.slope_deg),
            "width_m": _round(connector.width_m),
            "headroom_m": _round(connector.headroom_m) if math.isfinite(connector.headroom_m) else None,
            "source": list(connector.source),
            "warnings": list(connector.warnings),
        }
        for connector in connectors
    ]


def instance_list(scene: Scene) -> list[dict[str, Any]]:
    """The instances of a scene as JSON objects."""
    names = [level.name for level in scene.levels]
    return [
        {
            "id": instance.id,
            "source": instance.source,
            "name": instance.name,
            "category": instance.category,
            "level": names[instance.level],
            "bounds_m": [[_round(value) for value in corner] for corner in instance.bounds_m],
            "triangles": instance.triangles,
            "stand_in": instance.stand_in,
            "added": instance.added,
        }
        for instance in scene.instances
    ]


def _round(value: float) -> float:
    return round(value, 4)
