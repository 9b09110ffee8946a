"""Pixels for which the rasteriser found a surface and no numbers: they get what is seen around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sim.renderers.target import Images

_ACROSS = (((0, -1), (0, 1)), ((-1, 0), (1, 0)), ((-1, -1), (1, 1)), ((-1, 1), (1, -1)))


def mended(images: Images) -> Images:
    """The same images with a depth and a colour wherever there is an instance.

    A sliver of a triangle that just covers a pixel's centre may have no slope that floats can hold: once in some ten
    million pixels a rasteriser gives NaN for its depth and black for its colour. Such a pixel gets the harmonic mean of
    the depths on both of its sides, which is exact on a plane (1 / z is linear in the image), and the mean of their
    colours. Where no two opposite neighbours are of its instance, it becomes one of them.
    """
    undefined = (images.instance > 0) & ~((images.depth > 0) & (images.depth < np.inf))
    if not undefined.any():
        return images
    images = replace(
        images,
        color=images.color.copy(),
        depth=images.depth.copy(),
        instance=images.instance.copy(),
        normal=None if images.normal is None else images.normal.copy(),
    )
    for index, row, column in np.argwhere(undefined).tolist():
        _mend(images, undefined, index, row, column)
    return images


def _mend(images: Images, undefined: np.ndarray, index: int, row: int, column: int) -> None:
    """Writes one pixel."""
    height, width = undefined.shape[1:]

    def known(offset: tuple[int, int]) -> tuple[int, int, int] | None:
        y, x = row + offset[0], column + offset[1]
        return (index, y, x) if 0 <= y < height and 0 <= x < width and not undefined[index, y, x] else None

    here = (index, row, column)
    pairs = [(known(one), known(other)) for one, other in _ACROSS]
    for one, other in pairs:
        if one and other and images.instance[one] == images.instance[other] == images.instance[here]:
            images.depth[here] = 2 / (1 / images.depth[one] + 1 / images.depth[other])
            images.color[here] = np.rint((images.color[one].astype(float) + images.color[other]) / 2)
            if images.normal is not None:
                images.normal[here] = images.normal[one]
            return
    nearest = next((pixel for pair in pairs for pixel in pair if pixel), None)
    images.instance[here] = 0 if nearest is None else images.instance[nearest]
    if nearest is not None:
        images.depth[here], images.color[here] = images.depth[nearest], images.color[nearest]
        if images.normal is not None:
            images.normal[here] = images.normal[nearest]
