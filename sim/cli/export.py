"""`sim export HOME OUT.glb`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import CloseOption, HomeArgument


def export(
    home: HomeArgument,
    out: Annotated[Path, typer.Argument(help="The GLB file to write.")],
    close: CloseOption = False,
) -> None:
    """Write a home as GLB: one node per instance, doors on hinges, lamps that shine; metres, y up."""
    from scenes.errors import HomeError
    from scenes.export import export_glb
    from scenes.library import load_scene
    from sim.world.leaves import joints

    if out.suffix.lower() != ".glb":
        raise HomeError(f"{out.name}: the export is GLB; name it {out.stem}.glb")
    scene = load_scene(home, closed=close)
    export_glb(scene, out, joints(scene))
    print(f"{out}: {len(scene.instances)} instances, {len(scene.triangles)} triangles, {out.stat().st_size >> 10} KiB")
