"""How well renderers agree: with the ray-cast judge in depth and ids, with each other in colour."""

from __future__ import annotations

import dataclasses
import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import PIL.Image

from scenes.scene import Scene
from sim.camera import Intrinsics, pose_looking
from sim.frame import Frame, Renderer, View
from sim.ptz import PROFILES
from sim.raycasting import RayCaster
from sim.renderers.raycast import RaycastRenderer
from sim.stops import find_stops
from tests.judge import inner_pixels

SIZE = (224, 224)
WANDER_M = 1.5
CLEAR_M = 0.15
TELE_EVERY = 4
_RAYS = 500

BLOCK = 16
_LUMA = np.array([0.299, 0.587, 0.114])
_RICH = 1.0
"""Standard deviation of luma from which a block has a texture to compare."""


@dataclass(frozen=True)
class Agreement:
    """The pixels, (N,), of some frames that are not within one pixel of an edge in the judge's.

    Attributes:
        depth_m: the judge's; 0 where there is nothing.
        error_m: absolute difference of depth.
        same_id: whether the instance is the same.
        edge_share: how many pixels of all were left out.
    """

    depth_m: np.ndarray
    error_m: np.ndarray
    same_id: np.ndarray
    edge_share: float

    def figures(self) -> str:
        """One line for people."""
        return (
            f"{len(self.error_m)} pixels, median {np.median(self.error_m) * 1e3:.4f} mm, "
            f"{np.mean(self.error_m < 1e-3) * 100:.4f} % under 1 mm, largest {self.error_m.max() * 1e3:.2f} mm, "
            f"same id {self.same_id.mean() * 100:.4f} %, edges {self.edge_share * 100:.1f} %, "
            f"depth to {self.depth_m.max():.0f} m"
        )


def views_in(scene: Scene, count: int, rng: np.random.Generator) -> list[View]:
    """Cameras at places where one can be: in sight of a tour's stop and clear of things, looking anywhere.

    Every fourth is a PTZ camera's at a random zoom up to 30 times; the first of them at exactly that.
    """
    stops = find_stops(scene)
    caster = RayCaster(scene.vertices, scene.triangles[scene.triangle_instances() > 0])
    views: list[View] = []
    while len(views) < count:
        stop = np.array(stops[int(rng.integers(len(stops)))].position)
        place = stop + rng.uniform(-1, 1, 3) * [WANDER_M, WANDER_M, 0.4]
        if not _is_clear(caster, stop, rng) or not _is_clear(caster, place, rng):
            continue
        if caster.is_blocked(stop[None], place[None])[0]:
            continue
        camera = _lens(len(views), rng)
        views.append(View(camera, pose_looking(place, rng.uniform(0, 360), rng.uniform(-45, 25))))
    return views


def _is_clear(caster: RayCaster, place: np.ndarray, rng: np.random.Generator) -> bool:
    directions = rng.normal(size=(_RAYS, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    return bool(caster.cast(np.tile(place, (_RAYS, 1)), directions).reach.min() > CLEAR_M)


def _lens(index: int, rng: np.random.Generator) -> Intrinsics:
    if index % TELE_EVERY != TELE_EVERY - 1:
        return Intrinsics.from_fov(*SIZE, rng.uniform(50, 90))
    wide = PROFILES["hanwha"].fov_wide_deg
    zoom = 30.0 if index == TELE_EVERY - 1 else 30.0 ** rng.uniform()
    camera = Intrinsics.from_fov(*SIZE, wide)
    return dataclasses.replace(camera, fx=camera.fx * zoom, fy=camera.fy * zoom)


def judged(scene: Scene, views: Sequence[View]) -> list[Frame]:
    """The judge's frames."""
    with RaycastRenderer(scene) as judge:
        return [judge.render(view.intrinsics, view.T_world_camera) for view in views]


def rendered(renderer: Renderer, truth: Sequence[Frame]) -> list[Frame]:
    """A renderer's frames of the same views."""
    return [renderer.render(frame.intrinsics, frame.T_world_camera) for frame in truth]


def compare(frames: Sequence[Frame], truth: Sequence[Frame]) -> Agreement:
    """Depth and ids of frames against the judge's."""
    inner = [inner_pixels(frame.segmentation, frame.depth) for frame in truth]
    pairs = list(zip(frames, truth, inner, strict=True))
    return Agreement(
        depth_m=np.concatenate([real.depth[kept] for _, real, kept in pairs]),
        error_m=np.concatenate([np.abs(frame.depth - real.depth)[kept] for frame, real, kept in pairs]),
        same_id=np.concatenate([(frame.segmentation == real.segmentation)[kept] for frame, real, kept in pairs]),
        edge_share=1 - float(np.mean(inner)),
    )


def solid(scene: Scene) -> Scene:
    """The scene with texels that are cut out by alpha filled, as `bullet` draws them."""
    textures = []
    for texture in scene.textures:
        buffer = io.BytesIO()
        PIL.Image.open(io.BytesIO(texture.data)).convert("RGB").save(buffer, "PNG")
        textures.append(dataclasses.replace(texture, data=buffer.getvalue(), has_alpha=False))
    return dataclasses.replace(scene, textures=tuple(textures))


@dataclass(frozen=True)
class Likeness:
    """How much two sets of colour images look like the same place, over blocks of 16 x 16 pixels with the same ids.

    Attributes:
        brightness: mean luma of the first over that of the second.
        tint: correlation of the blocks' mean chroma (red and blue less luma), the lesser of the two.
        detail: median correlation of luma within blocks that show one smooth surface with a texture.
        rich_blocks: how many such blocks there are.
    """

    brightness: float
    tint: float
    detail: float
    rich_blocks: int

    def figures(self) -> str:
        """One line for people."""
        return (
            f"brightness {self.brightness:.3f}, tint {self.tint:.3f}, "
            f"detail {self.detail:.3f} in {self.rich_blocks} blocks"
        )


def likeness(first: Sequence[Frame], second: Sequence[Frame], truth: Sequence[Frame]) -> Likeness:
    """Colour of two renderers against each other."""
    means, details = [], []
    for one, other, real in zip(first, second, truth, strict=True):
        shared = (one.segmentation == other.segmentation) & (real.segmentation > 0)
        inner = _blocks(shared & inner_pixels(real.segmentation, real.depth)).all(axis=1)
        shared_blocks = _blocks(shared).all(axis=1)
        pair = [_blocks(frame.rgb.astype(np.float64)) for frame in (one, other)]
        means.append([blocks[shared_blocks].mean(axis=1) for blocks in pair])
        details.append([blocks[inner] @ _LUMA for blocks in pair])
    a, b = (np.concatenate([mean[side] for mean in means]) for side in (0, 1))
    luma, chroma = [x @ _LUMA for x in (a, b)], [x[:, [0, 2]] - (x @ _LUMA)[:, None] for x in (a, b)]
    x, y = (np.concatenate([detail[side] for detail in details]) for side in (0, 1))
    x, y = (blocks - blocks.mean(axis=1, keepdims=True) for blocks in (x, y))
    rich = (x.std(axis=1) > _RICH) & (y.std(axis=1) > _RICH)
    cosines = np.einsum("ij,ij->i", x, y)[rich] / np.sqrt(np.sum(x * x, axis=1) * np.sum(y * y, axis=1))[rich]
    return Likeness(
        brightness=float(luma[0].mean() / luma[1].mean()),
        tint=min(float(np.corrcoef(chroma[0][:, i], chroma[1][:, i])[0, 1]) for i in (0, 1)),
        detail=float(np.median(cosines)) if len(cosines) else float("nan"),
        rich_blocks=int(rich.sum()),
    )


def _blocks(image: np.ndarray) -> np.ndarray:
    """An image (H, W, ...) as blocks (N, 256, ...)."""
    height, width = (size // BLOCK for size in image.shape[:2])
    cut = image.reshape(height, BLOCK, width, BLOCK, *image.shape[2:]).swapaxes(1, 2)
    return cut.reshape(height * width, BLOCK * BLOCK, *image.shape[2:])
