"""`sim render`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import SceneOption


def render(
    scene: SceneOption,
    frames: Annotated[int, typer.Option(min=1, help="How many frames; with --poses at most this many.")] = 120,
    size: Annotated[str, typer.Option(help="Width x height of the images, pixels.")] = "640x480",
    fov: Annotated[float, typer.Option(help="Horizontal field of view, degrees.")] = 75.0,
    out: Annotated[Path | None, typer.Option(help="Folder for the frames (default: out/SCENE).")] = None,
    poses: Annotated[
        Path | None, typer.Option(help="Camera poses: a JSON list, or the frames.parquet of an earlier run.")
    ] = None,
    hide: Annotated[list[str] | None, typer.Option(help="Leave out a category, e.g. ceiling; may be repeated.")] = None,
) -> None:
    """Render RGB, depth and segmentation: a tour through the rooms, or given poses."""
    from scenes.errors import HomeError
    from scenes.library import load_scene
    from sim.camera import Intrinsics
    from sim.cli.progress import progress
    from sim.output import FrameWriter
    from sim.poses import read_poses
    from sim.renderers.bullet import BulletRenderer
    from sim.tour import tour

    try:
        intrinsics = Intrinsics.from_fov(*_parse_size(size), fov)
    except ValueError as error:
        raise HomeError(str(error)) from error
    loaded = load_scene(scene)
    stops = read_poses(poses, loaded)[:frames] if poses is not None else tour(loaded, frames)
    folder = out if out is not None else Path("out") / loaded.name
    with (
        BulletRenderer(loaded.without(hide or [])) as renderer,
        FrameWriter(folder, loaded, renderer.name) as writer,
    ):
        try:
            with progress("frames", len(stops)) as step:
                for stop in stops:
                    writer.add(renderer.render(intrinsics, stop.T_world_camera), stop.level, stop.room)
                    step()
        except KeyboardInterrupt:
            print(f"stopped: {len(writer.rows)} of {len(stops)} frames are in {folder}", file=sys.stderr)
            raise
    print(f"{len(stops)} frames of {loaded.name!r} in {folder}: rgb, depth, segmentation, frames.parquet, preview.mp4")


def _parse_size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"(\d{1,5})x(\d{1,5})", text)
    if match is None:
        raise ValueError(f"--size {text!r}: give it as WIDTHxHEIGHT, e.g. 640x480")
    return int(match[1]), int(match[2])
