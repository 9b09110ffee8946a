"""`sim fuse DIR OUT.ply`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer


def fuse(
    folder: Annotated[Path, typer.Argument(help="A folder that `sim render` wrote.")],
    out: Annotated[Path, typer.Argument(help="The PLY file to write.")],
    kind: Annotated[
        str, typer.Option(help="points: one for each voxel; mesh: a surface through all frames.")
    ] = "points",
    voxel: Annotated[float, typer.Option(min=0.002, max=1.0, help="Size of a voxel, m.")] = 0.03,
    far: Annotated[float, typer.Option(min=0.1, max=65.535, help="Leave out depth beyond this, m.")] = 10.0,
) -> None:
    """Fuse rendered RGB-D frames to a cloud of points or a mesh."""
    from scenes.errors import HomeError
    from scenes.files import write_whole
    from sim.cli.progress import progress
    from sim.frame import Frame
    from sim.fusion import fuse_mesh, fuse_points, read_run

    ways = {"points": fuse_points, "mesh": fuse_mesh}
    if kind not in ways:
        raise HomeError(f"no --kind {kind!r}; there are {', '.join(ways)}")
    if out.suffix.lower() != ".ply" or not out.parent.is_dir():
        raise HomeError(f"{out}: name a .ply file in a folder that exists")
    recorded = read_run(folder)
    with progress("frames", len(recorded)) as step:

        def frames() -> Iterator[Frame]:
            for each in recorded:
                yield each.load()
                step()

        fused = ways[kind](frames(), voxel, far)
    write_whole(out, fused.to_ply())
    parts = f"{len(fused.positions)} points" + (f", {len(fused.triangles)} triangles" if kind == "mesh" else "")
    print(f"{out}: {parts} from {len(recorded)} frames of {folder}, {out.stat().st_size >> 10} KiB")
