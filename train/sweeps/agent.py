"""An agent: takes one trial after the other from a sweep's folder, runs it, and stores what came out.

Any number of them work on one sweep; they know of each other through its folder only.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from scenes.errors import HomeError
from train.sweeps.command import args_json, command_line
from train.sweeps.config import Sweep
from train.sweeps.distributions import Value
from train.sweeps.hyperband import should_stop
from train.sweeps.interrupts import Interrupts
from train.sweeps.program import Program, trial_environment
from train.sweeps.reports import ReportReader, Reports
from train.sweeps.search import State, Trial, suggest, target_reached, trial_settings
from train.sweeps.store import Claim, SweepStore, may_retry

Ending: TypeAlias = Literal["over", "counted", "interrupted"]
"""`over`: nothing is left to do, or the user stopped the sweep; `counted`: the agent did its number of trials."""

BEAT_S = 5.0
MOST_FAILURES = 3
"""Trials that may fail, one after the other, before an agent that has seen none succeed gives up."""

_FIRST_POLL_S, _POLL_S = 0.02, 0.5
_TAIL_LINES = 5


@dataclass(frozen=True)
class Limits:
    """When an agent stops although trials are left.

    Attributes:
        count: trials that it runs itself.
        until: trials that the sweep has in all.
    """

    count: int | None = None
    until: int | None = None


def run_agent(store: SweepStore, limits: Limits, say: Callable[[str], None]) -> Ending:
    """Runs trials until none is left, a limit is reached, or it is interrupted.

    Interrupted once, it finishes its trial; twice, it ends the trial's program and gives the trial back.

    Raises:
        HomeError: all of the first trials fail, or the sweep's folder is damaged.
    """
    _command(store, {}, Path())  # an environment variable that it needs is missed before a trial is claimed
    done = failures = succeeded = 0
    with Interrupts() as interrupts:
        while limits.count is None or done < limits.count:
            claim = _next(store, limits.until, interrupts, say)
            if interrupts.count:
                if claim is not None:
                    claim.end("killed", Reports(), 0.0, None)
                return "interrupted"
            if claim is None:
                return "over"
            state = _Attempt(store, claim, interrupts, say).run()
            done += 1
            if state == "failed":
                failures += 1
            succeeded += state in {"finished", "stopped"}
            if failures >= MOST_FAILURES and not succeeded:
                raise HomeError(f"all of the first {failures} trials failed; see {claim.folder / 'output.log'}")
            if interrupts.count:
                return "interrupted"
    return "counted"


def is_left(store: SweepStore, until: int | None) -> bool:
    """Is there a trial for an agent to take?"""
    trials = store.trials()
    if store.order != "run" or target_reached(store.sweep.file.metric, trials):
        return False
    return _which(store.sweep, trials, until) is not None


def _next(store: SweepStore, until: int | None, interrupts: Interrupts, say: Callable[[str], None]) -> Claim | None:
    """The next trial, waiting while the sweep is paused; None if there is none, or the agent was interrupted."""
    sweep, told = store.sweep, False
    while not interrupts.count:
        order = store.order
        if order in {"stop", "cancel"}:
            return None
        if order == "pause":
            if not told:
                say(f"sweep {store.id} is paused; `sim sweep resume {store.id}` lets it go on")
            told = True
            time.sleep(_POLL_S)
            continue
        trials = store.trials()
        if target_reached(sweep.file.metric, trials):
            return None
        which = _which(sweep, trials, until)
        if which is None:
            return None
        number, before = which
        point = before.point if before is not None else suggest(sweep, trials, number)
        claim = store.claim(number, point, trial_settings(sweep, point, number), before)
        if claim is not None:
            return claim
    return None


def _which(sweep: Sweep, trials: list[Trial], until: int | None) -> tuple[int, Trial | None] | None:
    """The number of the trial to take, and its attempt before: repetitions first, then the lowest new one."""
    for trial in trials:
        if may_retry(trial):
            return trial.number, trial
    taken = {trial.number for trial in trials}
    number = next(n for n in range(len(taken) + 1) if n not in taken)
    ends = [end for end in (sweep.most_trials, until) if end is not None]
    return (number, None) if number < min(ends, default=number + 1) else None


class _Attempt:
    """One trial that this agent runs."""

    def __init__(self, store: SweepStore, claim: Claim, interrupts: Interrupts, say: Callable[[str], None]) -> None:
        self._store, self._claim, self._interrupts, self._say = store, claim, interrupts, say
        metric = store.sweep.file.metric
        self._metrics, self._output = claim.folder / "metrics.jsonl", claim.folder / "output.log"
        self._reader = ReportReader(self._metrics, self._output, None if metric is None else metric.name)
        self._reports = Reports()
        self._judged = 0
        self._asked = 0

    def run(self) -> State:
        """Runs it and stores how it ended."""
        begin_s = time.monotonic()
        state, code = self._run()
        seconds = time.monotonic() - begin_s
        if self._claim.lost:
            self._say(f"trial {self._claim.number}: another agent took it, since this one was silent; not stored")
            return "abandoned"
        self._reports = self._reader.read()
        self._claim.end(state, self._reports, seconds, code)
        self._say(self._told(state, seconds, code))
        return state

    def _run(self) -> tuple[State, int | None]:
        json_file = self._claim.folder / "args.json"
        json_file.write_text(args_json(self._claim.settings))
        line = _command(self._store, self._claim.settings, json_file)
        try:
            program = Program(line, trial_environment(self._name, self._metrics), self._output)
        except OSError:
            return "failed", None
        return self._watch(program)

    def _watch(self, program: Program) -> tuple[State, int]:
        """Waits for its end, and brings it about if need be."""
        poll_s, beaten_s = _FIRST_POLL_S, time.monotonic()
        while (code := program.wait(poll_s)) is None:
            poll_s = min(2 * poll_s, _POLL_S)
            if time.monotonic() - beaten_s > BEAT_S:
                self._claim.beat()
                beaten_s = time.monotonic()
            state = self._verdict()
            if state is not None:
                return state, program.end()
        return "finished" if code == 0 else "failed", code

    def _verdict(self) -> State | None:
        """How it is to end now, if it is."""
        if self._interrupts.count >= 2 or self._store.order == "cancel" or self._claim.lost:
            return "killed"
        if self._interrupts.count and not self._asked:
            self._asked = self._interrupts.count
            self._say(f"trial {self._claim.number} is finished first; Ctrl-C again stops it")
        reports = self._reader.read()
        if reports != self._reports:
            self._reports = reports
            self._claim.note(reports)
        return "stopped" if self._falls_behind() else None

    def _falls_behind(self) -> bool:
        rule, metric = self._store.sweep.file.early_terminate, self._store.sweep.file.metric
        if rule is None or metric is None or len(self._reports.values) == self._judged:
            return False
        self._judged = len(self._reports.values)
        others = [trial.reports for trial in self._store.trials() if trial.number != self._claim.number]
        return should_stop(rule, metric, self._reports.values, others)

    @property
    def _name(self) -> str:
        return f"{self._store.id}/{self._claim.number}"

    def _told(self, state: State, seconds: float, code: int | None) -> str:
        """What is said of a trial that has ended."""
        settings = " ".join(f"{name}={value}" for name, value in self._claim.settings.items())
        said = f"trial {self._claim.number} ({settings}): {state}, {seconds:.1f} s"
        metric = self._store.sweep.file.metric
        if metric is not None and self._reports.values:
            said += f", {metric.name} {self._reports.values[-1]:.6g}"
        elif metric is not None and state == "finished":
            said += f"; it reported no {metric.name}"
        if state != "failed":
            return said
        return f"{said}, exit code {code}; {self._output} ends with\n{_tail(self._output)}"


def _command(store: SweepStore, settings: Mapping[str, Value], json_file: Path) -> list[str]:
    return command_line(
        store.sweep.file.command,
        settings,
        program=store.sweep.file.program,
        interpreter=sys.executable,
        json_file=json_file,
        environment=os.environ,
    )


def _tail(path: Path) -> str:
    lines = path.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    return "\n".join(f"    {line}" for line in lines)
