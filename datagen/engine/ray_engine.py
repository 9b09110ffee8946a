"""The engine for many machines: Ray. All of them see the dataset's folder and the homes at the same paths."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

from datagen.engine.worker import Order, Worker
from scenes.errors import HomeError


class RayActors:
    """Ray actors that work. Use `open_ray`."""

    def __init__(self, ray: Any, order: Order, workers: int) -> None:
        self.workers = workers
        self._ray = ray
        held = ray.put(order)
        actor = ray.remote(num_cpus=1, max_restarts=0)(Worker)
        self._actors = [actor.options(scheduling_strategy="SPREAD").remote(held) for _ in range(workers)]

    def run(self, method: str, items: Sequence[int]) -> Iterator[Any]:
        """Has `Worker.method` done for all items; what it returns, as it comes."""
        left = list(reversed(items))
        busy: dict[Any, Any] = {}
        for actor in self._actors[: len(left)]:
            busy[getattr(actor, method).remote(left.pop())] = actor
        while busy:
            done, _ = self._ray.wait(list(busy), num_returns=1)
            actor = busy.pop(done[0])
            answer = self._get(done[0])
            if left:
                busy[getattr(actor, method).remote(left.pop())] = actor
            yield answer

    def close(self) -> None:
        """Ends the actors."""
        for actor in self._actors:
            self._ray.kill(actor)

    def _get(self, reference: Any) -> Any:
        try:
            return self._ray.get(reference)
        except self._ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, HomeError):
                raise HomeError(*error.cause.args) from error
            raise


@contextlib.contextmanager
def open_ray(order: Order, workers: int, address: str | None) -> Iterator[RayActors]:
    """Starts so many actors on a Ray cluster, or on this machine alone where no address is given.

    Raises:
        HomeError: Ray is not installed, or there is no such cluster.
    """
    ray = _connected(address)
    actors = RayActors(ray, order, workers)
    try:
        yield actors
    finally:
        actors.close()


def ray_cores(address: str | None) -> int:
    """How many cores a cluster has.

    Raises:
        HomeError: Ray is not installed, or there is no such cluster.
    """
    return max(1, int(_connected(address).cluster_resources().get("CPU", 1)))


def _connected(address: str | None) -> Any:
    try:
        import ray
    except ImportError as error:
        raise HomeError("--engine ray needs Ray: pip install 'stairwell[ray]'") from error
    if not ray.is_initialized():
        try:
            ray.init(address=address, log_to_driver=False, logging_level="error", include_dashboard=False)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise HomeError(f"no Ray cluster at {address!r} ({error}); start one with `ray start --head`") from error
    return ray
