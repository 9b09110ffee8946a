"""The fast renderer: OpenGL through EGL, on a GPU's driver or on Mesa's llvmpipe, without a display.

The scene stays on the GPU. For each camera the chunks in sight (`visibility`) and in view (`culling`) are drawn with
one indirect call per kind; colour, planar depth, ids and normals come out of one pass, for several cameras with one
read-back.
"""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from scenes.scene import Scene
from sim.bodies import STATIC, Body, with_bodies
from sim.camera import Intrinsics
from sim.frame import Frame, View
from sim.renderers.chunks import CUT_OUT, GLASS, Chunks, cut_into_chunks, part_kinds
from sim.renderers.culling import draw_order, in_view, moved_boxes, projection
from sim.renderers.egl import RendererError, current, describe, give_back, open_context
from sim.renderers.gpu_scene import VERTEX_ATTRIBUTES, VERTEX_FORMAT, GpuScene, repaint, upload
from sim.renderers.shaders import fragment_program, vertex_program
from sim.renderers.target import Images, Target
from sim.renderers.undefined import mended
from sim.renderers.visibility import NARROWEST_FOV_DEG, Visibility

if TYPE_CHECKING:
    import moderngl

KEY_DIRECTION = (0.3, 0.2, 0.933)
KEY_SHARE = 0.4
"""Without baked light, this share of it falls off with the angle to the key direction, so that edges show."""
KEY_SHARE_BAKED = 0.1

_COMMAND = np.dtype([("count", "u4"), ("instances", "u4"), ("first", "u4"), ("base_vertex", "i4"), ("base", "u4")])


class GlRenderer:
    """Shows a scene through OpenGL.

    Args:
        scene: what to show.
        bodies: what `place` can move.
        light: (V, 3) uint8, baked light per vertex; None: light everywhere. Bodies that are added get its median.
        samples: multisampling of colour (0: none); depth and ids are never smoothed.
        culling: leave out what cannot be seen from where the camera is.

    Raises:
        RendererError: no EGL on this machine, or too old an OpenGL.
    """

    name = "gl"

    def __init__(
        self,
        scene: Scene,
        *,
        bodies: Sequence[Body] = (),
        light: npt.NDArray[np.uint8] | None = None,
        samples: int = 0,
        culling: bool = True,
    ) -> None:
        moving = with_bodies(scene, bodies)
        self._bodies, self._light, self._shown = tuple(bodies), light, moving.scene
        self._context: moderngl.Context = open_context()
        self.driver = describe(self._context)
        self._samples = samples
        self._closed = False
        self._chunks: Chunks = cut_into_chunks(moving)
        self._visibility = Visibility(moving.scene, self._chunks) if culling and moving.scene.parts else None
        self._low, self._high = self._chunks.low.astype(np.float64), self._chunks.high.astype(np.float64)
        self._moving = np.flatnonzero(self._chunks.body != STATIC)
        self._poses = np.tile(np.eye(4), (1 + len(bodies), 1, 1))
        self._placed = True
        self._sky: tuple[float, ...] = scene.surroundings.sky_color
        self._key_share = KEY_SHARE if light is None else KEY_SHARE_BAKED
        self._commands = np.zeros(len(self._chunks.first), _COMMAND)
        self._commands["count"], self._commands["instances"] = self._chunks.counts, 1
        self._commands["first"], self._commands["base"] = self._chunks.first, self._chunks.body + 1
        self._programs: dict[tuple[bool, bool], moderngl.VertexArray] = {}
        self._target: Target | None = None
        try:
            with current(self._context, self.driver):
                self._indirect = self._context.buffer(reserve=max(1, self._commands.nbytes))
                self._held: GpuScene = upload(self._context, moving.scene, self._chunks.indices, light, 1 + len(bodies))
        except RendererError:
            self._context.release()
            raise

    def __enter__(self) -> GlRenderer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Releases all that it holds."""
        if self._closed:
            return
        self._closed = True
        with self._context:
            self._context.detect_framebuffer(0).use()  # as in _target_for
            if self._target is not None:
                self._target.release()
                self._target = None
            for array in self._programs.values():
                array.program.release()
                array.release()
            self._programs.clear()
            self._indirect.release()
            self._held.release()
        give_back(self._context)

    def place(self, body: int, T_world_body: npt.NDArray[np.float64]) -> None:
        """Puts a body at a rigid pose (4, 4), until it is put elsewhere."""
        if not 0 <= body < len(self._poses) - 1:
            raise IndexError(f"no body {body}; the renderer was opened with {len(self._poses) - 1}")
        self._poses[1 + body] = T_world_body
        self._placed = True

    def repaint(self, scene: Scene) -> None:
        """Shows the same triangles in other materials, textures and texture coordinates.

        Raises:
            ValueError: other parts or triangles, or parts that were opaque and are not, or the other way round.
        """
        painted = with_bodies(scene, self._bodies).scene
        if not (
            np.array_equal(painted.triangles, self._shown.triangles)
            and np.array_equal(part_kinds(painted), part_kinds(self._shown))
        ):
            raise ValueError("repaint takes the same triangles, each opaque, cut out or glass as before")
        with current(self._context, self.driver):
            textures = painted.textures != self._shown.textures
            self._held = repaint(self._context, self._held, painted, self._light, textures=textures)
        self._shown = painted

    def render(
        self, intrinsics: Intrinsics, T_world_camera: npt.NDArray[np.float64], *, normals: bool = False
    ) -> Frame:
        """The frame that a camera at this pose sees."""
        return self.render_many([View(intrinsics, T_world_camera)], normals=normals)[0]

    def render_many(self, views: Sequence[View], *, normals: bool = False) -> list[Frame]:
        """The frames of several cameras with images of one size, drawn together and read back at once.

        Raises:
            ValueError: images of different sizes.
            RendererError: the driver reports an error.
        """
        sizes = {(view.intrinsics.width, view.intrinsics.height) for view in views}
        if len(sizes) != 1:
            raise ValueError(f"views of one size are drawn together; these have {sorted(sizes)}")
        if self._closed:
            raise RendererError("gl: the renderer is closed; open another one")
        with current(self._context, self.driver):
            self._put_bodies()
            target = self._target_for(sizes.pop(), len(views), normals)
            for index, view in enumerate(views):
                self._draw(target, view, normals)
                target.keep(index)
            images = mended(target.read())
        return [_frame(images, index, view) for index, view in enumerate(views)]

    def _target_for(self, size: tuple[int, int], count: int, normals: bool) -> Target:
        held = self._target
        if held is None or (held.size, held.count, held.normals) != (size, count, normals):
            self._target = Target(self._context, size, count, normals=normals, samples=self._samples)
            self._target.framebuffer.use()  # a framebuffer that is released while it is in use breaks the next one
            if held is not None:
                held.release()
            return self._target
        return held

    def _draw(self, target: Target, view: View, normals: bool) -> None:
        position = view.T_world_camera[:3, 3]
        clip_from_world = projection(view.intrinsics) @ np.linalg.inv(view.T_world_camera)
        seen = in_view(clip_from_world, self._low, self._high)
        if self._visibility is not None and view.intrinsics.fov_deg > NARROWEST_FOV_DEG:
            near = self._moving[seen[self._moving]]
            seen &= self._visibility.seen_from(position)
            if len(near):
                seen[near] = self._visibility.sees_boxes(position, self._low[near], self._high[near])
        orders = draw_order(self._chunks.kind, (self._low + self._high) / 2, seen, position)
        drawn = np.concatenate(orders)
        self._indirect.write(self._commands[drawn].tobytes() or b"\0")
        self._pass(target.framebuffer, clip_from_world, orders, normals)
        if target.smooth is not None:
            self._pass(target.smooth, clip_from_world, orders, False)
            target.resolve_smooth()

    def _put_bodies(self) -> None:
        """Tells the GPU and the boxes of what moves where the bodies are."""
        if not self._placed:
            return
        self._held.poses.write(self._poses.transpose(0, 2, 1).astype("f4").tobytes())
        moving = self._moving
        poses = self._poses[1 + self._chunks.body[moving]]
        self._low[moving], self._high[moving] = moved_boxes(self._chunks.low[moving], self._chunks.high[moving], poses)
        self._placed = False

    def _pass(
        self,
        framebuffer: moderngl.Framebuffer,
        clip_from_world: npt.NDArray[np.float64],
        orders: Sequence[npt.NDArray[np.int64]],
        normals: bool,
    ) -> None:
        import moderngl

        context = self._context
        framebuffer.use()
        _clear(framebuffer, self._sky)
        context.depth_func = ">"
        self._held.textures.use(0)
        self._held.materials.use(1)
        first = 0
        for kind, order in enumerate(orders):
            flags = moderngl.DEPTH_TEST | (moderngl.BLEND if kind == GLASS else moderngl.NOTHING)
            context.enable_only(flags)
            array = self._array(cut_out=kind == CUT_OUT, normals=normals)
            matrix: Any = array.program["clip_from_world"]
            matrix.write(clip_from_world.T.astype("f4").tobytes())
            if len(order):
                array.render_indirect(self._indirect, count=len(order), first=first)
            first += len(order)

    def _array(self, *, cut_out: bool, normals: bool) -> moderngl.VertexArray:
        """The vertex array with the program for a kind of chunk; compiled when first used."""
        key = (cut_out, normals)
        if key not in self._programs:
            program = self._context.program(
                vertex_shader=vertex_program(moving=len(self._moving) > 0),
                fragment_shader=fragment_program(cut_out=cut_out, normals=normals),
            )
            values: dict[str, Any] = {"textures": 0, "materials": 1, "key_direction": KEY_DIRECTION}
            for name, value in (values | {"key_share": self._key_share}).items():
                program[name] = value
            content: list[Any] = [(self._held.vertices, VERTEX_FORMAT, *VERTEX_ATTRIBUTES)]
            if len(self._moving):
                content.append((self._held.poses, "16f/i", "world_from_body"))
            self._programs[key] = self._context.vertex_array(program, content, self._held.indices)
        return self._programs[key]


def _clear(framebuffer: Any, sky: tuple[float, ...]) -> None:
    """Colour to the sky, all else to 0: in two steps, because only zero bits mean the same to floats and integers."""
    others = len(framebuffer.color_attachments) - 1
    on, off = (True,) * 4, (False,) * 4
    if others:
        framebuffer.color_mask = [off] + [on] * others
        framebuffer.clear(0.0, 0.0, 0.0, 0.0, depth=0.0)
        framebuffer.color_mask = [on] + [off] * others
    framebuffer.clear(*sky, 1.0, depth=0.0)
    framebuffer.color_mask = [on] * (others + 1) if others else on


def _frame(images: Images, index: int, view: View) -> Frame:
    ids = images.instance[index]
    hit = ids > 0
    normals = None
    if images.normal is not None:
        normals = _towards_camera(images.normal[index], view)
    return Frame(
        rgb=np.ascontiguousarray(images.color[index, ..., :3]),
        depth=np.where(hit, images.depth[index], np.float32(0)),
        segmentation=ids.copy(),
        intrinsics=view.intrinsics,
        T_world_camera=np.array(view.T_world_camera, np.float64),
        normals=None if normals is None else np.where(hit[..., None], normals, np.float32(0)),
    )


def _towards_camera(normals: npt.NDArray[np.float32], view: View) -> npt.NDArray[np.float32]:
    """Normals (H, W, 3) turned to the side that the camera sees."""
    rays = view.intrinsics.rays() @ view.T_world_camera[:3, :3].T
    away = np.einsum("ijk,ijk->ij", normals, rays) > 0
    return np.where(away[..., None], -normals, normals)
