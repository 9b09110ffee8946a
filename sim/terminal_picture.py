"""Pictures in a terminal: each character is two pixels, one above the other."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UPPER_HALF = "▀"
HOME = "\x1b[H"
CLEAR = "\x1b[2J"
_RESET = "\x1b[0m"


def half_blocks(picture: npt.NDArray[np.uint8]) -> str:
    """A picture (H, W, 3), H even, as lines of H / 2 rows of characters in 24-bit colours."""
    rows = []
    for upper, lower in zip(picture[0::2].tolist(), picture[1::2].tolist(), strict=True):
        cells = [
            f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m{UPPER_HALF}"
            for a, b in zip(upper, lower, strict=True)
        ]
        rows.append("".join(cells) + _RESET)
    return "\n".join(rows)
