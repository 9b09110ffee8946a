"""The loop: collect, learn a world model, dream, learn to act, and collect again; killed anywhere, it goes on.

Each stage leaves one file or dataset, whole or not at all. `life.json` names those that are done with their hashes,
which depend on the settings alone.
"""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from datagen.config import home_names
from datagen.store import home_hash
from datagen.store.about import ABOUT, read_about
from datagen.store.frozen import refuse_homes
from datagen.store.schema import Json
from scenes.errors import HomeError
from scenes.files import plain_errors, write_whole
from scenes.library import find_home
from train.checkpoints import load_tensors, save_tensors
from train.config import Settings, changes
from train.data import Frames, load_frames
from train.dreams.agent import load_agent, save_agent
from train.dreams.training import AGENT_FILE, DREAMS_FILE, train_agent
from train.dreams.world import load_world
from train.evaluate.evaluation import can_roll
from train.lifelong.collect import Actor, collect
from train.lifelong.curve import judge_home, novelty, write_curve
from train.lifelong.frames import Rehearsal, joined
from train.lifelong.settings import LifeSettings
from train.loop import fit
from train.models.config import build
from train.motion import PTZ
from train.resume import MODEL
from train.runs import Run, RunInfo, RunStore
from train.world_model import KIND, MODEL_FILE, load_world_model

LIFE = "life.json"
WORLD, AGENT = "lifelong-world", "lifelong-agent"
"""Kinds of runs."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Life:
    """A life in a folder; `begin_life` makes one.

    Attributes:
        folder: of all its results and runs.
        homes: bundled names or files, by their names; generation g lives in the g-th, and after the last in the first.
        settings: all others.
        results: hashes by stage, in the order in which they were made.
        tell: is told which stage begins.
        allow: what may differ from the environment in which a half-made dataset began.
    """

    folder: Path
    homes: Mapping[str, str]
    settings: LifeSettings
    results: dict[str, str] = field(default_factory=dict)
    tell: Tell = print
    allow: Sequence[str] = ()

    @property
    def store(self) -> RunStore:
        """Its runs."""
        return RunStore(self.folder / "runs")

    def live(self, generations: int) -> None:
        """Does what is missing of so many generations.

        Raises:
            HomeError: a result is not what it was, or a stage cannot be done.
            KeyboardInterrupt: stopped; to be called again.
        """
        for stage, found in self.results.items():
            if digest_of(self.folder / stage) != found:
                raise HomeError(f"{self.folder / stage} is not what this life made; restore it, or begin another life")
        for name in self.homes:
            self._stage(_exam(name), partial(self._examine, name))
        for number in range(1, generations + 1):
            self._stage(_part(number, "data"), partial(self._collect, number))
            self._stage(_part(number, MODEL_FILE), partial(self._learn, number))
            self._stage(_part(number, AGENT_FILE), partial(self._dream, number))
            self._stage(_part(number, "judged.json"), partial(self._judge, number))
            self.show(number)

    def home_of(self, number: int) -> str:
        """The name of the home that a generation, from 1, lives in."""
        return list(self.homes)[(number - 1) % len(self.homes)]

    def show(self, generations: int) -> None:
        """Writes the curve of so many generations."""
        judged = [json.loads((self.folder / _part(n + 1, "judged.json")).read_bytes()) for n in range(generations)]
        write_curve(self.folder, list(self.homes), [self.home_of(n + 1) for n in range(generations)], judged)

    def _stage(self, stage: str, make: Callable[[Path], None]) -> None:
        """Does a stage unless it is done, and notes it."""
        if stage in self.results:
            return
        self.tell(stage)
        path = self.folder / stage
        with plain_errors(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        make(path)
        self.results[stage] = digest_of(path)
        self.note()

    def identity(self) -> dict[str, Json]:
        """What the results depend on, as JSON: homes by the hashes of their files, and settings."""
        homes = {name: home_hash(find_home(home)) for name, home in self.homes.items()}
        return {"homes": homes, "settings": self.settings.model_dump(mode="json")}

    def note(self) -> None:
        """Writes what is done."""
        said = {**self.identity(), "results": self.results}
        with plain_errors(self.folder):
            write_whole(self.folder / LIFE, json.dumps(said, indent=1, ensure_ascii=False).encode())

    def _frames(self, stage: str) -> Frames:
        return load_frames(self.folder / stage, self.settings.preprocessing, dataset_hash=self.results[stage])

    def _lived(self, number: int) -> list[Frames]:
        """What was collected by the end of a generation."""
        return [self._frames(_part(n, "data")) for n in range(1, number + 1)]

    def _datasets(self, number: int) -> dict[str, str]:
        """Their content hashes by stage, the newest first."""
        return {stage: self.results[stage] for stage in (_part(n, "data") for n in range(number, 0, -1))}

    def _examine(self, home: str, path: Path) -> None:
        """What all generations are judged by in a home: cameras that move at random."""
        collect(self.settings.data(self.homes[home], exam=True), path, None, {"generation": 0}, self.allow)

    def _collect(self, number: int, path: Path) -> None:
        """The newest agent acts in a home; before there is one, chance."""
        config, told = self.settings.data(self.homes[self.home_of(number)], exam=False), {"generation": number}
        if number == 1:
            collect(config, path, None, told, self.allow)
            return
        world = load_world(self.folder / _part(number - 1, MODEL_FILE))
        stage = _part(number - 1, AGENT_FILE)
        agent = load_agent(self.folder / stage, world=world.digest)
        actor = Actor(world, agent, joined(self._lived(number - 1)), self.settings.collect.epsilon)
        origin = {"agent": self.results[stage], "epsilon": actor.epsilon}
        collect(config, path, actor, told | origin, self.allow)

    def _learn(self, number: int, path: Path) -> None:
        """Trains the parent's world model on, on old and new data."""
        lived, settings = self._lived(number), self.settings.world(number)
        seen = settings.preprocessing
        if number == 1:
            model = build(settings.model, seen.planes, seen.size, PTZ.state_dim, PTZ.action_dim, settings.seed)
            model.preprocessing = seen
        else:
            model = load_world_model(self.folder / _part(number - 1, MODEL_FILE))
        facts = {"kind": KIND, "settings": settings.model_dump(mode="json"), "motion": "ptz"}
        loop, share = settings.loop, self.settings.rehearsal
        sampler = Rehearsal.of(lived, model.window, loop.batch, share, settings.seed)
        parents = self._run_of(WORLD, number - 1), self._run_of(AGENT, number - 1)
        with self._run(WORLD, number, settings, *parents) as run:
            if run is not None:
                fit(model, sampler, loop, run, seed=settings.seed, primary="skill", facts=facts)
        latest = self._finished(WORLD, number).checkpoints.latest()
        assert latest is not None
        tensors, meta = load_tensors(latest)
        weights = {name: tensor for name, tensor in tensors.items() if name.startswith(MODEL)}
        # neither the run's id, which has a time, nor paths: the same life has the same bytes anywhere
        origin = {"run": _name(WORLD, number), "datasets": self._datasets(number), "step": meta["step"]}
        save_tensors(path, weights, {**facts, **origin})

    def _dream(self, number: int, path: Path) -> None:
        """Dreams from all frames so far, and learns an agent from the dreams."""
        stage, settings = _part(number, MODEL_FILE), self.settings.agent(number)
        world = load_world(self.folder / stage)
        homes = dict.fromkeys(self.home_of(n) for n in range(1, number + 1))
        parents = self._run_of(AGENT, number - 1), self._run_of(WORLD, number)
        with self._run(AGENT, number, settings, *parents) as run:
            if run is not None:
                exams = joined([self._frames(_exam(home)) for home in homes])
                train_agent(world, joined(self._lived(number)), exams, settings, run)
        made = self._finished(AGENT, number).folder
        agent = load_agent(made / AGENT_FILE, world=world.digest)
        facts = agent.facts | {"run": _name(AGENT, number), "dreams": digest_of(made / DREAMS_FILE)}
        save_agent(path, dataclasses.replace(agent, facts=facts))

    def _judge(self, number: int, path: Path) -> None:
        """What the generation's model is worth in each home, lived in or not, and its parent's agent."""
        model = load_world_model(self.folder / _part(number, MODEL_FILE))
        assert can_roll(model)
        rng = np.random.default_rng([self.settings.seed, number])
        said: Json = {"homes": {home: judge_home(model, self._frames(_exam(home)), rng) for home in self.homes}}
        if number > 1:
            parent = load_world(self.folder / _part(number - 1, MODEL_FILE))
            by_agent, by_chance = (
                self._frames(stage) for stage in (_part(number, "data"), _exam(self.home_of(number)))
            )
            said["novelty"] = novelty(parent, by_agent, by_chance)
        write_whole(path, json.dumps(said, indent=1, ensure_ascii=False, allow_nan=False).encode())

    @contextmanager
    def _run(
        self, kind: str, number: int, settings: Settings, parent: str | None, inputs: str | None
    ) -> Iterator[Run | None]:
        """The run of a stage: begun, or gone on with if it was cut off; None if it is finished."""
        known = self._info(kind, number)
        if known is not None and known.state == "finished":
            yield None
            return
        run = self.store.reopen(known.id) if known is not None else self.store.begin(
            kind,
            _name(kind, number),
            settings,
            datasets={str(self.folder / stage): found for stage, found in self._datasets(number).items()},
            seeds={"seed": self.settings.seed + number},
            parent=parent,
            inputs=[inputs] if inputs else [],
        )  # fmt: skip
        with run:
            yield run

    def _info(self, kind: str, number: int) -> RunInfo | None:
        return next((info for info in self.store.all() if info.name == _name(kind, number)), None)

    def _run_of(self, kind: str, number: int) -> str | None:
        info = self._info(kind, number)
        return info.id if info else None

    def _finished(self, kind: str, number: int) -> RunInfo:
        info = self._info(kind, number)
        assert info is not None
        return info


@contextmanager
def open_life(
    folder: Path, homes: Sequence[str], settings: LifeSettings, *, tell: Tell = print, allow: Sequence[str] = ()
) -> Iterator[Life]:
    """Begins a life in a new folder, or opens the one that is there, for this process alone.

    Raises:
        HomeError: another life is there, or another process lives it; a home is not there, or one of a benchmark set,
            or two are called alike.
    """
    life = Life(folder, dict(zip(home_names(tuple(homes)), homes, strict=True)), settings, {}, tell, allow)
    refuse_homes(life.identity()["homes"], {})
    with plain_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / ".lock", os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.lockf(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise HomeError(f"{folder}: another process lives there; wait for it, or name another folder") from error
        life.results.update(_read(life))
        yield life
    finally:
        os.close(lock)


def _read(life: Life) -> dict[str, str]:
    """What is done of a life.

    Raises:
        HomeError: another one is there, or the file cannot be read.
    """
    path = life.folder / LIFE
    if not path.exists():
        return {}
    try:
        said = json.loads(path.read_bytes())
        before, results = {name: said[name] for name in ("homes", "settings")}, dict(said["results"])
    except (ValueError, KeyError, TypeError) as error:
        raise HomeError(f"{path} cannot be read; restore it from a copy, or begin another life") from error
    if differs := changes(before, life.identity()):
        told = ", ".join(f"{key} {old} there, {new} asked for" for key, (old, new) in differs.items())
        raise HomeError(f"{life.folder} holds another life ({told}); name a new folder")
    return results


def digest_of(path: Path) -> str:
    """The content hash of a dataset, the sha256 of a file, "" of neither."""
    if (path / ABOUT).exists():
        return str(read_about(path).get("content_hash", ""))
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _exam(home: str) -> str:
    return f"exam/{home}"


def _part(number: int, what: str) -> str:
    return f"generations/{number:03d}/{what}"


def _name(kind: str, number: int) -> str:
    return f"{kind}-{number:03d}"
