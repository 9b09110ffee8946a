"""What `sim info` says of a scene, as one JSON object."""

from __future__ import annotations

from typing import Any

from scenes.scene import Scene


def scene_info(scene: Scene) -> dict[str, Any]:
    """Levels, rooms, instances and counts of a scene; lengths in metres, named with their unit."""
    names = [level.name for level in scene.levels]
    return {
        "name": scene.name,
        "levels": [
            {"name": level.name, "elevation_m": _round(level.elevation_m), "height_m": _round(level.height_m)}
            for level in scene.levels
        ],
        "rooms": [
            {"name": room.name, "level": names[room.level], "area_m2": _round(room.area_m2)} for room in scene.rooms
        ],
        "instances": instance_list(scene),
        "triangles": len(scene.triangles),
        "materials": len(scene.materials),
        "warnings": list(scene.warnings),
    }


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
        }
        for instance in scene.instances
    ]


def _round(value: float) -> float:
    return round(value, 4)
