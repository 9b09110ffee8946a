"""Agents as real processes: every trial once, Ctrl-C, kills, orders, early termination."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from scenes.errors import HomeError
from sim.cli import main
from tests.sweeps import program, text
from tests.waiting import HANGS_S, wait_until
from train.runs.state import lives
from train.sweeps.agent import Limits, run_agent
from train.sweeps.store import SweepStore, create_sweep

SIM = (sys.executable, "-m", "sim.cli", "sweep")
SLOW_PARAMETERS = {"a": {"values": [0, 1, 2, 3]}}
SLOW = """
with open('begun', 'a') as begun:
    begun.write(settings['a'] + ' ' + str(os.getpid()) + '\\n')
while not os.path.exists('go'):
    time.sleep(0.02)
print(json.dumps({'loss': float(settings['a'])}))
"""


def shell(folder: Path, code: str) -> list[str]:
    """A command that is quick to start; arguments are name=value."""
    path = folder / "program.sh"
    path.write_text(code)
    return ["/bin/sh", str(path), "${args_no_hyphens}"]


def sim(folder: Path, *args: str) -> subprocess.Popen[str]:
    """`sim sweep ...` in a folder, in a session of its own, as a terminal would start it."""
    return subprocess.Popen(
        [*SIM, *args],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def here(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What `sim sweep ...` says, run in this process and this folder."""
    with patch.object(sys, "argv", ["sim", "sweep", *args]), pytest.raises(SystemExit):
        main()
    said = capsys.readouterr()
    return said.out + said.err


def quietly(store: SweepStore) -> None:
    """Runs what is left in this process."""
    assert run_agent(store, Limits(), lambda _: None) == "over"


def ended(process: subprocess.Popen[str], code: int = 0) -> str:
    said, _ = process.communicate(timeout=HANGS_S)
    assert process.returncode == code, said
    return said


def begun(folder: Path) -> list[str]:
    path = folder / "begun"
    return path.read_text().splitlines() if path.exists() else []


def slow_sweep(folder: Path) -> SweepStore:
    """Four trials that wait for a file `go`."""
    file = folder / "sweep.yaml"
    path = program(folder, SLOW)
    file.write_bytes(text(program=str(path), method="grid", metric={"name": "loss"}, parameters=SLOW_PARAMETERS))
    return create_sweep(folder / "sweeps", file.read_bytes(), str(file), "slowslow")


def states(store: SweepStore) -> list[str]:
    return [trial.state for trial in store.trials()]


def test_four_agents_run_sixty_trials_once_each(tmp_path: Path) -> None:
    command = shell(tmp_path, 'echo "$STAIRWELL_TRIAL $*" >> log; echo "{\\"loss\\": ${1#a=}}"')
    parameters = {"a": {"min": 1, "max": 6}, "b": {"values": ["x", "y", "z", "v", "w"]}}
    controller = {"type": "local", "repeats": 2}
    keys = {"method": "grid", "metric": {"name": "loss"}, "controller": controller, "parameters": parameters}
    (tmp_path / "sweep.yaml").write_bytes(text(command=command, **keys))
    said = ended(sim(tmp_path, "run", "sweep.yaml", "--agents", "4", "--id", "abcdefgh"))
    assert "grid, 60 of 60 trials (60 finished)" in said
    expected = [
        f"abcdefgh/{i} a={a} b={b} seed={seed}"
        for i, (a, b, seed) in enumerate(itertools.product(range(1, 7), "xyzvw", range(2)))
    ]
    assert sorted((tmp_path / "log").read_text().splitlines()) == sorted(expected)
    trials = SweepStore(tmp_path / "sweeps" / "abcdefgh").trials()
    assert [trial.value for trial in trials] == [float(i // 10 + 1) for i in range(60)]
    quietly(SweepStore(tmp_path / "sweeps" / "abcdefgh"))
    assert len((tmp_path / "log").read_text().splitlines()) == 60


def run_here(folder: Path, name: str, limits: Limits = Limits(), **keys: Any) -> tuple[SweepStore, list[str]]:  # noqa: B008
    """A sweep whose agent is this process; what the agent said."""
    said: list[str] = []
    store = create_sweep(folder, text(**keys), "sweep.yaml", name)
    run_agent(store, limits, said.append)
    return store, said


def test_bayes_of_one_agent_repeats_with_its_seed(tmp_path: Path) -> None:
    command = shell(tmp_path, 'echo "{\\"loss\\": ${1#a=}}"')
    keys = {"command": command, "method": "bayes", "metric": {"name": "loss"}, "run_cap": 14}
    parameters = {"a": {"min": -1.0, "max": 1.0}, "b": {"values": [1, 2]}}
    first, second, other = (
        run_here(tmp_path, name, controller={"type": "cloud", "seed": seed}, parameters=parameters, **keys)[0].trials()
        for name, seed in (("aaaaaaaa", 3), ("bbbbbbbb", 3), ("cccccccc", 4))
    )
    assert [(one.settings, one.value) for one in first] == [(one.settings, one.value) for one in second]
    assert first[0].settings != other[0].settings
    assert len(first) == 14


@pytest.mark.parametrize("agents", [1, 2])
def test_ctrl_c_once_finishes_the_trials_that_run(
    tmp_path: Path, agents: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "run", "sweep.yaml", "--agents", str(agents), "--id", store.id)
    wait_until(lambda: len(begun(tmp_path)) == agents)
    os.killpg(process.pid, signal.SIGINT)  # as the terminal does it: all that are in its foreground
    time.sleep(1.0)
    assert process.poll() is None
    (tmp_path / "go").touch()
    said = ended(process, 130)
    assert said.count("is finished first; Ctrl-C again stops it") == agents
    assert "goes on" in said
    assert states(store) == ["finished"] * agents
    monkeypatch.chdir(tmp_path)
    assert "4 of 4 trials (4 finished)" in here(capsys, "run", "sweep.yaml", "--id", store.id)
    assert len(begun(tmp_path)) == 4


@pytest.mark.parametrize(("agents", "how"), [(2, "twice"), (1, "term")])
def test_ctrl_c_twice_stops_them_and_gives_them_back(
    tmp_path: Path, agents: int, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "run", "sweep.yaml", "--agents", str(agents), "--id", store.id)
    wait_until(lambda: len(begun(tmp_path)) == agents)
    if how == "term":
        process.terminate()
    else:
        os.killpg(process.pid, signal.SIGINT)
        assert process.stdout is not None
        heard = 0
        while heard < agents:  # a second signal that comes before the first is heard is one with it
            heard += "is finished first; Ctrl-C again stops it" in process.stdout.readline()
        os.killpg(process.pid, signal.SIGINT)
    ended(process, 130)
    assert states(store) == ["killed"] * agents
    assert not any(is_alive(int(line.split()[1])) for line in begun(tmp_path))
    (tmp_path / "go").touch()
    monkeypatch.chdir(tmp_path)
    quietly(store)
    assert states(store) == ["finished"] * 4
    assert [trial.attempt for trial in store.trials()] == [1] * agents + [0] * (4 - agents)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_killed_agent_takes_its_program_along_and_another_one_repeats_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "agent", store.id)
    wait_until(lambda: begun(tmp_path))
    process.kill()
    ended(process, -signal.SIGKILL)
    pid = int(begun(tmp_path)[0].split()[1])
    wait_until(lambda: not is_alive(pid))
    assert states(store) == ["abandoned"]
    (tmp_path / "go").touch()
    monkeypatch.chdir(tmp_path)
    quietly(store)
    trials = store.trials()
    assert [(one.state, one.attempt, one.abandoned) for one in trials] == [("finished", 1, 1)] + [
        ("finished", 0, 0)
    ] * 3
    assert Counter(line.split()[0] for line in begun(tmp_path)) == {"0": 2, "1": 1, "2": 1, "3": 1}
    assert json.loads((store.attempt_folder(0, 0) / "result.json").read_bytes())["state"] == "abandoned"


def test_a_fleet_replaces_an_agent_that_was_killed(tmp_path: Path) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "run", "sweep.yaml", "--agents", "2", "--id", store.id)
    wait_until(lambda: len(begun(tmp_path)) == 2)
    claimed = json.loads((store.attempt_folder(0, 0) / "trial.json").read_bytes())["process"]
    assert lives(claimed)
    os.kill(claimed["pid"], signal.SIGKILL)
    (tmp_path / "go").touch()
    ended(process)
    assert states(store) == ["finished"] * 4
    assert store.trials()[0].attempt == 1


def test_a_fleet_that_is_killed_takes_its_agents_along(tmp_path: Path) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "run", "sweep.yaml", "--agents", "2", "--id", store.id)
    wait_until(lambda: len(begun(tmp_path)) == 2)
    process.kill()
    ended(process, -signal.SIGKILL)
    wait_until(lambda: states(store) == ["killed"] * 2)


def test_orders_to_a_running_agent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    store = slow_sweep(tmp_path)
    here(capsys, "pause", store.id)
    process = sim(tmp_path, "agent", store.id)
    assert process.stdout is not None
    assert process.stdout.readline() == "sweep slowslow is paused; `sim sweep resume slowslow` lets it go on\n"
    time.sleep(0.7)
    assert "grid, 0 of 4 trials (none yet) [pause]" in here(capsys, "status", store.id)
    here(capsys, "resume", store.id)
    wait_until(lambda: begun(tmp_path))
    assert here(capsys, "status").endswith("grid, 1 of 4 trials (1 running)\n")
    assert "running: trial 0 (a=0)" in here(capsys, "status", store.id)
    here(capsys, "cancel", store.id)
    ended(process)
    assert states(store) == ["killed"]
    quietly(store)
    assert states(store) == ["killed"]


def test_stop_lets_the_trial_finish(tmp_path: Path) -> None:
    store = slow_sweep(tmp_path)
    process = sim(tmp_path, "agent", store.id)
    wait_until(lambda: begun(tmp_path))
    store.give_order("stop")
    (tmp_path / "go").touch()
    ended(process)
    assert states(store) == ["finished"]


def test_the_id_may_stand_in_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    command = shell(tmp_path, 'echo "{\\"loss\\": 1}"')
    parameters = {"a": {"values": [1, 2, 3]}}
    (tmp_path / "sweep.yaml").write_bytes(text(command=command, method="grid", parameters=parameters))
    sweep_id = here(capsys, "create", "sweep.yaml").strip()
    assert len(sweep_id) == 8
    monkeypatch.setenv("SWEEP_ID", sweep_id)
    assert here(capsys, "agent", "--count", "2").count("finished") == 2
    changed = (tmp_path / "sweep.yaml").read_text().replace("- 3", "- 4")
    (tmp_path / "sweep.yaml").write_text(changed)
    said = here(capsys, "run", "sweep.yaml")
    assert f"note: sweep.yaml is not what sweep {sweep_id} began with, which counts" in said
    assert "trial 2 (a=3): finished" in said
    assert "3 of 3 trials" in here(capsys, "status")


def test_bad_input_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sweep.yaml").write_text("method: grid\nseed: 3\n")
    assert here(capsys, "create", "sweep.yaml").startswith("error: sweep.yaml: seed: write it as")
    assert "error: no sweep 'aaaaaaaa' in sweeps; there are: none" in here(capsys, "agent", "aaaaaaaa")


def losses(tmp_path: Path, slopes: Sequence[int], **rule: Any) -> list[tuple[str, int]]:
    """States and numbers of reports of trials whose loss falls from 100 by so much a report, 12 reports.

    A trial that falls by 1 waits after its sixth report until it is stopped.
    """
    code = f"""
for step in range(1, 13):
    print(json.dumps({{'loss': 100 - step * int(settings['slope']), 'step': step}}), flush=True)
    if settings['slope'] == '1' and step == 6:
        time.sleep({HANGS_S})
"""
    keys = {
        "program": str(program(tmp_path, code)),
        "method": "grid",
        "metric": {"name": "loss"},
        "early_terminate": {"type": "hyperband", **rule},
        "parameters": {"slope": {"values": list(slopes)}},
    }
    store, _ = run_here(tmp_path, "hyperban", **keys)
    return [(trial.state, len(trial.reports)) for trial in store.trials()]


def test_trials_that_fall_behind_are_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (good, all_of_it), (bad, some), (better, all_again) = losses(tmp_path, [5, 1, 7], min_iter=2, eta=3)
    assert (good, all_of_it) == (better, all_again) == ("finished", 12)
    assert bad == "stopped"
    assert 2 <= some <= 6


def test_an_agent_gives_up_if_nothing_works(tmp_path: Path) -> None:
    path = program(tmp_path, "print('first'); sys.exit('out of order')")
    with pytest.raises(HomeError, match=r"all of the first 3 trials failed; see .*00002\.0/output\.log"):
        run_here(tmp_path, "failfail", program=str(path), parameters={"a": {"min": 0.0, "max": 1.0}})
    store = SweepStore(tmp_path / "failfail")
    assert states(store) == ["failed"] * 3
    assert (store.attempt_folder(2, 0) / "output.log").read_text() == "first\nout of order\n"


def test_failures_among_successes_are_told_and_do_not_end_it(tmp_path: Path) -> None:
    path = program(tmp_path, "sys.exit(0 if settings['a'] == '0' else 'out of order')")
    keys = {"program": str(path), "method": "grid", "parameters": {"a": {"values": list(range(6))}}}
    store, said = run_here(tmp_path, "someokay", **keys)
    assert states(store) == ["finished"] + ["failed"] * 5
    assert "output.log ends with\n    out of order" in said[3]


def test_a_program_that_is_not_there_fails(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"command": ["/no/such", "${args}"], "parameters": {"a": {"values": [1, 2]}}}
    with pytest.raises(HomeError, match="all of the first 3 trials failed"):
        run_here(tmp_path, "nosuchpr", **keys)
    log = SweepStore(tmp_path / "nosuchpr").attempt_folder(0, 0) / "output.log"
    assert log.read_text() == "cannot start /no/such: No such file or directory\n"
    with pytest.raises(HomeError, match="variable NOT_THERE is not set"):
        run_here(tmp_path, "novariab", **keys | {"command": ["${envvar:NOT_THERE}"]})
    assert not SweepStore(tmp_path / "novariab").trials()


def test_the_target_ends_it(tmp_path: Path) -> None:
    command = shell(tmp_path, 'echo "{\\"loss\\": $((5 - ${1#a=}))}"')
    metric = {"name": "loss", "target": 2}
    parameters = {"a": {"values": list(range(6))}}
    store, said = run_here(tmp_path, "targetta", command=command, method="grid", metric=metric, parameters=parameters)
    assert [trial.value for trial in store.trials()] == [5.0, 4.0, 3.0, 2.0]
    assert said[-1].startswith("trial 3 (a=3): finished")
    assert said[-1].endswith("loss 2")


def test_what_a_program_finds(tmp_path: Path) -> None:
    parameters = {"a": {"values": [1]}, "b": {"parameters": {"c": {"value": "x"}}}}
    command = ["/bin/sh", "-c", "command -v python; env; cat $0; echo; echo $1", "${args_json_file}", "${args_json}"]
    store, _ = run_here(tmp_path, "findfind", command=command, method="grid", parameters=parameters)
    lines = (store.attempt_folder(0, 0) / "output.log").read_text().splitlines()
    assert lines[0] == str(Path(sys.executable).parent / "python")
    assert {f"STAIRWELL_METRICS={store.attempt_folder(0, 0)}/metrics.jsonl", "STAIRWELL_TRIAL=findfind/0"} <= set(lines)
    assert lines[-2:] == [json.dumps({"a": 1, "b": {"c": "x"}})] * 2


def test_limits(tmp_path: Path) -> None:
    command = shell(tmp_path, "true")
    parameters = {"a": {"min": 0.0, "max": 1.0}}
    store, _ = run_here(tmp_path, "limitlim", Limits(count=2), command=command, parameters=parameters)
    assert len(store.trials()) == 2
    assert run_agent(store, Limits(until=5), lambda _: None) == "over"
    assert len(store.trials()) == 5
    assert run_agent(store, Limits(until=5), lambda _: None) == "over"
    assert len(store.trials()) == 5
