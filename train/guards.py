"""What goes wrong while a model is trained: noticed, named, and acted on as configured, with the batch kept.

Bad input, losses or gradients that are not finite, an output that is the same for all frames, a primary metric that no
longer rises. Each check is a function of tensors or numbers; `report` notes what one found in the run.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias

import torch
from pydantic import Field

from scenes.errors import HomeError
from train.checkpoints import save_tensors
from train.config import Settings

if TYPE_CHECKING:
    from train.runs import Run

Kind: TypeAlias = Literal["bad_batch", "not_finite", "first_losses", "constant_output", "plateau"]

BATCHES = "batches"
"""The folder of a run with the batches that something was wrong with."""
MOST_SKIPPED = 20
"""So many batches in a row are skipped; then training stops whatever is configured: it is not the batches."""
_MOST_KEPT = 5
_CONSTANT_SHARE = 1e-3
_LOWERED = 0.5


class StoppedError(HomeError):
    """A guard stopped the training. The message says what, at which step, where the batch is, and what to do."""


class GuardSettings(Settings):
    """What is done about it.

    Attributes:
        bad_batch: an input that is not finite. `skip`: the step goes by without it.
        not_finite: a loss or a gradient that is not finite; likewise.
        constant_output: all frames of a batch have nearly the same embedding, when the model is evaluated.
        plateau: the primary metric has risen by less than `least_gain` in `patience` evaluations. `lower_lr` halves the
            learning rate; `stop` ends the run as finished.
    """

    bad_batch: Literal["stop", "skip"] = "stop"
    not_finite: Literal["stop", "skip"] = "stop"
    constant_output: Literal["stop", "warn"] = "warn"
    plateau: Literal["ignore", "warn", "lower_lr", "stop"] = "warn"
    patience: Annotated[int, Field(ge=1)] = 10
    least_gain: Annotated[float, Field(ge=0)] = 1e-3


@dataclass(frozen=True)
class Watch:
    """What guards remember from step to step; part of every checkpoint.

    Attributes:
        best: the highest score of the primary metric so far, None before the first.
        since: evaluations without a rise.
        skipped: batches skipped in a row.
        lr_factor: what the learning rate was lowered by.
        ended: by a plateau.
    """

    best: float | None = None
    since: int = 0
    skipped: int = 0
    lr_factor: float = 1.0
    ended: bool = False

    def to_json(self) -> dict[str, Any]:
        """As JSON, for a checkpoint."""
        return asdict(self)

    def scored(self, score: float, settings: GuardSettings) -> tuple[Watch, str | None]:
        """After an evaluation: what is remembered, and what is wrong if the score has been level for too long."""
        if math.isfinite(score) and (self.best is None or score > self.best + settings.least_gain):
            return replace(self, best=score, since=0), None
        since = self.since + 1
        if since < settings.patience:
            return replace(self, since=since), None
        factor = self.lr_factor * (_LOWERED if settings.plateau == "lower_lr" else 1.0)
        best = "none was finite" if self.best is None else f"best {self.best:.4g}"
        trouble = f"the primary metric has not risen by {settings.least_gain:g} in {since} evaluations ({best})"
        return replace(self, since=0, lr_factor=factor, ended=settings.plateau == "stop"), trouble


def bad_input(batch: Any) -> str | None:
    """What is wrong with a batch, a dataclass of tensors: a number that is not finite."""
    for name, tensor in tensors_of(batch).items():
        if not tensor.is_floating_point() or torch.isfinite(tensor.sum()):
            continue
        rows = (~torch.isfinite(tensor).reshape(len(tensor), -1).all(dim=1)).nonzero().flatten().tolist()
        if rows:
            return f"{name} of {len(rows)} of {len(tensor)} samples are not finite, such as sample {rows[0]}"
    return None


def bad_numbers(losses: Mapping[str, float], gradient_norm: float) -> str | None:
    """What is wrong with losses by name, and with the norm of all gradients."""
    wrong = [name for name, loss in losses.items() if not math.isfinite(loss)]
    if wrong:
        return f"{', '.join(f'{name} = {losses[name]}' for name in wrong)}"
    return None if math.isfinite(gradient_norm) else f"the gradients' norm is {gradient_norm}"


def unlikely_first_losses(losses: Mapping[str, float], expected: Mapping[str, tuple[float, float]]) -> str | None:
    """Which loss before the first step lies outside of where theory puts it: least and most, by name."""
    for name, (least, most) in expected.items():
        if not least <= losses[name] <= most:
            return f"{name} begins at {losses[name]:.4g}; theory puts it between {least:.4g} and {most:.4g}"
    return None


def constant_output(embeddings: torch.Tensor) -> str | None:
    """Are embeddings (N, D) of different frames all the same, to a thousandth of their size?"""
    spread = (embeddings - embeddings.mean(dim=0)).square().mean().sqrt()
    size = embeddings.square().mean().sqrt()
    if spread <= _CONSTANT_SHARE * size:
        return f"{len(embeddings)} frames have the same embedding: deviation {spread:.2g}, size {size:.2g}"
    return None


_ADVICE: Mapping[Kind, str] = {
    "bad_batch": "look at these frames, `sim data check` names faulty ones; or set guards.bad_batch=skip",
    "not_finite": "lower loop.lr, or switch loop.bf16 off",
    "first_losses": "images, actions or labels are not what the model expects",
    "constant_output": "the model has collapsed: raise the weight of its regulariser",
    "plateau": "train with fewer steps or another learning rate",
}


def report(run: Run, kind: Kind, trouble: str, step: int, action: str, batch: Any) -> None:
    """Notes trouble in the run, keeps the batch of the step, and warns or stops.

    Raises:
        StoppedError: `action` is stop.
    """
    path = keep_batch(run, kind, trouble, step, batch)
    run.event("guard", guard=kind, trouble=trouble, step=step, action=action, batch=path.name if path else None)
    kept = f" (batch in {path})" if path else ""
    said = f"{kind.replace('_', ' ')} at step {step}: {trouble}{kept}"
    if action == "stop":
        raise StoppedError(f"{said}; {_ADVICE[kind]}")
    warnings.warn(f"{said}; {action}", stacklevel=2)


def keep_batch(run: Run, kind: Kind, trouble: str, step: int, batch: Any) -> Path | None:
    """Saves a batch in the run's folder, unless some of this kind are there already."""
    folder = run.folder / BATCHES
    if len(list(folder.glob(f"*-{kind}.safetensors"))) >= _MOST_KEPT:
        return None
    folder.mkdir(exist_ok=True)
    path = folder / f"{step:09d}-{kind}.safetensors"
    save_tensors(path, tensors_of(batch), {"kind": kind, "trouble": trouble, "step": step})
    run.artifact(path)
    return path


def tensors_of(batch: Any) -> dict[str, torch.Tensor]:
    """The tensors of a batch, a dataclass, by name."""
    return {part.name: getattr(batch, part.name) for part in fields(batch)}
