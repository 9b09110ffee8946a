"""Where the `gl` renderer draws, and how its images come back: those of several cameras with one transfer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sim.renderers.egl import RendererError

if TYPE_CHECKING:
    import moderngl


@dataclass(frozen=True)
class Images:
    """What was drawn, (N, H, W, ...): `color` uint8 RGBA, `depth` float32, `instance` int32, `normal` float32."""

    color: npt.NDArray[np.uint8]
    depth: npt.NDArray[np.float32]
    instance: npt.NDArray[np.int32]
    normal: npt.NDArray[np.float32] | None


_OUTPUTS = ((4, "f1", np.uint8), (1, "f4", np.float32), (1, "i4", np.int32), (4, "f4", np.float32))
"""Components, type for OpenGL, and type for numpy of colour, depth, ids and normals."""


class Target:
    """A framebuffer of one image's size and a buffer for `count` images; row 0 of an image is its upper one.

    All images are drawn at the same place of the framebuffer, so that each has the same bytes in whatever company.
    """

    def __init__(
        self, context: moderngl.Context, size: tuple[int, int], count: int, *, normals: bool, samples: int
    ) -> None:
        self.size, self.count, self.normals = size, count, normals
        limit = context.info["GL_MAX_TEXTURE_SIZE"]
        if max(size) > limit:
            raise RendererError(f"gl: an image of {size[0]} x {size[1]} pixels; the driver draws up to {limit}")
        self._context = context
        self._outputs = _OUTPUTS[: 4 if normals else 3]
        self._textures = [context.texture(size, components, dtype=kind) for components, kind, _ in self._outputs]
        self._depth = context.depth_texture(size)
        self.framebuffer = context.framebuffer(self._textures, self._depth)
        self._bytes = [size[0] * size[1] * parts * np.dtype(kind).itemsize for parts, _, kind in self._outputs]
        self._transfer = context.buffer(reserve=sum(self._bytes) * count)
        self.smooth: moderngl.Framebuffer | None = None
        self._smooth_held: list[Any] = []
        if samples:
            samples = min(samples, context.max_samples)
            color, depth = (
                context.renderbuffer(size, 4, samples=samples),
                context.depth_renderbuffer(size, samples=samples),
            )
            self.smooth = context.framebuffer([color], depth)
            self._resolved = context.framebuffer([self._textures[0]])
            self._smooth_held = [self.smooth, self._resolved, color, depth]

    def resolve_smooth(self) -> None:
        """Puts the smooth colour in the place of the plain one."""
        if self.smooth is not None:
            self._context.copy_framebuffer(self._resolved, self.smooth)

    def keep(self, index: int) -> None:
        """Starts the transfer of the image that has been drawn."""
        for output, (components, kind, _) in enumerate(self._outputs):
            self.framebuffer.read_into(
                self._transfer,
                components=components,
                attachment=output,
                alignment=1,
                dtype=kind,
                write_offset=self._offset(output) + index * self._bytes[output],
            )

    def read(self) -> Images:
        """All images that were kept."""
        data = self._transfer.read()
        shape = (self.count, self.size[1], self.size[0])
        arrays: list[Any] = []
        for output, (components, _, kind) in enumerate(self._outputs):
            start = self._offset(output)
            flat = np.frombuffer(data[start : start + self.count * self._bytes[output]], kind)
            arrays.append(flat.reshape(*shape, components))
        normal = arrays[3][..., :3] if self.normals else None
        return Images(arrays[0], arrays[1][..., 0], arrays[2][..., 0], normal)

    def release(self) -> None:
        """Gives everything back."""
        held: list[Any] = [self.framebuffer, *self._textures, self._depth, self._transfer, *self._smooth_held]
        for each in held:
            each.release()

    def _offset(self, output: int) -> int:
        return self.count * sum(self._bytes[:output])
