"""The default engine: processes on this machine, each of which is told what to do through a pipe of its own.

A worker ends when its pipe does, so none outlives a parent that was killed.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from datagen.engine.worker import Order, Worker
from scenes.errors import HomeError
from sim.renderers.egl import RendererError

_KNOWN = (HomeError, RendererError, OSError)


class WorkerError(RuntimeError):
    """A worker failed in a way that is a bug, or its process ended."""


class WorkerEndedError(WorkerError, HomeError):
    """A worker's process ended: for want of memory, or because somebody ended it."""


class Pool:
    """Processes that work. Use `open_pool`."""

    def __init__(self, order: Order, workers: int) -> None:
        self.workers = workers
        self._held: dict[Connection, BaseProcess] = {}
        context = multiprocessing.get_context("spawn")
        threads = None if workers == 1 else "0"
        for _ in range(workers):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(theirs, order, threads), daemon=True)
            process.start()
            theirs.close()
            self._held[ours] = process

    def run(self, method: str, items: Sequence[int]) -> Iterator[Any]:
        """Has `Worker.method` done for all items; what it returns, as it comes."""
        left = iter(items)
        busy = {pipe for pipe in self._held if self._send(pipe, method, left)}
        while busy:
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                answer = self._answer(pipe)
                busy.discard(pipe)
                if self._send(pipe, method, left):
                    busy.add(pipe)
                yield answer

    def close(self, *, kindly: bool) -> None:
        """Ends the workers: idle ones by themselves, others, if not `kindly`, in the middle of what they do."""
        for pipe, process in self._held.items():
            pipe.close()
            if not kindly:
                process.terminate()
        for process in self._held.values():
            process.join()

    def _send(self, pipe: Connection, method: str, left: Iterator[int]) -> bool:
        """Tells a worker to do the next item; whether there was one."""
        item = next(left, None)
        if item is not None:
            with contextlib.suppress(BrokenPipeError):  # `_answer` says what happened to it
                pipe.send((method, item))
        return item is not None

    def _answer(self, pipe: Connection) -> Any:
        try:
            answer = pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            process = self._held[pipe]
            process.join()
            raise WorkerEndedError(
                f"a worker ended with exit code {process.exitcode} (-9: killed, often for want of memory); what is "
                "stored stays valid: run the same command again, with fewer --workers if memory is short"
            ) from error
        if isinstance(answer, BaseException):
            raise answer
        return answer


@contextlib.contextmanager
def open_pool(order: Order, workers: int) -> Iterator[Pool]:
    """Starts so many processes; they end with the block, at once if it is left by an error or Ctrl-C."""
    pool = Pool(order, workers)
    try:
        yield pool
    except BaseException:
        pool.close(kindly=False)
        raise
    pool.close(kindly=True)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0))


def _serve(pipe: Connection, order: Order, threads: str | None) -> None:
    """The life of a worker. Ctrl-C and hang-ups are the parent's to handle; told to end, it leaves no half file."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if threads is not None:
        os.environ["LP_NUM_THREADS"] = threads  # Mesa's llvmpipe: the processes fill the cores already
    worker = Worker(order)
    try:
        while True:
            method, item = pipe.recv()
            pipe.send(_done(worker, method, item))
    except (EOFError, BrokenPipeError):
        worker.close()


def _done(worker: Worker, method: str, item: int) -> Any:
    """What a worker's method returns, or the error that the parent is to raise."""
    try:
        return getattr(worker, method)(item)
    except _KNOWN as error:
        return type(error)(*error.args)
    except Exception:  # noqa: BLE001 - whatever it is, the parent tells it
        return WorkerError(f"{method} {item}:\n{traceback.format_exc()}")
