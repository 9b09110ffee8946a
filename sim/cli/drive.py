"""`sim drive HOME`."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.arguments import PLACE_HELP, CloseOption, HomeArgument

if TYPE_CHECKING:
    from sim.agents.bodies import Embodied
    from sim.camera import Intrinsics

FOV_DEG = 90.0
KEYS_HELP = "w/↑ forward   a/← left   d/→ right   s/↓ back   q quit"
_WIDEST = 160
_LINES_BELOW = 3


def drive(
    home: HomeArgument,
    start: Annotated[str | None, typer.Option("--from", help=f"Where to start: {PLACE_HELP} (default: any).")] = None,
    agent: Annotated[str, typer.Option(help="kinematic, wheeled or climber.")] = "kinematic",
    renderer: Annotated[str, typer.Option(help="auto, gl, bullet or raycast.")] = "auto",
    close: CloseOption = False,
    seed: Annotated[int, typer.Option(min=0, help="Draws the place in the room.")] = 0,
) -> None:
    """Steer by keyboard and see what the body sees, in the terminal. Keys may also be piped in."""
    import numpy as np

    from scenes.library import load_scene
    from sim.agents.bodies import make_body
    from sim.agents.protocol import Action, Moves
    from sim.episodes import random_place
    from sim.keyboard import keys
    from sim.nav.locations import choose_point, find_location
    from sim.renderers.choose import open_renderer
    from sim.terminal_picture import CLEAR, HOME, half_blocks
    from sim.traffic import Traffic, TrafficPlan

    commands = {
        "w": Action.FORWARD, "up": Action.FORWARD, "a": Action.LEFT, "left": Action.LEFT,
        "d": Action.RIGHT, "right": Action.RIGHT,
    }  # fmt: skip
    scene = load_scene(home, closed=close)
    body = make_body(agent, scene, Moves())
    rng = np.random.default_rng(seed)
    shown = sys.stdout.isatty()
    try:
        driver = body.agent
        graph = body.graph
        point = random_place(graph, rng) if start is None else choose_point(graph, find_location(scene, start), rng)
        driver.place(point, float(rng.uniform(-180, 180)))
        doors = Traffic(scene, TrafficPlan())
        with open_renderer(renderer, scene, bodies=doors.bodies) as opened:
            for number, pose in doors.poses().items():
                opened.place(number, pose)

            def show() -> None:
                if shown:
                    frame = opened.render(_camera(), driver.pose @ driver.mounts["camera"])
                    print(HOME + half_blocks(frame.rgb))
                    print(f"{KEYS_HELP}\x1b[K")
                print(_status(body) + ("\x1b[K" if shown else ""))

            print(CLEAR if shown else KEYS_HELP)
            show()
            for key in keys(sys.stdin):
                if key in {"q", "escape"}:
                    break
                if key in commands:
                    driver.act(commands[key])
                elif key in {"s", "down"}:
                    driver.command_velocity(-driver.moves.forward_m, 0.0, 1.0)
                else:
                    continue
                show()
    finally:
        body.close()


def _camera() -> Intrinsics:
    """As many pixels as the terminal has room for."""
    from sim.camera import Intrinsics

    columns, lines = shutil.get_terminal_size()
    return Intrinsics.from_fov(max(2, min(columns, _WIDEST)), max(2, 2 * (lines - _LINES_BELOW)), FOV_DEG)


def _status(body: Embodied) -> str:
    """Where the body is, and what it ran into."""
    import math

    from sim.nav.locations import room_names

    pose, graph = body.agent.pose, body.graph
    x, y, z = pose[:3, 3]
    place = graph.locate(pose[None, :3, 3])[0]
    room = graph.ground.room[place] if place >= 0 else -1
    where = room_names(graph.scene, [room])[0] if room >= 0 else "outside of rooms"
    yaw_deg = math.degrees(math.atan2(pose[1, 0], pose[0, 0]))
    met = ", ".join(instance.name or instance.category for instance in body.agent.collisions)
    return f"{where}: ({x:.2f}, {y:.2f}, {z:.2f}) m, heading {yaw_deg:.0f}°" + (f"; ran into {met}" if met else "")
