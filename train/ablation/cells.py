"""One cell of an experiment: one arm, one seed, trained and judged; resumed where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scenes.files import write_whole
from train.ablation.settings import ARMS, DepthSettings
from train.config import Settings
from train.models.config import ModelConfig
from train.preprocess import Preprocessing

if TYPE_CHECKING:
    from train.data import Frames
    from train.runs import Run, RunStore

KIND = "ablation-depth"
JUDGED = "judged.json"
_PRIMARY = "val_skill"


class CellSettings(Settings):
    """All that a cell depends on besides its datasets.

    Attributes:
        arm, seed: which cell.
        preprocessing: what networks see.
        model: which.
        steps, batch, lr, bf16: how it is trained.
        horizons: how many steps ahead are judged.
    """

    arm: str
    seed: int
    preprocessing: Preprocessing
    model: ModelConfig
    steps: int
    batch: int
    lr: float
    bf16: bool
    horizons: int


@dataclass(frozen=True)
class Cell:
    """A cell to be run: its settings, the datasets that it is trained and judged on, the folder of its runs."""

    settings: CellSettings
    train: Path
    test: Path
    runs: Path


def cells_of(settings: DepthSettings, train: Path, test: Path, runs: Path) -> list[Cell]:
    """All cells; seeds outside and arms inside, so that a table of one seed is complete before the next begins."""
    return [
        Cell(
            CellSettings(
                arm=arm,
                seed=seed,
                preprocessing=Preprocessing(channels=channels, size=(settings.size, settings.size)),
                model=settings.model,
                steps=settings.steps,
                batch=settings.batch,
                lr=settings.lr,
                bf16=settings.bf16,
                horizons=settings.horizons,
            ),
            train,
            test,
            runs,
        )
        for seed in settings.seeds
        for arm, channels in ARMS.items()
    ]


def run_cell(cell: Cell) -> Path:
    """Trains and judges a cell, or goes on with it; the folder of its run.

    Raises:
        HomeError: a dataset is not what it was, or a guard stopped the training.
    """
    from train.ablation.data import SPLIT
    from train.data import load_frames, refuse_shared_homes

    settings = cell.settings
    frames, val = (
        load_frames(cell.train, settings.preprocessing, split=SPLIT, part=part, seed=settings.seed)
        for part in ("train", "val")
    )
    test = load_frames(cell.test, settings.preprocessing, seed=settings.seed)
    for known in (frames, val):
        refuse_shared_homes(known, test)
    run = _begin(cell, frames, test)
    if isinstance(run, Path):
        return run
    with run:
        _fit_and_judge(settings, frames, val, test, run)
    return run.folder


def _begin(cell: Cell, train: Frames, test: Frames) -> Run | Path:
    """The run of a cell: a new one, the one that was stopped, or the folder of the one that is finished."""
    from train.runs import RunStore

    store = RunStore(cell.runs)
    datasets = {str(cell.train): train.dataset_hash, str(cell.test): test.dataset_hash}
    known = _known(store, cell.settings, datasets)
    if known is not None:
        info = store.get(known)
        return info.folder if info.state == "finished" else store.reopen(known)
    settings = cell.settings
    return store.begin(
        KIND, f"{settings.arm}-{settings.seed}", settings, datasets=datasets, seeds={"seed": settings.seed}
    )


def _known(store: RunStore, settings: CellSettings, datasets: dict[str, str]) -> str | None:
    """The last run of exactly this cell."""
    config, content = settings.model_dump(mode="json"), sorted(datasets.values())
    same = [
        info.id
        for info in store.all()
        if info.kind == KIND and dict(info.config) == config and sorted(info.datasets.values()) == content
    ]
    return same[-1] if same else None


def _fit_and_judge(settings: CellSettings, frames: Frames, val: Frames, test: Frames, run: Run) -> None:
    from train.ablation.judge import judge
    from train.data import Sampler
    from train.evaluate.collapse import judge_collapse
    from train.evaluate.embeddings import embed
    from train.evaluate.rollout import headline, roll
    from train.loop import LoopSettings, fit
    from train.models.config import build
    from train.models.latent import LatentWorldModel

    shapes = settings.preprocessing.planes, settings.preprocessing.size, frames.state.shape[1], frames.action.shape[1]
    model = build(settings.model, *shapes, settings.seed)
    assert isinstance(model, LatentWorldModel)
    model.preprocessing = settings.preprocessing
    windows = frames.windows(model.window)

    def evaluate(_model: object, _step: int) -> dict[str, float]:
        """On the validation homes: what may be looked at while things are decided."""
        rng = np.random.default_rng([settings.seed, 1])
        latents = embed(model, val, np.arange(len(val)))
        rolled = roll(model.rollout, model.config.history, val, latents, rng, steps=settings.horizons)
        skills = [score.skill.value for score in headline(rolled, latents.mean(axis=0), rng)]
        return {_PRIMARY: float(np.mean(skills)), "val_rankme": judge_collapse(latents).rankme}

    loop = LoopSettings(
        steps=settings.steps,
        batch=settings.batch,
        lr=settings.lr,
        bf16=settings.bf16,
        evaluate_every=settings.steps,
        checkpoint_every=max(1, settings.steps // 4),
        device="cpu",
    )
    sampler = Sampler(frames, windows, settings.batch, settings.seed)
    fit(
        model,
        sampler,
        loop,
        run,
        seed=settings.seed,
        primary=_PRIMARY,
        evaluate=evaluate,
        facts={"settings": settings.model_dump(mode="json")},
    )
    judged = judge(model, frames, test, settings.horizons, np.random.default_rng([settings.seed, 2]))
    path = run.folder / JUDGED
    write_whole(path, json.dumps(judged.to_json(), indent=1).encode())
    run.artifact(path)
