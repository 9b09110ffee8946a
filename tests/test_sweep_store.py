"""A sweep's folder: claims, leases, what agents are told."""

from __future__ import annotations

import json
import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from scenes.errors import HomeError
from tests.sweeps import text
from train.config import Settings
from train.runs import RunStore
from train.sweeps.reports import FILE_VARIABLE, ReportReader, Reports
from train.sweeps.store import LEASE_S, SweepStore, create_sweep, may_retry, open_sweep, sweep_ids

TEXT = text(parameters={"a": {"min": 0.0, "max": 1.0}}, metric={"name": "loss"})
SETTINGS: dict[str, Any] = {"a": 0.25}


@pytest.fixture
def store(tmp_path: Path) -> SweepStore:
    return create_sweep(tmp_path / "sweeps", TEXT, "sweep.yaml")


def test_a_sweep_has_an_id_of_eight(tmp_path: Path) -> None:
    made = [create_sweep(tmp_path, TEXT, "x").id for _ in range(3)]
    assert all(len(one) == 8 and one.isalnum() and one == one.lower() for one in made)
    assert sorted(sweep_ids(tmp_path)) == sorted(made)
    assert open_sweep(tmp_path, made[1]).sweep.sha256 == SweepStore(tmp_path / made[0]).sweep.sha256
    assert create_sweep(tmp_path, TEXT, "x", "abcd1234").id == "abcd1234"
    with pytest.raises(HomeError, match="there is a sweep abcd1234"):
        create_sweep(tmp_path, TEXT, "x", "abcd1234")
    with pytest.raises(HomeError, match=r"'\.\./\.\./up' is no id"):
        create_sweep(tmp_path, TEXT, "x", "../../up")
    with pytest.raises(HomeError, match="no sweep 'aaaaaaaa' in"):
        open_sweep(tmp_path, "aaaaaaaa")
    assert len(list(tmp_path.iterdir())) == 4


def test_of_many_at_once_one_claims_each_trial(store: SweepStore) -> None:
    begin, won = threading.Barrier(8), []

    def claim_all(me: int) -> None:
        mine = SweepStore(store.folder)
        begin.wait()
        won.extend((number, me) for number in range(100) if mine.claim(number, (0.25,), SETTINGS) is not None)

    threads = [threading.Thread(target=claim_all, args=(me,)) for me in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in won) == list(range(100))
    assert [trial.number for trial in store.trials()] == list(range(100))
    assert {trial.state for trial in store.trials()} == {"running"}
    assert not list((store.folder / "trials").glob(".*"))


def test_how_it_ended_is_kept(store: SweepStore) -> None:
    claim = store.claim(0, (0.25,), SETTINGS)
    assert claim is not None
    claim.note(Reports((3.0,), {"loss": 3.0}, ()))
    (running,) = store.trials()
    assert (running.state, running.reports, running.value, running.seconds) == ("running", (3.0,), None, None)
    claim.end("finished", Reports((3.0, 1.5), {"loss": 1.5, "x": 2.0}, ("run",)), 4.0, 0)
    (trial,) = SweepStore(store.folder).trials()
    assert (trial.state, trial.value, trial.latest, trial.runs, trial.seconds) == (
        "finished",
        1.5,
        {"loss": 1.5, "x": 2.0},
        ("run",),
        4.0,
    )
    assert (trial.point, trial.settings, trial.attempt, may_retry(trial)) == ((0.25,), SETTINGS, 0, False)


def change_process(store: SweepStore, number: int, attempt: int, **facts: Any) -> Path:
    """Makes an attempt that of another process."""
    path = store.attempt_folder(number, attempt) / "trial.json"
    said = json.loads(path.read_bytes())
    path.write_text(json.dumps(said | {"process": said["process"] | facts}))
    return path.parent


def test_a_trial_whose_process_is_gone_is_attempted_once_more(store: SweepStore) -> None:
    first = store.claim(0, (0.25,), SETTINGS)
    assert first is not None
    first.note(Reports((3.0,), {"loss": 3.0}, ()))
    folder = change_process(store, 0, 0, pid=os.getpid(), began=1)  # another process of the same number
    (gone,) = store.trials()
    assert (gone.state, gone.reports, may_retry(gone)) == ("abandoned", (3.0,), True)
    second = store.claim(0, gone.point, gone.settings, gone)
    assert second is not None
    assert first.lost
    assert not second.lost
    assert json.loads((folder / "result.json").read_bytes())["state"] == "abandoned"
    assert store.claim(0, gone.point, gone.settings, gone) is None
    change_process(store, 0, 1, began=1)
    (again,) = store.trials()
    assert (again.state, again.attempt, may_retry(again)) == ("abandoned", 1, False)


def test_a_trial_of_another_machine_lives_as_long_as_its_heartbeat(store: SweepStore) -> None:
    claim = store.claim(0, (0.25,), SETTINGS)
    assert claim is not None
    folder = change_process(store, 0, 0, host="elsewhere")
    assert store.trials()[0].state == "running"
    late_s = time.time() - LEASE_S - 5
    os.utime(folder / "heartbeat", (late_s, late_s))
    assert store.trials()[0].state == "abandoned"
    claim.beat()
    assert store.trials()[0].state == "running"
    change_process(
        store, 0, 0, host=os.uname().nodename, boot="before"
    )  # same name, another machine: ask the heartbeat
    assert store.trials()[0].state == "running"


def test_a_trial_that_was_given_back_is_attempted_until_it_ends(store: SweepStore) -> None:
    before = None
    for attempt in range(4):
        claim = store.claim(0, (0.25,), SETTINGS, before)
        assert claim is not None
        assert claim.attempt == attempt
        claim.end("killed", Reports(), 1.0, -15)
        (before,) = store.trials()
        assert may_retry(before)


def test_orders(store: SweepStore) -> None:
    assert store.order == "run"
    store.give_order("pause")
    assert SweepStore(store.folder).order == "pause"
    (store.folder / "order").write_text("dance")
    with pytest.raises(HomeError, match="says 'dance'; write one of run, pause, stop, cancel"):
        _ = store.order


def test_a_damaged_trial_is_named(store: SweepStore) -> None:
    store.claim(0, (0.25,), SETTINGS)
    path = store.attempt_folder(0, 0) / "trial.json"
    path.write_text("{")
    with pytest.raises(HomeError, match=r"trial\.json cannot be read .* delete its folder, and the trial is run again"):
        store.trials()


def test_reports_are_lines_of_json_in_the_file_or_else_in_the_output(tmp_path: Path) -> None:
    file, output = tmp_path / "file", tmp_path / "output"
    reader = ReportReader(file, output, "loss")
    assert reader.read() == Reports()
    output.write_text('epoch 1\n{"loss": 3, "step": 1, "ok": true}\n{not json}\n[1]\n{"loss": NaN}\n{"lo')
    assert reader.read() == Reports((3.0,), {"loss": 3.0, "step": 1.0}, ())
    with output.open("a") as more:
        more.write('ss": 2.5}\n{"loss": "nan"}\n')
    assert reader.read() == Reports((3.0, 2.5), {"loss": 2.5, "step": 1.0}, ())
    file.write_text('{"run": "r1", "loss": 9}\n{"run": "r1", "x": 1}\n')
    assert reader.read() == Reports((9.0,), {"loss": 9.0, "x": 1.0}, ("r1",))


class Nothing(Settings):
    """No settings."""


def test_a_run_reports_to_its_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FILE_VARIABLE, str(tmp_path / "metrics.jsonl"))
    with RunStore(tmp_path / "runs").begin("toy", "toy", Nothing(), datasets={}, seeds={}) as run:
        run.log(1, {"loss": 3.0, "other": float("nan")})
        run.log(2, {"loss": 2.0})
    read = ReportReader(tmp_path / "metrics.jsonl", tmp_path / "none", "loss").read()
    assert read == Reports((3.0, 2.0), {"loss": 2.0, "step": 2.0}, (run.id,))
