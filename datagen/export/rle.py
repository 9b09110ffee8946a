"""COCO's run-length encoding of masks, from instance ids of a whole image at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_BITS, _MORE, _SIGN, _FIRST = 5, 0x20, 0x10, 48


@dataclass(frozen=True)
class Mask:
    """One instance in an image.

    Attributes:
        instance: its id.
        counts: COCO's compressed run lengths, as text.
        area: pixels.
        box: left, top, width, height, pixels.
    """

    instance: int
    counts: str
    area: int
    box: tuple[int, int, int, int]


def encode_masks(ids: npt.NDArray[np.uint16]) -> list[Mask]:
    """The masks of the instances in an image of ids (H, W), by id; 0 is nothing."""
    height = ids.shape[0]
    flat = ids.T.reshape(-1)  # COCO runs down the columns
    starts = np.flatnonzero(np.concatenate(([True], flat[1:] != flat[:-1])))
    lengths = np.diff(starts, append=len(flat))
    owners = flat[starts]
    order = np.argsort(owners, kind="stable")
    masks = []
    for runs in np.split(order, np.flatnonzero(np.diff(owners[order])) + 1):
        instance = int(owners[runs[0]])
        if instance:
            first, size = starts[runs], lengths[runs]
            masks.append(
                Mask(instance, _compressed(first, size, len(flat)), int(size.sum()), _box(first, size, height))
            )
    return masks


def _compressed(starts: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp], total: int) -> str:
    """Runs inside of a mask as alternating lengths outside and inside, each as its difference to the last but one."""
    counts = np.empty(2 * len(starts) + 1, np.intp)
    ends = starts + lengths
    counts[1::2] = lengths
    counts[0:-1:2] = starts - np.concatenate(([0], ends[:-1]))
    counts[-1] = total - ends[-1]
    numbers = counts[:-1] if counts[-1] == 0 else counts
    differences = numbers.copy()
    differences[3:] -= numbers[1:-2]
    return "".join(_characters(number) for number in differences.tolist())


def _characters(number: int) -> str:
    """A signed number in groups of five bits, the lowest first, as printable characters."""
    text = ""
    more = True
    while more:
        group = number & (_MORE - 1)
        number >>= _BITS
        more = number != (-1 if group & _SIGN else 0)
        text += chr((group | (_MORE if more else 0)) + _FIRST)
    return text


def _box(starts: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp], height: int) -> tuple[int, int, int, int]:
    """Left, top, width, height of runs down the columns of an image."""
    lasts = starts + lengths - 1
    left, right = int(starts[0] // height), int(lasts[-1] // height)
    over_an_edge = starts // height != lasts // height
    if over_an_edge.any():
        top, bottom = 0, height - 1
    else:
        top, bottom = int((starts % height).min()), int((lasts % height).max())
    return left, top, right - left + 1, bottom - top + 1
