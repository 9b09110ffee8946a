"""One policy of the closed-loop table: trained, judged offline, driven; resumed where it was."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scenes.files import write_whole
from train.ablation.driving_data import dataset_folder, make_sets
from train.ablation.driving_settings import DrivingSettings, Row

if TYPE_CHECKING:
    from train.baselines.config import BaselineConfig
    from train.driving.look import Look
    from train.driving.policies import Driver
    from train.driving.sets import DriveSet
    from train.runs import Run

KIND = "table-driving"
DRIVEN = "driven.json"
_LOOK_SEED = 10_007
"""Of the paint that policies drive in: no dataset has it."""
RULES = ("drawn", "likeliest")
"""How a policy gives commands: as it finds them likely, or always the likeliest."""


@dataclass(frozen=True)
class DrivingCell:
    """A policy to be made and driven: which, how, and the folder of the table."""

    row: Row
    settings: DrivingSettings
    folder: Path


def run_driving_cell(cell: DrivingCell) -> Path:
    """Makes and drives a policy, or goes on with it; the folder of its run.

    Raises:
        HomeError: a dataset is not what it was, or a guard stopped the training.
    """
    from train.baselines.training import build, prepare, train_baseline

    row = cell.row
    data = dataset_folder(cell.folder, row.expert, row.looks)
    config = _config(row, cell.settings)
    lesson = prepare(data, config)
    run = _begin(cell, config, str(data), lesson.train.frames.dataset_hash)
    if isinstance(run, Path):
        return run
    with run:
        trained = train_baseline(lesson, build(lesson), run)
        scores = trained.judged.scores
        said = {
            "row": row.model_dump(mode="json"),
            "frames": len(lesson.train.members),
            "offline": {"accuracy": scores.accuracy, "macro_f1": scores.macro_f1},
            **drive_policy(trained.policy, cell, run.folder / "driving"),
        }
        path = run.folder / DRIVEN
        write_whole(path, json.dumps(said, indent=1).encode())
        run.artifact(path)
    return run.folder


def _config(row: Row, settings: DrivingSettings) -> BaselineConfig:
    from train.baselines.config import (
        AugmentSettings,
        BaselineConfig,
        DataSettings,
        InputSettings,
        NetworkSettings,
    )
    from train.loop import LoopSettings
    from train.preprocess import Preprocessing

    steps = settings.steps if row.network == "small" else settings.resnet_steps
    return BaselineConfig(
        preprocessing=Preprocessing(
            channels=("rgb", "depth") if row.depth else ("rgb",), size=(settings.px, settings.px)
        ),
        network=NetworkSettings(name=row.network),
        inputs=InputSettings(previous_command=row.history, history_dropout=row.history_dropout),
        augment=AugmentSettings(mirror=row.mirror, jitter=settings.jitter),
        data=DataSettings(split=row.split),
        loop=LoopSettings(
            steps=steps,
            batch=settings.batch,
            lr=settings.lr,
            weight_decay=0.05,
            bf16=True,
            evaluate_every=steps,
            checkpoint_every=steps,
            device="cpu",
        ),
        seed=row.seed,
    )


def _begin(cell: DrivingCell, config: BaselineConfig, data: str, content_hash: str) -> Run | Path:
    """The run of a cell: a new one, the one that was stopped, or the folder of the one that is finished."""
    from train.runs import RunStore

    store, said = RunStore(cell.folder / "runs"), config.model_dump(mode="json")
    same = [
        info
        for info in store.all()
        if (info.kind, info.name, dict(info.config)) == (KIND, cell.row.name, said)
        and list(info.datasets.values()) == [content_hash]
    ]
    if same:
        return same[-1].folder if same[-1].state == "finished" else store.reopen(same[-1].id)
    return store.begin(KIND, cell.row.name, config, datasets={data: content_hash}, seeds={"seed": config.seed})


def drive_policy(policy: Path, cell: DrivingCell, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Lets the policy of a file drive all sets in both looks, by each of `RULES`; what came of each drive."""
    from train.baselines.driving import driver_of, look_of
    from train.baselines.policy import load_policy

    look = look_of(load_policy(policy))
    drivers = {rule: driver_of(policy, policy.parent.name, draws=rule == "drawn") for rule in RULES}
    return {rule: drive(driver, look, cell.settings, cell.folder, folder / rule) for rule, driver in drivers.items()}


def drive(driver: Driver, look: Look, settings: DrivingSettings, table: Path, folder: Path) -> list[dict[str, Any]]:
    """What came of each drive, kept in `folder`: home, look, ending and measures. `table`: the table's folder."""
    from train.driving.drive import PATIENCE
    from train.driving.pieces import make_pieces, pieces_of

    records = []
    for name, (sets, shown) in _looks(look, settings, table).items():
        pieces = pieces_of(driver, sets, shown, PATIENCE, folder / name)
        make_pieces(pieces, 1)
        for piece in pieces:
            records += [
                {
                    "look": name,
                    "home": Path(piece.drive_set.home).stem,
                    "ending": one.ending.value,
                    "actions": len(one.action),
                    "right": float((one.action == one.right).mean()),
                    **one.measures,
                }
                for one in piece.read() or []
            ]
    return records


def _looks(look: Look, settings: DrivingSettings, table: Path) -> dict[str, tuple[list[DriveSet], Look]]:
    """Which drives in which look: the first half of each set as drawn, the second painted."""
    from train.driving.look import Look

    painted = Look.model_validate(look.model_dump() | {"randomise": settings.painted, "seed": _LOOK_SEED})
    whole = list(zip(make_sets(table), settings.drives, strict=True))
    first = [replace(one, name=f"{one.name}-first", episodes=one.episodes[: count // 2]) for one, count in whole]
    rest = [replace(one, name=f"{one.name}-rest", episodes=one.episodes[count // 2 : count]) for one, count in whole]
    return {"as drawn": (first, look), "painted": (rest, painted)}
