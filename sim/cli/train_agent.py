"""`sim train agent` and `sim train plan`: acting inside a world model."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

_Change = Annotated[list[str] | None, typer.Option("--set", help="A setting, such as q.gamma=0.8; may be repeated.")]


def agent(
    model: Annotated[Path, typer.Option(help="The world model: folder of its run, or a checkpoint.")],
    data: Annotated[Path, typer.Option(help="Folder of the dataset that dreams begin in; PTZ cameras.")],
    recipe: Annotated[str, typer.Option(help="agent, or a .yaml file.")] = "agent",
    change: _Change = None,
    runs: Annotated[Path, typer.Option(help="Folder of the runs.")] = Path("runs"),
) -> None:
    """Train an agent over the 21 PTZ actions on the dreams of a world model (docs/dreams.md)."""
    from train.config import resolve
    from train.data import load_frames
    from train.dreams.training import KIND, AgentSettings, train_agent
    from train.dreams.world import load_world
    from train.runs import RunStore

    settings, world = resolve(AgentSettings, recipe, change or []), load_world(model)
    frames, judged = (
        load_frames(data, world.preprocessing, split=settings.split, part=part)
        for part in (settings.part, settings.judged_part or settings.part)
    )
    run = RunStore(runs).begin(
        KIND, KIND, settings, datasets={str(data): frames.dataset_hash}, seeds={"seed": settings.seed}
    )
    print(f"run {run.id}: dreams of world model {world.run} from {len(frames):,} frames", flush=True)
    with run:
        learned = train_agent(world, frames, judged, settings, run)
    for name, value in learned.figures.items():
        print(f"  {name.replace('_', ' ')}: {value:.3g}")
    print(f"agent: {run.folder}")


def plan(
    model: Annotated[Path, typer.Option(help="The world model: folder of its run, or a checkpoint.")],
    out: Annotated[Path, typer.Option(help="Folder of games and tables; what is there is not played again.")],
    agent: Annotated[
        Path | None, typer.Option(help="An agent to play as well: folder of its run, or its file.")
    ] = None,
    tasks: Annotated[int | None, typer.Option(min=1, help="How many tasks, in all homes together.")] = None,
    recipe: Annotated[str, typer.Option(help="plan, plan-small, or a .yaml file.")] = "plan",
    change: _Change = None,
) -> None:
    """Reach goal views with a PTZ camera in homes that nobody has seen: plans, the agent, and what bounds them."""
    from sim.cli.progress import progress
    from train.config import resolve
    from train.dreams.agent import load_agent
    from train.dreams.planning import PlanSettings, players_of, run_planning
    from train.dreams.tables import write_tables
    from train.dreams.training import AGENT_FILE
    from train.dreams.world import load_world

    counted = [f"tasks.count={tasks}"] if tasks is not None else []
    settings, world = resolve(PlanSettings, recipe, [*(change or []), *counted]), load_world(model)
    file = agent / AGENT_FILE if agent is not None and agent.is_dir() else agent
    acting = None if file is None else load_agent(file, world=world.digest)
    with progress("games", settings.tasks.count * len(players_of(world, acting, settings))) as step:
        result = run_planning(world, acting, settings, out, step)
    print(write_tables(result, out))
