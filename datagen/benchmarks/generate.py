"""How fast datasets are made and read: 2,000 frames of oldenborg at 224 x 224, colour, depth, ids, checks included."""

from __future__ import annotations

import importlib.util
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from datagen.checks.finding import Finding
from datagen.collect import Studio, make_job
from datagen.config import make_config
from datagen.engine import generate
from datagen.engine.estimate import Estimate
from datagen.engine.pool import open_pool
from datagen.engine.worker import Made
from datagen.reader import find_windows, open_cache, open_dataset
from datagen.store import Episode, EpisodeFacts, Row, images
from datagen.store.episode import Storage, write_episode
from sim.frame import Frame
from sim.output import depth_to_millimetres

EPISODES, FRAMES = 25, 80
CACHE_PX = 64
BATCH, WINDOW = 128, 4
_SECONDS = 2.0


def measure(workers: int, policy: str) -> dict[str, float]:
    """The figures.

    `frames_per_s`: from when the workers stand ready to the last episode; `frames_per_s_in_all`: with all that comes
    before and after; `cpu_ms_per_frame`: of one core, which other work on the machine does not slow down.
    """
    with tempfile.TemporaryDirectory(prefix="stairwell-bench-") as folder:
        out = Path(folder) / "dataset"
        settings = {"homes": ["oldenborg"], "policies": [policy], "episodes": EPISODES, "frames": FRAMES}
        config = make_config(settings)
        clock = _Clock()
        start_s = time.monotonic()
        summary = generate(config, out, lambda order: open_pool(order, workers), clock)
        in_all_s = time.monotonic() - start_s
        frames = sum(made.frames for made in summary.made)
        render_s, store_s = (sum(getattr(made, name) for made in summary.made) for name in ("render_s", "store_s"))
        encode = _encoding_share(Path(folder))
        figures = {
            "frames_per_s": frames / (clock.last_s - clock.ready_s),
            "frames_per_s_in_all": frames / in_all_s,
            "cpu_ms_per_frame": 1000 * (render_s + store_s) / frames,
            "share_render": render_s / (render_s + store_s),
            "share_encode": encode * store_s / (render_s + store_s),
            "share_write": (1 - encode) * store_s / (render_s + store_s),
            "bytes_per_frame": sum(made.bytes for made in summary.made) / frames,
        }
        return figures | _reading(out)


class _Clock:
    """Notes when the workers are ready, and when the last episode is stored."""

    def __init__(self) -> None:
        self.ready_s = self.last_s = 0.0

    def say(self, text: str) -> None:
        """Nothing to note."""

    def warn(self, findings: Sequence[Finding]) -> None:
        """Nothing to note."""

    def begin(self, missing: int, stored: int, expected: Estimate | None) -> None:
        """Ready."""
        del missing, stored, expected
        self.ready_s = time.monotonic()

    def prepared(self, done: int, homes: int) -> None:
        """Nothing to note."""
        del done, homes

    def made(self, made: Made) -> None:
        """One more."""
        del made
        self.last_s = time.monotonic()


def _encoding_share(folder: Path) -> float:
    """The share of the time of storing an episode that encoding its images takes; the rest verifies and writes."""
    config = make_config({"homes": ["oldenborg"], "policies": ["sweep"], "episodes": 1, "frames": FRAMES})
    with Studio(make_job(config), "auto") as studio:
        pairs, facts = _collected(studio.episode(0))
    storage = Storage()
    write_episode(folder / "warm.zip", 0, _replayed(pairs, facts), storage)
    start_s = time.process_time()
    for frame, _ in pairs:
        _encode(frame)
    encode_s, start_s = time.process_time() - start_s, time.process_time()
    write_episode(folder / "timed.zip", 0, _replayed(pairs, facts), storage)
    return encode_s / (time.process_time() - start_s)


def _collected(episode: Episode) -> tuple[list[tuple[Frame, Row]], EpisodeFacts]:
    pairs = []
    while True:
        try:
            pairs.append(next(episode))
        except StopIteration as end:
            return pairs, end.value


def _replayed(pairs: list[tuple[Frame, Row]], facts: EpisodeFacts) -> Episode:
    yield from pairs
    return facts


def _encode(frame: Frame) -> None:
    images.encode_rgb(frame.rgb, "png")
    images.encode_grey(depth_to_millimetres(frame.depth))
    images.encode_grey(frame.segmentation.astype(np.uint16))


def _reading(folder: Path) -> dict[str, float]:
    """Random frames, one by one and in batches, and batches of windows; those as tensors where torch is installed."""
    dataset = open_dataset(folder)
    cache = open_cache(dataset, (CACHE_PX, CACHE_PX))
    windows = find_windows(dataset.column("episode"), dataset.column("step"), WINDOW)
    rng = np.random.default_rng(0)
    frames_s = _seconds_each(lambda: cache.read(rng.integers(len(cache), size=BATCH)))
    window_s = _seconds_each(lambda: cache.read(windows[rng.integers(len(windows), size=BATCH)]))
    single_s = _seconds_each(lambda: cache.read(rng.integers(len(cache), size=1)))
    figures = {
        "reader_single_frames_per_s": 1 / single_s,
        "reader_frames_per_s": BATCH / frames_s,
        "window_batch_ms": 1000 * window_s,
    }
    if importlib.util.find_spec("torch") is None:
        return figures
    from datagen.reader.torch_data import Windows

    tensors = Windows(dataset, cache, windows)
    tensors_s = _seconds_each(lambda: tensors.batch(rng.integers(len(windows), size=BATCH).tolist()))
    return figures | {"window_batch_torch_ms": 1000 * tensors_s}


def _seconds_each(work: Callable[[], object]) -> float:
    work()
    start_s, count = time.monotonic(), 0
    while time.monotonic() - start_s < _SECONDS:
        work()
        count += 1
    return (time.monotonic() - start_s) / count
