"""What a dataset keeps of a home."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from datagen.checks.places import recorded_spaces
from datagen.config import Config
from scenes.info import instance_list, scene_info
from scenes.scene import Scene
from sim.traffic import Traffic

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")
"""Where an object of a library stood in memory, which is another place each time."""


def describe_home(scene: Scene, config: Config) -> dict[str, Any]:
    """Return what is known of a home, with the instances of what moves through it, as JSON; the same each time."""
    info = scene_info(scene)
    info["warnings"] = [_ADDRESS.sub("", warning) for warning in info["warnings"]]
    info["spaces"] = recorded_spaces(scene)
    if config.moving.people or config.moving.trolleys:
        added = Traffic(scene, config.moving.plan).instances[-config.moving.people - config.moving.trolleys :]
        info["instances"] += instance_list(dataclasses.replace(scene, instances=added))
    return info
