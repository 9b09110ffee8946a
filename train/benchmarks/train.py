"""How fast models train: images/s of each on random frames, and the share of the time spent waiting for batches.

All goes through the sampler and the loop that `sim train world-model` uses; checkpoints and judging do not count.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from train.config import Settings
from train.data import COLUMNS, Frames, Sampler
from train.loop import Fitted, LoopSettings, fit
from train.models.config import ModelConfig, ModelName, build
from train.motion import PTZ
from train.preprocess import Preprocessing
from train.runs import RunStore

MODELS: tuple[ModelName, ...] = ("latent", "ijepa", "pairs")
SIZE_PX = (64, 64)
EPISODES, FRAMES = 32, 64
BATCH, WINDOW = 64, 4


class _Setup(Settings):
    """What is measured."""

    model: ModelConfig
    loop: LoopSettings


def measure(steps: int, bf16: bool) -> dict[str, float]:
    """Images per second of each model at 64 x 64 with depth, the latent one's share of waiting, and CPU ms of a batch.

    `steps`: of the optimiser, in batches of 64 windows of 4 frames. `bf16`: encoders compute in bfloat16.
    """
    frames = random_frames(np.random.default_rng(0))
    fitted = {name: _fitted(ModelConfig(name=name), frames, steps, bf16) for name in MODELS}
    rates = {f"images_per_s_{name}": fitted[name].images_per_s for name in MODELS}
    return rates | {"share_waiting": fitted["latent"].share_waiting, "batch_ms": _batch_ms(frames)}


def _batch_ms(frames: Frames, batches: int = 20) -> float:
    """Return the CPU time of drawing a batch of windows, milliseconds; the median of `batches`."""
    sampler = Sampler(frames, frames.windows(WINDOW), BATCH, seed=0)
    took_s = []
    for step in range(batches):
        start_s = time.process_time()
        sampler.batch(step)
        took_s.append(time.process_time() - start_s)
    return 1000 * statistics.median(took_s)


def _fitted(model: ModelConfig, frames: Frames, steps: int, bf16: bool) -> Fitted:
    loop = LoopSettings(steps=steps, batch=BATCH, bf16=bf16, evaluate_every=steps, checkpoint_every=steps)
    objective = build(model, frames.preprocessing.planes, SIZE_PX, PTZ.state_dim, PTZ.action_dim, seed=0)
    sampler = Sampler(frames, frames.windows(WINDOW), BATCH, seed=0)
    with tempfile.TemporaryDirectory(prefix="stairwell-bench-") as folder:
        store = RunStore(Path(folder))
        with store.begin(
            "benchmark", model.name, _Setup(model=model, loop=loop), datasets={}, seeds={"seed": 0}
        ) as run:
            return fit(objective, sampler, loop, run, seed=0, primary="")


def random_frames(rng: np.random.Generator) -> Frames:
    """Frames of noise from a PTZ camera that turns at random, as `load_frames` would give them."""
    count, (width, height) = EPISODES * FRAMES, SIZE_PX
    pan_deg, tilt_deg, zoom = rng.uniform(-170, 170, count), rng.uniform(-50, 0, count), rng.uniform(1, 4, count)
    raw = rng.normal(size=(count, PTZ.raw_dim)) * (10.0, 5.0, 0.1)
    lens = np.full((count, 2), 0.7)
    state = PTZ.state(pan_deg, tilt_deg, zoom)
    unused = dict.fromkeys(COLUMNS, np.zeros(count))
    return Frames(
        folder=Path("random"),
        dataset_hash="",
        part="",
        homes={},
        kind="ptz",
        preprocessing=Preprocessing(channels=("rgb", "depth"), size=SIZE_PX),
        number=np.arange(count),
        rgb=rng.integers(0, 256, (count, 3, height, width), np.uint8),
        depth_mm=rng.integers(0, 10_000, (count, height, width), np.uint16),
        depth_from=np.arange(count),
        state=state,
        raw_action=raw,
        action=PTZ.action(state, raw, lens),
        lens=lens,
        columns=unused | {"episode": np.arange(count) // FRAMES, "step": np.arange(count) % FRAMES, "zoom": zoom},
    )
