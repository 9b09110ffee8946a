"""Where the `gl` renderer draws: images of several cameras, one below the other, read back at once."""

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


class Target:
    """A framebuffer for `count` images of one size. Row 0 of an image is its upper one."""

    def __init__(
        self, context: moderngl.Context, size: tuple[int, int], count: int, *, normals: bool, samples: int
    ) -> None:
        self.size, self.count, self.normals, self.samples = size, count, normals, samples
        whole = (size[0], size[1] * count)
        limit = context.info["GL_MAX_TEXTURE_SIZE"]
        if max(whole) > limit:
            raise RendererError(
                f"gl: {count} images of {size[0]} x {size[1]} are more than the driver's {limit} pixels"
            )
        self._textures = [
            context.texture(whole, 4),
            context.texture(whole, 1, dtype="f4"),
            context.texture(whole, 1, dtype="i4"),
        ]
        if normals:
            self._textures.append(context.texture(whole, 4, dtype="f4"))
        self._depth = context.depth_texture(whole)
        self.framebuffer = context.framebuffer(self._textures, self._depth)
        self.smooth = self._smooth(context, whole) if samples else None

    def viewport(self, index: int) -> tuple[int, int, int, int]:
        """The pixels of an image."""
        return 0, index * self.size[1], *self.size

    def read(self) -> Images:
        """All images."""
        shape = (self.count, self.size[1], self.size[0])
        data = [np.frombuffer(texture.read(), kind) for texture, kind in zip(self._textures, _KINDS, strict=False)]
        normal = data[3].reshape(*shape, 4)[..., :3] if self.normals else None
        return Images(data[0].reshape(*shape, 4), data[1].reshape(shape), data[2].reshape(shape), normal)

    def release(self) -> None:
        """Gives the framebuffer back."""
        held: list[Any] = [self.framebuffer, *self._textures, self._depth]
        if self.smooth is not None:
            held += [self.smooth, *self._smooth_held]
        for each in held:
            each.release()

    def _smooth(self, context: moderngl.Context, whole: tuple[int, int]) -> moderngl.Framebuffer:
        """A multisampled framebuffer for colour alone."""
        samples = min(self.samples, context.max_samples)
        self._smooth_held = (
            context.renderbuffer(whole, 4, samples=samples),
            context.depth_renderbuffer(whole, samples=samples),
        )
        return context.framebuffer([self._smooth_held[0]], self._smooth_held[1])


_KINDS = (np.uint8, np.float32, np.int32, np.float32)
