"""The table of planning: every player on the same tasks, in pieces that are kept, with intervals over homes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from datagen.benchmark_set import BenchmarkSet, load_set
from datagen.reader import open_dataset
from datagen.store import home_hash
from datagen.store.about import ABOUT
from scenes.errors import HomeError
from scenes.files import write_whole
from sim.camera import Floats
from train.config import Settings
from train.dreams.agent import Agent
from train.dreams.cem import CEMSettings
from train.dreams.play import Played, Player, PlaySettings, play
from train.dreams.players import CEMPlayer, FreeCEMPlayer, GreedyPlayer, OraclePlayer, RandomPlayer
from train.dreams.tasks import Stage, Task, TaskSettings, digest_of, draw_tasks
from train.dreams.world import World

PIECES = "pieces"


class PlanSettings(Settings):
    """All settings of the table.

    Attributes:
        tasks: which.
        play: how long, and how homes are shown.
        cem: how plans are searched for.
        gamma: what a reward one move later is worth, in the return.
        renderer: what shows the homes.
        seed: of what players draw.
    """

    tasks: TaskSettings = TaskSettings()
    play: PlaySettings = PlaySettings()
    cem: CEMSettings = CEMSettings()
    gamma: float = 0.9
    renderer: str = "auto"
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """What all players came to. `played`: by player, in the order of the tasks."""

    settings: PlanSettings
    world: World
    agent: Agent | None
    tasks: list[Task]
    played: Mapping[str, list[Played]]


def run_planning(
    world: World,
    agent: Agent | None,
    settings: PlanSettings,
    folder: Path,
    progress: Callable[[], None] = lambda: None,
) -> Result:
    """Lets all players play all tasks; what is in the folder already is not played again. `progress`: per game.

    Raises:
        HomeError: the world model learned from a home of the set; the agent has other actions; the folder holds games
            of others.
    """
    benchmark = load_set(settings.tasks.benchmark)
    refuse_known_homes(world, benchmark)
    if agent is not None and agent.modulation != settings.play.modulation:
        raise HomeError(
            f"the agent's actions have a modulation of {agent.modulation:g}, the tasks' {settings.play.modulation:g}; "
            f"set play.modulation={agent.modulation:g}"
        )
    tasks = draw_tasks(settings.tasks)
    players = players_of(world, agent, settings)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / PIECES).mkdir(exist_ok=True)
    games: dict[tuple[str, int], Played] = {}
    for home in benchmark.homes:
        here = [number for number, task in enumerate(tasks) if task.home == home]
        with _Home(str(benchmark.homes[home]), benchmark.mounts(home), settings) as shown:
            for player in players:
                key = _key(world, agent, settings, tasks, player)
                for number in here:
                    piece = _Piece(folder / PIECES / f"{_file_name(player)}-{number:05d}.json", key)
                    played = piece.read()
                    if played is None:
                        stage, mount = shown.stage(tasks[number].mount)
                        seed = [settings.seed, number]
                        played = play(world, stage, mount, tasks[number], player, settings.play, seed)
                        piece.write(played)
                    games[player.name, number] = played
                    progress()
    of_all = {player.name: [games[player.name, number] for number in range(len(tasks))] for player in players}
    return Result(settings, world, agent, tasks, of_all)


def players_of(world: World, agent: Agent | None, settings: PlanSettings) -> list[Player]:
    """All players, the worst expected first."""
    players: list[Player] = [RandomPlayer(), GreedyPlayer(world)]
    players += [CEMPlayer(world, settings.cem), FreeCEMPlayer(world, settings.cem)]
    return [*players, *([agent] if agent else []), OraclePlayer()]


def refuse_known_homes(world: World, benchmark: BenchmarkSet) -> None:
    """Refuses a world model that learned from a home of the set, where its dataset is still there to be asked.

    Raises:
        HomeError: names the home.
    """
    if not (Path(world.dataset) / ABOUT).exists():
        return
    known = {digest: name for name, digest in open_dataset(world.dataset).about["homes"].items()}
    for home, path in benchmark.homes.items():
        if home_hash(path) in known:
            raise HomeError(
                f"the world model learned from {known[home_hash(path)]!r}, which is {home!r} of {benchmark.name}: "
                "nothing would be said about new homes; train on others"
            )


class _Home:
    """A home that opens when the first game in it is played."""

    def __init__(self, path: str, mounts: Sequence[Floats], settings: PlanSettings) -> None:
        self._path, self._mounts, self._settings = path, mounts, settings
        self._stage: Stage | None = None

    def __enter__(self) -> _Home:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stage is not None:
            self._stage.__exit__()

    def stage(self, mount: int) -> tuple[Stage, Floats]:
        """The stage, and a camera's mount (4, 4)."""
        if self._stage is None:
            self._stage = Stage(self._path, self._settings.renderer)
        return self._stage, self._mounts[mount]


@dataclass(frozen=True)
class _Piece:
    """A game that is kept. `key`: a hash of what it depends on."""

    path: Path
    key: str

    def read(self) -> Played | None:
        """The game, if it was played.

        Raises:
            HomeError: the file holds another one.
        """
        if not self.path.exists():
            return None
        said = json.loads(self.path.read_bytes())
        if said["key"] != self.key:
            raise HomeError(f"{self.path} holds a game of another model, player or task; name a new folder")
        return Played.from_json(said["played"])

    def write(self, played: Played) -> None:
        """Keeps a game."""
        write_whole(self.path, json.dumps({"key": self.key, "played": played.to_json()}).encode())


def _file_name(player: Player) -> str:
    return player.name.replace(", ", "-").replace(" ", "-")


def _key(world: World, agent: Agent | None, settings: PlanSettings, tasks: list[Task], player: Player) -> str:
    """A hash of what a player's games depend on."""
    said = [player.name, world.digest, digest_of(tasks), settings.play.model_dump(), settings.seed]
    if player.name.startswith("cem"):
        said.append(settings.cem.model_dump())
    if agent is not None and player.name == agent.name:
        said.append({name: float(weights.double().sum()) for name, weights in agent.network.state_dict().items()})
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()
