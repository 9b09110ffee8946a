"""`sim navigate HOME --from PLACE --to PLACE`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.arguments import PLACE_HELP, CloseOption, HomeArgument, parse_size

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from scenes.scene import Scene
    from sim.camera import Intrinsics
    from sim.experts.experts import Visit
    from sim.experts.trip import Trip

FOV_DEG = 75.0


def navigate(
    home: HomeArgument,
    start: Annotated[str, typer.Option("--from", help=f"Where to start: {PLACE_HELP}.")],
    goal: Annotated[str, typer.Option("--to", help="Where to go: the same.")],
    video: Annotated[Path | None, typer.Option(help="Video (.mp4) of what the body sees: colour beside depth.")] = None,
    plan: Annotated[
        Path | None, typer.Option("--map", help="Map (.png or .svg) of the levels crossed, with the path taken.")
    ] = None,
    expert: Annotated[str, typer.Option(help="perfect, wandering or teleporting.")] = "perfect",
    agent: Annotated[str, typer.Option(help="kinematic, wheeled or climber.")] = "kinematic",
    size: Annotated[str, typer.Option(help="Width x height of the video's images, pixels.")] = "480x360",
    renderer: Annotated[str, typer.Option(help="auto, gl, bullet or raycast.")] = "auto",
    close: CloseOption = False,
    people: Annotated[int, typer.Option(min=0, help="People who walk about; for the kinematic agent.")] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Draws the places in the rooms, and random commands.")] = 0,
) -> None:
    """Let an expert cross the building, over stairs and inclines, and watch it."""
    from scenes.errors import HomeError
    from scenes.library import load_scene
    from sim.experts.trip import Trip
    from sim.film import Film

    for path, endings in ((video, {".mp4"}), (plan, {".png", ".svg"})):
        if path is not None and (path.suffix.lower() not in endings or not path.parent.is_dir()):
            raise HomeError(f"{path}: name a {' or '.join(sorted(endings))} file in a folder that exists")
    intrinsics = _camera(size)
    scene = load_scene(home, closed=close)
    with Trip(scene, start, goal, agent=agent, expert=expert, people=people, seed=seed) as trip:
        if video is None:
            visits = list(trip.visits())
        else:
            with Film(video) as film:
                visits = []
                for visit, picture in _pictures(scene, trip, intrinsics, renderer):
                    film.add(picture)
                    visits.append(visit)
        if plan is not None:
            _draw(plan, trip, visits)
        _say(trip, visits)


def _camera(size: str) -> Intrinsics:
    from scenes.errors import HomeError
    from sim.camera import Intrinsics

    try:
        return Intrinsics.from_fov(*parse_size(size), FOV_DEG)
    except ValueError as error:
        raise HomeError(str(error)) from error


def _pictures(
    scene: Scene, trip: Trip, intrinsics: Intrinsics, renderer: str
) -> Iterator[tuple[Visit, npt.NDArray[np.uint8]]]:
    """What the body sees on its way, colour beside depth."""
    import numpy as np

    from sim.cli.progress import progress
    from sim.output import color_depth
    from sim.renderers.choose import open_renderer

    with open_renderer(renderer, scene, bodies=trip.traffic.bodies) as opened, progress("frames", None) as step:
        for visit in trip.visits():
            for body, pose in trip.traffic.poses().items():
                opened.place(body, pose)
            view = trip.view(visit.T_world_body, intrinsics)
            frame = opened.render(view.intrinsics, view.T_world_camera)
            yield visit, np.concatenate([frame.rgb, color_depth(frame.depth)], axis=1)
            step()


def _draw(file: Path, trip: Trip, visits: list[Visit]) -> None:
    """Writes the map of the path that was taken."""
    import numpy as np

    from scenes.files import write_whole
    from sim.nav.route_map import RouteMap

    points = np.array([visit.T_world_body[:3, 3] for visit in visits])
    drawn = RouteMap(trip.graph, points, *trip.names)
    write_whole(file, drawn.svg().encode() if file.suffix.lower() == ".svg" else drawn.png())


def _say(trip: Trip, visits: list[Visit]) -> None:
    import numpy as np

    from sim.episodes import levels_along

    points = np.array([visit.T_world_body[:3, 3] for visit in visits])
    walked_m = float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())
    ending = visits[-1].ending
    start, goal = trip.names
    print(
        f"{ending.value if ending else 'going on'} after {len(visits) - 1} steps and {walked_m:.1f} m "
        f"(the shortest path: {trip.length_m:.1f} m), from {start} to {goal}, "
        f"over {', '.join(levels_along(trip.graph, points))}"
    )
