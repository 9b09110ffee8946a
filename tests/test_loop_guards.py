"""Guards of the loop: what they stop, skip or tell of, on a model of two numbers; and that the model learns."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.loop_runs import begin
from train.checkpoints import load_tensors
from train.data import Batch
from train.guards import GuardSettings, StoppedError, Watch, bad_input, constant_output, unlikely_first_losses
from train.loop import LoopSettings, fit, generator_at
from train.objective import Objective
from train.runs import Run, RunStore

pytestmark = [
    pytest.mark.usefixtures("one_thread"),
    pytest.mark.filterwarnings("ignore:the same configuration", "ignore:constant output at step 8"),
]


# A model of two numbers, to see what the loop does to it.


@dataclass(frozen=True)
class Numbers:
    images: torch.Tensor

    def to(self, device: torch.device) -> Numbers:
        return replace(self, images=self.images.to(device))


class Toy(Objective):
    """Learns the mean of its images; `losses_at` changes what it says of its loss."""

    def __init__(self, losses_at: Mapping[int, float] | None = None) -> None:
        super().__init__(1, (8, 8), 1, 1)
        self.mean = torch.nn.Parameter(torch.zeros(1, 1))
        self.bias = torch.nn.Parameter(torch.zeros(1))
        self.losses_at, self.calls, self.seen = losses_at or {}, 0, []

    def embed(self, images: torch.Tensor) -> torch.Tensor:
        return images.mean(dim=(1, 2, 3))[:, None] + self.bias

    def backward(self, batch: Any, generator: torch.Generator, micro_batches: int = 1) -> dict[str, float]:
        self.seen.append((float(torch.rand((), generator=generator)), micro_batches, self.bf16, self.training))
        loss = (batch.images.mean() - self.mean.sum() - self.bias.sum()).square()
        factor = self.losses_at.get(self.calls, 1.0)
        self.calls += 1
        torch.autograd.backward(loss * factor)
        return {"loss": float(loss.detach() * factor)}

    def expected_initial(self) -> Mapping[str, tuple[float, float]]:
        return {"loss": (0.0, 100.0)}


@dataclass
class Noise:
    """Batches of noise around 3; `spoilt` are not finite, `level` all the same."""

    spoilt: tuple[int, ...] = ()
    level: bool = False
    offset: float = 3.0

    def batch(self, step: int) -> Numbers:
        images = self.offset + torch.randn(4, 1, 8, 8, generator=generator_at(9, step))
        if self.level:
            images = torch.full_like(images, self.offset)
        if step in self.spoilt:
            images[2, 0, 3, 3] = math.nan
        return Numbers(images)


def toy_settings(steps: int = 8, **changes: Any) -> LoopSettings:
    guards = GuardSettings(**changes.pop("guards", {}))
    given = {"steps": steps, "batch": 4, "lr": 0.1, "log_every": 1, "evaluate_every": 4, "device": "cpu"}
    return LoopSettings.model_validate(given | changes | {"guards": guards})


def train_toy(run: Run, sampler: Noise, settings: LoopSettings, toy: Toy | None = None, **more: Any) -> Toy:
    toy = toy or Toy()
    with run:
        fit(toy, sampler, settings, run, seed=0, primary="score", **more)
    return toy


def events(run: Run) -> list[dict[str, Any]]:
    path = run.folder / "events.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [event for event in map(json.loads, lines) if event["kind"] == "guard"]


def test_the_toy_learns(store: RunStore) -> None:
    toy = train_toy(begin(store), Noise(), toy_settings(200))
    assert toy.mean.item() + toy.bias.item() == pytest.approx(3.0, abs=0.1)
    drawn = [drawn for drawn, *_ in toy.seen]
    assert len(set(drawn)) == 200, "each step draws anew"
    assert {rest for _, *rest_ in toy.seen for rest in [tuple(rest_)]} == {(1, False, True)}


def test_settings_reach_the_model(store: RunStore) -> None:
    toy = train_toy(begin(store), Noise(), toy_settings(2, bf16=True, micro_batches=4))
    assert [rest for _, *rest in toy.seen] == [[4, True, True]] * 2


def test_a_bad_batch_stops_and_is_kept(store: RunStore) -> None:
    run = begin(store)
    with pytest.raises(StoppedError, match="bad batch at step 5: images of 1 of 4 samples are not finite") as caught:
        train_toy(run, Noise(spoilt=(5,)), toy_settings())
    path = run.folder / "batches" / "000000005-bad_batch.safetensors"
    assert str(path) in str(caught.value)
    tensors, meta = load_tensors(path)
    assert torch.equal(tensors["images"].nan_to_num(), Noise(spoilt=(5,)).batch(5).images.nan_to_num())
    assert meta["step"] == 5
    assert store.get(run.id).state == "failed"
    assert [(event["guard"], event["step"]) for event in events(run)] == [("bad_batch", 5)]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_skipped_batches_leave_no_trace(store: RunStore) -> None:
    """With a batch that is skipped, the weights are those that they were before it."""
    skip = {"bad_batch": "skip"}
    toys = [train_toy(begin(store), Noise(spoilt=bad), toy_settings(6, warmup=0.0, guards=skip)) for bad in ((5,), ())]
    five = toy_settings(6, warmup=0.0)
    stopped, fresh = begin(store), Toy()
    with pytest.raises(StoppedError):
        train_toy(stopped, Noise(spoilt=(5,)), five, fresh)
    assert torch.equal(toys[0].mean, fresh.mean)
    assert not torch.equal(toys[0].mean, toys[1].mean)


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize("action", ["stop", "skip"])
def test_losses_that_are_not_finite(store: RunStore, value: float, action: str) -> None:
    run, settings = begin(store), toy_settings(guards={"not_finite": action})
    toy = Toy({3: value})
    if action == "stop":
        with pytest.raises(StoppedError, match=r"not finite at step 3: loss = (nan|inf).*lower loop.lr"):
            train_toy(run, Noise(), settings, toy)
    else:
        with pytest.warns(UserWarning, match="not finite at step 3"):
            train_toy(run, Noise(), settings, toy)
        assert torch.isfinite(toy.mean).all()
        assert toy.calls == settings.steps
    assert (run.folder / "batches" / "000000003-not_finite.safetensors").is_file()


def test_a_gradient_that_is_not_finite_stops_too(store: RunStore) -> None:
    class Steep(Toy):
        def backward(self, *given: Any, **more: Any) -> dict[str, float]:
            losses = super().backward(*given, **more)
            assert self.mean.grad is not None
            self.mean.grad *= math.inf
            return losses

    with pytest.raises(StoppedError, match="the gradients' norm is inf"):
        train_toy(begin(store), Noise(), toy_settings(), Steep())


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_if_all_batches_are_skipped_it_is_not_the_batches(store: RunStore) -> None:
    run, toy = begin(store), Toy(dict.fromkeys(range(2, 100), math.nan))
    with pytest.raises(StoppedError, match="at step 22"):
        train_toy(run, Noise(), toy_settings(100, evaluate_every=100, guards={"not_finite": "skip"}), toy)
    assert len(list((run.folder / "batches").iterdir())) == 5, "not all are kept"


def test_losses_begin_where_theory_puts_them(store: RunStore) -> None:
    run = begin(store)
    said = "first losses at step 0: loss begins at 1.6e\\+05; theory puts it between 0 and 100"
    with pytest.raises(StoppedError, match=said):
        train_toy(run, Noise(offset=400.0), toy_settings())
    assert unlikely_first_losses({"a": 1.0, "b": 2.0}, {"a": (0.0, 1.0)}) is None


def test_a_constant_output_is_named(store: RunStore) -> None:
    run = begin(store)
    with pytest.warns(UserWarning, match="constant output at step 4: 4 frames have the same embedding"):
        train_toy(run, Noise(level=True), toy_settings())
    assert [event["step"] for event in events(run)] == [4, 8]
    with pytest.raises(StoppedError, match="raise the weight of its regulariser"):
        train_toy(begin(store), Noise(level=True), toy_settings(guards={"constant_output": "stop"}))
    fine = begin(store)
    train_toy(fine, Noise(), toy_settings())
    assert not (fine.folder / "events.jsonl").exists() or not events(fine)


@given(st.floats(1e-6, 1e6), st.floats(-10, 10), st.integers(2, 64), st.integers(1, 9))
def test_only_a_constant_output_is_called_so(size: float, shift: float, count: int, width: int) -> None:
    noise = torch.randn(count, width, generator=torch.Generator().manual_seed(count))
    assert constant_output(size * (noise + shift)) is None
    assert constant_output(torch.full((count, width), size)) is not None
    assert constant_output(size * (1 + 1e-5 * noise)) is not None


@given(st.lists(st.floats(-10, 10), max_size=40), st.integers(1, 5), st.floats(0, 1))
def test_a_plateau_is_so_many_evaluations_without_a_rise(scores: list[float], patience: int, gain: float) -> None:
    settings = GuardSettings(plateau="warn", patience=patience, least_gain=gain)
    watch, found = Watch(), []
    for score in scores:
        watch, trouble = watch.scored(score, settings)
        found.append(trouble is not None)
    best, since, wanted = -math.inf, 0, []
    for score in scores:
        best, since = (score, 0) if score > best + gain else (best, since + 1)
        wanted.append(since == patience)
        since %= patience
    assert found == wanted


def score_curve(*scores: float) -> Any:
    return lambda _model, step: {"score": scores[step // 4 - 1]}


def test_plateaus_act_as_configured(store: RunStore) -> None:
    level = score_curve(0.1, 0.5, 0.5, 0.5, 0.5, 0.9)
    rates = {}
    for action in ("ignore", "warn", "lower_lr", "stop"):
        run = begin(store)
        settings = toy_settings(24, guards={"plateau": action, "patience": 2})
        if action == "ignore":
            train_toy(run, Noise(), settings, evaluate=level)
        else:
            with pytest.warns(UserWarning, match=r"plateau at step 16: .* in 2 evaluations \(best 0.5\)"):
                train_toy(run, Noise(), settings, evaluate=level)
        info = store.get(run.id)
        assert info.state == "finished"
        rates[action] = [line["lr"] for line in info.metrics()]
        assert len(events(run)) == (action != "ignore")
    assert rates["warn"] == rates["ignore"]
    assert rates["stop"] == rates["warn"][:16]
    assert rates["lower_lr"][:16] == rates["warn"][:16]
    assert rates["lower_lr"][16:] == pytest.approx([rate / 2 for rate in rates["warn"][16:]])


def test_what_is_bad_in_a_batch() -> None:
    good = Batch(torch.zeros(3, 2, 1, 8, 8), torch.zeros(3, 2, 4), torch.zeros(3, 2, 5), torch.zeros(3, 2).long())
    assert bad_input(good) is None
    state = good.state.clone()
    state[1:, 0, 2] = math.inf
    assert bad_input(replace(good, state=state)) == "state of 2 of 3 samples are not finite, such as sample 1"
    assert bad_input(replace(good, images=torch.full_like(good.images, 3e38))) is None, "large is not infinite"
