"""`sim render`."""

from __future__ import annotations

import sys
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sim.cli.arguments import CloseOption, OutdoorsOption, SceneOption, parse_size

if TYPE_CHECKING:
    from scenes.scene import Scene
    from sim.camera import Intrinsics
    from sim.frame import Renderer
    from sim.light import Preset
    from sim.shots import Shot

FOV_DEG = 75.0
SIZE = "640x480"
LIT_RENDERER = "gl"


def render(
    scene: SceneOption,
    frames: Annotated[int, typer.Option(min=1, help="How many frames; of a file of poses at most this many.")] = 120,
    size: Annotated[str | None, typer.Option(help=f"Width x height of the images, pixels ({SIZE}).")] = None,
    fov: Annotated[float | None, typer.Option(help="Horizontal field of view, degrees (pinhole; 75).")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder for the frames (default: out/SCENE).")] = None,
    path: Annotated[
        str, typer.Option(help="tour, orbit, sweep, or a file of poses: JSON, or a frames.parquet, with its cameras.")
    ] = "tour",
    camera: Annotated[str, typer.Option(help="pinhole, or ptz (sweeps from under the ceiling).")] = "pinhole",
    profile: Annotated[str, typer.Option(help="The PTZ camera: axis or hanwha.")] = "axis",
    renderer: Annotated[str, typer.Option(help="auto, gl, bullet or raycast.")] = "auto",
    noise: Annotated[str | None, typer.Option(help="Sensor noise, e.g. depth,color,blur=4 (docs/noise.md).")] = None,
    light: Annotated[
        str, typer.Option(help="Baked light: none, day, evening or night (gl only; kept after the first time).")
    ] = "none",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 0,
    outdoors: OutdoorsOption = False,
    close: CloseOption = False,
    hide: Annotated[list[str] | None, typer.Option(help="Leave out a category, e.g. ceiling; may be repeated.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the frames of an earlier run in --out.")
    ] = False,
) -> None:
    """Render RGB, depth and segmentation: a tour through the rooms, other paths, or given poses."""
    from scenes.library import load_scene
    from sim.capture import take
    from sim.cli.progress import progress
    from sim.output import FrameWriter, require_free
    from sim.sensors import parse_noise

    sensor = parse_noise(noise) if noise is not None else None
    loaded = load_scene(scene, closed=close)
    shown = loaded.without(hide or [])
    preset = _preset(light)
    folder = out if out is not None else Path("out") / loaded.name
    require_free(folder, overwrite=overwrite)
    shots = _shots(loaded, path, camera, profile, frames, size, fov, outdoors=outdoors)
    with _open(renderer, shown, preset) as opened:
        made_with = {"renderer": opened.name, "driver": opened.driver, "camera": camera, "path": path, "seed": seed}
        made_with |= {"light": asdict(preset) if preset is not None and opened.name == LIT_RENDERER else None}
        made_with |= {"profile": profile} if camera == "ptz" else {}
        made_with |= {"sensor": sensor.as_dict()} if sensor is not None else {}
        with FrameWriter(folder, loaded, made_with, overwrite) as writer:
            try:
                with progress("frames", len(shots)) as step:
                    for shot, frame in take(opened, shots, sensor, seed):
                        writer.add(frame, shot)
                        step()
            except KeyboardInterrupt:
                print(f"stopped: {len(writer.rows)} of {len(shots)} frames are in {folder}", file=sys.stderr)
                raise
    print(f"{len(shots)} frames of {loaded.name!r} in {folder}: rgb, depth, segmentation, frames.parquet, preview.mp4")


def _preset(light: str) -> Preset | None:
    if light == "none":
        return None
    from sim.light import find_preset

    return find_preset(light)


def _open(name: str, scene: Scene, preset: Preset | None) -> Renderer:
    """The renderer that is asked for, with baked light where it takes it."""
    from sim.renderers.choose import open_renderer

    if preset is None:
        return open_renderer(name, scene)
    if name not in ("auto", LIT_RENDERER):
        opened = open_renderer(name, scene)
        warnings.warn(f"renderer {name} shows even light; --light is for {LIT_RENDERER}", stacklevel=2)
        return opened
    from sim.cli.progress import progress_of_share
    from sim.light import load_lit

    with progress_of_share(f"light ({preset.name})") as report:
        lit = load_lit(scene, preset, progress=report)
    return open_renderer(name, lit.scene, light=lit.light)


def _shots(
    scene: Scene,
    path: str,
    camera: str,
    profile: str,
    frames: int,
    size: str | None,
    fov: float | None,
    *,
    outdoors: bool,
) -> list[Shot]:
    """What the arguments ask to see."""
    from scenes.errors import HomeError
    from sim.ptz import PROFILES
    from sim.shots import orbit_shots, ptz_sweep_shots, sweep_shots, tour_shots

    if camera == "ptz":
        if profile not in PROFILES:
            raise HomeError(f"no PTZ profile {profile!r}; there are {', '.join(PROFILES)}")
        if path not in ("tour", "sweep") or fov is not None:
            raise HomeError("a PTZ camera sweeps (--path sweep), and its profile gives the field of view")
        return ptz_sweep_shots(scene, frames, PROFILES[profile], parse_size(size or SIZE), outdoors=outdoors)
    if camera != "pinhole":
        raise HomeError(f"no camera {camera!r}; there are pinhole and ptz")
    if path == "orbit":
        return orbit_shots(scene, frames, _pinhole(size, fov))
    paths = {"tour": tour_shots, "sweep": sweep_shots}
    if path in paths:
        return paths[path](scene, frames, _pinhole(size, fov), outdoors=outdoors)
    return _recorded_shots(scene, Path(path), frames, size, fov)


def _pinhole(size: str | None, fov: float | None) -> Intrinsics:
    from scenes.errors import HomeError
    from sim.camera import Intrinsics

    try:
        return Intrinsics.from_fov(*parse_size(size or SIZE), FOV_DEG if fov is None else fov)
    except ValueError as error:
        raise HomeError(str(error)) from error


def _recorded_shots(scene: Scene, path: Path, frames: int, size: str | None, fov: float | None) -> list[Shot]:
    """Return the shots of a file of poses; the cameras that the file has are kept.

    Raises:
        HomeError: `size` or `fov` ask for other cameras than the file has.
    """
    from scenes.errors import HomeError
    from sim.frame import View
    from sim.poses import read_views
    from sim.shots import view_shots

    views = read_views(path)[:frames]
    recorded = views[0].intrinsics
    if recorded is None:
        asked = _pinhole(size, fov)
    elif fov is not None or (size is not None and parse_size(size) != (recorded.width, recorded.height)):
        has = f"{recorded.width} x {recorded.height} pixels, {recorded.fov_deg:.1f} degrees in its first frame"
        raise HomeError(f"{path} has its own cameras ({has}); leave out --fov and --size")
    else:
        asked = recorded
    return view_shots(scene, [View(view.intrinsics or asked, view.T_world_camera) for view in views])
