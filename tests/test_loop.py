"""The loop: killed and resumed to the bit, stopped by Ctrl-C, its rates and the batches that it prepares."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from scenes.errors import HomeError
from tests.loop_runs import STEPS, begin, go_on, go_on_until, small_model
from tests.waiting import HANGS_S
from train.checkpoints import load_tensors, read_meta, step_of
from train.loop import LoopSettings, make_optimiser, rate_at
from train.models.config import ModelConfig
from train.pace import Ahead, Clock
from train.resume import model_tensors
from train.runs import RunStore
from train.runs.state import write_state

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore:the same configuration", "ignore:plateau at step 16"),
]


PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.loop_runs"])


def state_of(run_id: str, store: RunStore) -> tuple[dict[str, torch.Tensor], dict[str, Any], str]:
    """All that the last checkpoint holds, and the log."""
    info = store.get(run_id)
    latest = info.checkpoints.latest()
    assert latest is not None
    assert step_of(latest) == STEPS
    tensors, meta = load_tensors(latest)
    meta.pop("run")
    return tensors, meta, (info.folder / "metrics.jsonl").read_text()


def assert_the_same(one: str, other: str, store: RunStore) -> None:
    (a, said, log), (b, said_too, log_too) = (state_of(run, store) for run in (one, other))
    assert a.keys() == b.keys()
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert said == said_too
    assert log == log_too


def end_at(store: RunStore, run: str, data: Path, config: ModelConfig, at: int, delay_s: float, how: int) -> None:
    asked = (store.folder, run, data, config, at, delay_s, signal.Signals(how))
    process = PROCESSES.Process(target=go_on_until, args=asked)
    process.start()
    process.join(120)
    assert process.exitcode is not None


def kill_and_resume(store: RunStore, data: Path, config: ModelConfig, kills: int, seed: int) -> int:
    """Kills a run at random moments, so many times or until it ends, and holds it against one that nobody disturbed.

    Returns how often it was killed.
    """
    rng = np.random.default_rng(seed)
    undisturbed, killed = begin(store, "undisturbed"), begin(store, "killed")
    go_on(undisturbed, data, config)
    killed.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)  # so that another process may take it up
    killed_times = 0
    while killed_times < kills:
        latest = store.get(killed.id).checkpoints.latest()
        first = step_of(latest) if latest else 0
        at = int(rng.integers(first, STEPS))
        end_at(store, killed.id, data, config, at, float(rng.uniform(0, 0.03)), signal.SIGKILL)
        if store.get(killed.id).state == "finished":
            break
        assert store.get(killed.id).state == "abandoned"
        killed_times += 1
    if store.get(killed.id).state != "finished":
        go_on(store.reopen(killed.id), data, config)
    assert_the_same(undisturbed.id, killed.id, store)
    return killed_times


def test_killed_and_resumed_is_to_the_bit_as_undisturbed(store: RunStore, views: Path) -> None:
    assert kill_and_resume(store, views, small_model()[0], kills=3, seed=5)


@pytest.mark.full
@pytest.mark.parametrize("model", ["name=latent", "regulariser=ema", "name=ijepa", "name=pairs"])
def test_20_kills_are_to_the_bit_as_undisturbed(store: RunStore, views: Path, model: str) -> None:
    kills = seed = 0
    while kills < 20:  # a training ends after a few of them
        kills += kill_and_resume(store, views, small_model(model)[0], kills=4, seed=seed)
        seed += 1


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_between_steps_with_a_checkpoint(store: RunStore, views: Path, how: int) -> None:
    config = small_model()[0]
    undisturbed, stopped = begin(store, "undisturbed"), begin(store, "stopped")
    go_on(undisturbed, views, config)
    stopped.__exit__(KeyboardInterrupt, KeyboardInterrupt(), None)  # so that another process may take it up
    end_at(store, stopped.id, views, config, 7, 0.0, how)
    info = store.get(stopped.id)
    assert (info.state, info.reason) == ("stopped", "by Ctrl-C; it can be resumed")
    latest = info.checkpoints.latest()
    assert latest is not None
    assert 6 <= step_of(latest) < STEPS
    assert info.metrics()[-1]["step"] == step_of(latest)
    go_on(store.reopen(stopped.id), views, config)
    assert_the_same(undisturbed.id, stopped.id, store)


def test_a_finished_training_is_not_done_again(store: RunStore, views: Path) -> None:
    config = small_model()[0]
    run = begin(store)
    go_on(run, views, config)
    tensors, *said = state_of(run.id, store)
    write_state(run.folder, "abandoned", "killed before anything else was done")
    assert go_on(store.reopen(run.id), views, config).steps == STEPS
    tensors_after, *said_after = state_of(run.id, store)
    assert said == said_after
    assert all(torch.equal(tensors[name], tensors_after[name]) for name in tensors)


def test_a_truncated_checkpoint_is_an_error_that_names_the_file(store: RunStore, views: Path) -> None:
    config = small_model()[0]
    run = begin(store)
    go_on(run, views, config)
    write_state(run.folder, "abandoned", "killed")
    latest = store.get(run.id).checkpoints.latest()
    assert latest is not None
    latest.write_bytes(latest.read_bytes()[:-100])
    with pytest.raises(HomeError, match=latest.name):
        go_on(store.reopen(run.id), views, config)


def test_checkpoints_are_the_last_ones_and_the_best(store: RunStore, views: Path) -> None:
    run = begin(store)
    go_on(run, views, small_model()[0])
    steps = [step_of(path) for path in run.checkpoints.all()]
    assert steps[-2:] == [15, STEPS]
    best = run.checkpoints.best()
    assert best is not None
    scores = {line["step"]: line["score"] for line in store.get(run.id).metrics() if "score" in line}
    assert set(scores) == {5, 10, 15, STEPS}, "evaluated every 5 steps, and after the last"
    assert step_of(best) == max(scores, key=lambda step: scores[step])
    assert read_meta(best)["score"] == max(scores.values())


@given(st.integers(1, 3000), st.floats(0, 0.9), st.floats(1e-6, 1))
def test_the_learning_rate_rises_then_falls_to_almost_nothing(steps: int, warmup: float, lr: float) -> None:
    settings = LoopSettings(steps=steps, warmup=warmup, lr=lr)
    rates = np.array([rate_at(step, settings) for step in range(steps)])
    rise = max(1, round(warmup * steps))
    assert rates.max() == pytest.approx(lr)
    assert (np.diff(rates[:rise]) > 0).all()
    assert (np.diff(rates[rise - 1 :]) < 0).all()
    assert (rates > 0).all()
    middle = rise + (steps - rise + 1) // 2 - 1
    if (steps - rise + 1) % 2 == 0 and rise < steps:
        assert rates[middle] == pytest.approx(lr / 2)


def test_biases_and_norms_do_not_decay() -> None:
    _, objective = small_model()
    optimiser = make_optimiser(objective, LoopSettings(weight_decay=0.5))
    decays = {id(one): group["weight_decay"] for group in optimiser.param_groups for one in group["params"]}
    modules = dict(objective.named_modules())
    for name, parameter in objective.named_parameters():
        owner = modules[name.rpartition(".")[0]]
        plain = name.endswith("bias") or "Norm" in type(owner).__name__
        assert decays[id(parameter)] == (0.0 if plain else 0.5), name
    frozen = small_model("regulariser=ema")[1]
    trained = {id(one) for group in make_optimiser(frozen, LoopSettings()).param_groups for one in group["params"]}
    assert trained == {id(one) for one in frozen.parameters() if one.requires_grad} != set(map(id, frozen.parameters()))


def test_a_checkpoint_alone_gives_the_model(store: RunStore, views: Path) -> None:
    config, fresh = small_model()
    run = begin(store)
    go_on(run, views, config)
    latest = run.checkpoints.latest()
    assert latest is not None
    fresh.load_state_dict(model_tensors(load_tensors(latest)[0]))
    again = small_model()[1]
    again.load_state_dict(fresh.state_dict())
    images = torch.randn(5, 5, 32, 32, generator=torch.Generator().manual_seed(0))
    assert torch.equal(fresh.encode(images), again.encode(images))
    assert not torch.equal(fresh.encode(images), small_model()[1].encode(images)), "it was trained"


class Gated:
    """Batches that take 2 s of a clock that stands still otherwise, each once its gate is open."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.gate, self.ready = threading.Semaphore(0), threading.Semaphore(0)

    def batch(self, step: int) -> int:
        assert self.gate.acquire(timeout=HANGS_S)
        self.now_s += 2.0
        self.ready.release()
        if step == 7:
            raise HomeError("frame 7 is gone")
        return step


def test_the_next_batch_is_prepared_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is asked for before the next batch is ready: it costs no waiting."""
    batches, clock = Gated(), Clock()
    monkeypatch.setattr("train.pace.time", SimpleNamespace(perf_counter=lambda: batches.now_s))
    with Ahead(batches, 0, 7, clock) as ahead:
        for step in range(7):
            batches.gate.release()
            assert batches.ready.acquire(timeout=HANGS_S), "it is prepared only when it is asked for"
            assert ahead.next() == step
            clock.trained(1)
    assert clock.share_waiting == 0.0


def test_waiting_for_a_batch_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each batch is prepared only after it was asked for, which is when the clock is read: all the time is waiting."""
    batches, clock = Gated(), Clock()

    def read_clock() -> float:
        now_s = batches.now_s
        if threading.current_thread() is threading.main_thread() and not clock_read_after.is_set():
            clock_read_after.set()
            batches.gate.release()
        return now_s

    clock_read_after = threading.Event()
    monkeypatch.setattr("train.pace.time", SimpleNamespace(perf_counter=read_clock))
    with Ahead(batches, 0, 7, clock) as ahead:
        for step in range(7):
            clock_read_after.clear()
            assert ahead.next() == step
            clock.trained(1)
    assert (clock.seconds, clock.share_waiting) == (12.0, 1.0)


def test_what_goes_wrong_in_the_thread_is_told() -> None:
    batches = Gated()
    batches.gate.release(2)
    with Ahead(batches, 6, 9, Clock()) as ahead:
        assert ahead.next() == 6
        with pytest.raises(HomeError, match="frame 7 is gone"):
            ahead.next()
