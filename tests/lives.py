"""Small lives in drawn homes, for `tests.test_lifelong`: `python -m tests.lives FOLDER HOMES GENERATIONS`."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from scenes.draw import Drawing
from tests.recordings import ALLOW
from train.config import resolve
from train.lifelong.life import Life, open_life
from train.lifelong.settings import LifeSettings

SETTINGS = resolve(LifeSettings, "lifelong-small", ["loop.log_every=1", "collect.epsilon=0.0"])


def draw_homes(folder: Path, count: int) -> list[str]:
    """The files of homes of one room with a wall in it, all different."""
    files = []
    for number in range(count):
        home = Drawing("")
        ground = home.flat()
        x, y = 500.0 + 150 * number, 400.0
        ground.walls([(0, 0), (x, 0), (x, y), (0, y)], closed=True)
        ground.walls([(x / 2, 0), (x / 2, 120 + 40 * number)])
        ground.room("Room", [(0, 0), (x, 0), (x, y), (0, y)])
        files.append(str(folder / f"home{number}.sh3d"))
        home.save(Path(files[-1]))
    return files


def live(folder: Path, homes: Sequence[str], generations: int) -> Life:
    """Lives, or goes on."""
    torch.set_num_threads(1)
    with open_life(folder, homes, SETTINGS, tell=_tell, allow=ALLOW) as life:
        life.live(generations)
        return life


def _tell(stage: str) -> None:
    sys.stdout.write(f"{stage}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # tests may run where it is ignored
    live(Path(sys.argv[1]), sys.argv[2].split(","), int(sys.argv[3]))
