"""How fast renderers draw colour, depth and ids: ours and, where it is installed, MuJoCo's on the same triangles.

Each renderer stands ready in a process of its own. In every round each one draws for a short while, one after the
other, so that whatever else the machine does meets all of them; figures are medians over the rounds.
"""

from __future__ import annotations

import contextlib
import os
import statistics
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sim.benchmarks.subjects import HOME, load_subject, triangles_seen
from sim.benchmarks.workers import Opened, Worker, WorkerError, fps_together

SIZES = ((128, 128), (224, 224), (640, 480))
MAIN_SIZE = (224, 224)
BACKENDS = ("gl", "bullet", "raycast", "mujoco")
FLATS = "flats"
MOST_PROCESSES = 8
SECONDS = 1.0
"""How long each renderer draws in each round."""


@dataclass(frozen=True)
class Row:
    """Frames/s of one renderer."""

    subject: str
    size: tuple[int, int]
    backend: str
    processes: int
    fps: float


@dataclass(frozen=True)
class RenderResult:
    """What was measured.

    Attributes:
        figures: by name; ratios are medians of the rounds' ratios.
        rows: frames/s.
        drivers: of each renderer, in its own words.
        missing: why a renderer is not among them.
        scenes: triangles of each scene, and how many of them an image shows.
    """

    figures: dict[str, float]
    rows: tuple[Row, ...]
    drivers: dict[str, str]
    missing: dict[str, str]
    scenes: dict[str, dict[str, float]]

    def as_json(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "figures": {name: round(value, 3) for name, value in self.figures.items()},
            "frames_per_s": [vars(row) | {"fps": round(row.fps, 2)} for row in self.rows],
            "scenes": self.scenes,
            "drivers": self.drivers,
            "missing": self.missing,
        }


Key = tuple[str, tuple[int, int], str, int]
Samples = dict[Key, list[float]]


def measure(rounds: int, note: Callable[[str], None]) -> RenderResult:
    """Measures all renderers on all scenes and sizes; `note` is told what comes next."""
    samples: Samples = {}
    opened: dict[str, Opened] = {}
    missing: dict[str, str] = {}
    scenes = {}
    for name in (HOME, FLATS):
        note(f"{name}: opening renderers")
        subject = load_subject(name)
        size = f"{MAIN_SIZE[0]}x{MAIN_SIZE[1]}"
        scenes[name] = {
            "triangles": float(len(subject.scene.triangles)),
            f"triangles_seen_{size}": round(triangles_seen(subject, MAIN_SIZE)),
        }
        counts = {backend: _counts(name, backend) for backend in BACKENDS if backend not in missing}
        with _workers(name, counts, missing) as (workers, answers):
            opened |= {f"{backend}_{name}": answer for backend, answer in answers.items()}
            for image in SIZES:
                note(f"{name}: {image[0]} x {image[1]}")
                for _ in range(rounds):
                    _round(samples, name, image, workers, counts)
    return RenderResult(
        _figures(samples, opened),
        tuple(Row(*key, fps=statistics.median(values)) for key, values in samples.items()),
        {backend: opened[f"{backend}_{HOME}"].driver for backend in BACKENDS if f"{backend}_{HOME}" in opened},
        missing,
        scenes,
    )


def _counts(subject: str, backend: str) -> tuple[int, ...]:
    """With how many processes a renderer is measured. Bullet takes 2 GB for the flats, so there one is enough."""
    cores = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
    if backend == "gl":
        return tuple(sorted({1, 2, cores}))
    return tuple(sorted({1, cores})) if subject == HOME else (1,)


@contextlib.contextmanager
def _workers(
    subject: str, counts: dict[str, tuple[int, ...]], missing: dict[str, str]
) -> Iterator[tuple[dict[str, list[Worker]], dict[str, Opened]]]:
    """The workers of each renderer that works; why one does not is added to `missing`."""
    started = {backend: [Worker(backend, subject) for _ in range(max(counts[backend]))] for backend in counts}
    answers: dict[str, Opened] = {}
    try:
        for backend, workers in started.items():
            try:
                answers[backend], *_ = [worker.opened() for worker in workers]
            except WorkerError as error:
                missing[backend] = str(error)
        yield {backend: started[backend] for backend in answers}, answers
    finally:
        for worker in (worker for workers in started.values() for worker in workers):
            worker.close()


def _round(
    samples: Samples,
    subject: str,
    size: tuple[int, int],
    workers: dict[str, list[Worker]],
    counts: dict[str, tuple[int, ...]],
) -> None:
    for backend, held in workers.items():
        for count in counts[backend]:
            fps = fps_together(held[:count], size, SECONDS)
            samples.setdefault((subject, size, backend, count), []).append(fps)


def _figures(samples: Samples, opened: dict[str, Opened]) -> dict[str, float]:
    """The figures of those renderers that work."""
    gl = (HOME, MAIN_SIZE, "gl", 1)
    pairs = {
        "gl_over_bullet_oldenborg_224": (gl, (HOME, MAIN_SIZE, "bullet", 1)),
        "gl_over_mujoco_oldenborg_224": (gl, (HOME, MAIN_SIZE, "mujoco", 1)),
        "two_processes_over_one": ((HOME, MAIN_SIZE, "gl", 2), gl),
    }
    figures = {
        name: statistics.median(a / b for a, b in zip(samples[upper], samples[lower], strict=True))
        for name, (upper, lower) in pairs.items()
        if upper in samples and lower in samples
    }
    for name, key in {"gl_fps_oldenborg_224": gl, "gl_fps_500k_224": (FLATS, MAIN_SIZE, "gl", 1)}.items():
        if key in samples:
            figures[name] = statistics.median(samples[key])
    if "gl_oldenborg" in opened:
        figures["gl_first_fps_oldenborg_224"] = opened["gl_oldenborg"].first_fps
    return figures
