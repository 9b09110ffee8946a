"""Renderers in processes of their own, each of which draws when it is told to."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from sim.benchmarks.subjects import FOV_DEG, Subject, load_subject
from sim.camera import Intrinsics

WARM_UP_SIZE = (224, 224)
LARGEST = (640, 480)


class WorkerError(RuntimeError):
    """A renderer does not work here; the message says why."""


@dataclass(frozen=True)
class Opened:
    """What a worker says when it is ready. `first_fps`: frames/s of the first frame at each pose."""

    driver: str
    first_fps: float


class Worker:
    """A process that holds one renderer with one subject."""

    def __init__(self, backend: str, subject: str) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, backend, subject), daemon=True)
        self._process.start()
        theirs.close()

    def opened(self) -> Opened:
        """Waits until the renderer is open.

        Raises:
            WorkerError: it does not open.
        """
        return self._answer()

    def start(self, size: tuple[int, int], seconds: float) -> None:
        """Has it draw for a time, going on through the poses where it stopped."""
        self._ours.send((size, seconds))

    def fps(self) -> float:
        """Waits for what `start` began."""
        return float(self._answer())

    def close(self) -> None:
        """Ends the process."""
        self._ours.close()
        self._process.join()

    def _answer(self) -> Any:
        try:
            answer = self._ours.recv()
        except EOFError as error:
            self._process.join()
            raise WorkerError(f"its process ended with {self._process.exitcode}") from error
        if isinstance(answer, str):
            raise WorkerError(answer)
        return answer


def fps_together(workers: Sequence[Worker], size: tuple[int, int], seconds: float) -> float:
    """Frames/s of workers that draw at the same time."""
    for worker in workers:
        worker.start(size, seconds)
    return sum(worker.fps() for worker in workers)


def _serve(pipe: Connection, backend: str, name: str) -> None:
    subject = load_subject(name)
    try:
        renderer = _open(backend, subject)
    except (RuntimeError, ImportError) as error:
        pipe.send(str(error))
        return
    with renderer:
        course = _Course(renderer, subject)
        pipe.send(Opened(renderer.driver, course.run(WARM_UP_SIZE, least=len(subject.poses), seconds=0.0)))
        try:
            while True:
                size, seconds = pipe.recv()
                course.run(size, least=1, seconds=0.0)
                pipe.send(course.run(size, least=1, seconds=seconds))
        except EOFError:
            return


@dataclass
class _Course:
    """A renderer on its way around the poses, again and again."""

    renderer: Any
    subject: Subject
    index: int = 0

    def run(self, size: tuple[int, int], *, least: int, seconds: float) -> float:
        """Draws at least so many frames and for at least so long; gives frames/s."""
        camera = Intrinsics.from_fov(*size, FOV_DEG)
        start, frames, spent = time.perf_counter(), 0, 0.0
        while frames < least or spent < seconds:
            self.renderer.render(camera, self.subject.poses[self.index % len(self.subject.poses)])
            self.index, frames, spent = self.index + 1, frames + 1, time.perf_counter() - start
        return frames / spent


def _open(backend: str, subject: Subject) -> Any:
    if backend == "mujoco":
        from sim.benchmarks.mujoco_peer import MujocoRenderer

        return MujocoRenderer(subject.scene, LARGEST)
    from sim.renderers.choose import open_renderer

    return open_renderer(backend, subject.scene)
