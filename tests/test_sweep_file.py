"""W&B's sweep file: what it may say, and what is said of one that cannot be used."""

from __future__ import annotations

from typing import Any

import pytest

from scenes.errors import HomeError
from tests.sweeps import sweep, text
from train.sweeps.config import parse_sweep
from train.sweeps.distributions import Choice, Continuous, Integers

ONE = {"a": {"values": [1, 2]}}


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ({"values": [1, "x", None]}, Choice((1, "x", None))),
        ({"values": [1, 2], "probabilities": [0.25, 0.75]}, Choice((1, 2), (0.25, 0.75))),
        ({"min": 1, "max": 4}, Integers(1, 4)),
        ({"min": 1, "max": 4.0}, Continuous("uniform", (1, 4.0))),
        ({"min": 1, "max": 4, "distribution": "uniform"}, Continuous("uniform", (1, 4))),
        ({"distribution": "normal"}, Continuous("normal", (0.0, 1.0))),
        ({"distribution": "q_normal", "mu": 3}, Continuous("normal", (3, 1.0), 1.0)),
        ({"distribution": "q_beta", "q": 0.1}, Continuous("beta", (1.0, 1.0), 0.1)),
        (
            {"distribution": "log_uniform_values", "min": 1.0e-4, "max": 0.1},
            Continuous("log_uniform_values", (1e-4, 0.1)),
        ),
    ],
)
def test_a_parameter_without_a_distribution_has_the_one_that_wandb_gives_it(
    said: dict[str, Any], means: object
) -> None:
    (leaf,) = sweep(parameters={"a": said}).space.leaves
    assert leaf.distribution == means


def test_constants_and_nested_parameters_keep_their_places() -> None:
    parameters = {
        "b": {"parameters": {"y": {"value": [1, 2]}, "x": {"values": [1, 2]}}},
        "a.c": {"value": "z"},
    }
    read = sweep(parameters=parameters)
    assert [leaf.name for leaf in read.space.leaves] == ["b.x"]
    assert read.space.settings((1,)) == {"a.c": "z", "b": {"x": 2, "y": [1, 2]}}


def test_every_key_of_wandb_is_taken() -> None:
    read = sweep(
        apiVersion="1",
        kind="sweep",
        name="n",
        description="d",
        entity="e",
        project="p",
        controller={"type": "cloud"},
        command=["${env}", "python3", "-u", "${program}", 5, True, "x${envvar:HOME}y", "${args_json_file}"],
        metric={"name": "loss", "goal": "maximize", "target": 0.9, "impute": "best", "impute_while_running": "false"},
        early_terminate={"type": "hyperband", "min_iter": 3, "eta": 2, "strict": False},
        run_cap=7,
        parameters=ONE,
    )
    assert read.file.controller.seed == 0
    assert read.repeats == 1
    assert read.most_trials == 7


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"seed": 3}, "seed: write it as `controller"),
        ({"repeats": 3}, "repeats: write it as `controller"),
        ({"job": "x"}, "Launch runs on W&B's servers"),
        ({"early_terminat": {}}, "early_terminat: unknown key; did you mean early_terminate?"),
        ({"method": "custom"}, "method: "),
        ({"method": "bayes"}, "method bayes needs a metric"),
        ({"early_terminate": {"type": "hyperband", "min_iter": 1}}, "early_terminate needs a metric"),
        (
            {"metric": {"name": "x"}, "early_terminate": {"type": "hyperband", "max_iter": 9}},
            "min_iter, or max_iter and s",
        ),
        ({"metric": {"name": "x"}, "early_terminate": {"type": "hyperband", "max_iter": 2, "s": 1}}, "leaves no band"),
        ({"metric": {"name": "x", "goal": "minimise"}}, "metric.goal"),
        ({"controller": {"seed": 3}}, "controller.type"),
        ({"program": None}, "no program"),
        ({"command": ["${argz}"]}, "no macro ${argz}"),
        ({"run_cap": 0}, "run_cap"),
        ({"parameters": {}}, "parameters: none"),
        ({"parameters": {"1a": {"value": 1}}}, "letters, digits"),
        ({"parameters": {"a": 3}}, "parameters.a: 3; give value"),
        ({"parameters": {"a": {"values": []}}}, "parameters.a: values []"),
        ({"parameters": {"a": {}}}, "parameters.a: no distribution None"),
        ({"parameters": {"a": {"distribution": "gauss"}}}, "no distribution 'gauss'"),
        ({"parameters": {"a": {"min": 1}}}, "uniform needs max"),
        ({"parameters": {"a": {"min": 2, "max": 1}}}, "min 2 is not below max 1"),
        ({"parameters": {"a": {"min": 1, "max": 2, "q": 1}}}, "int_uniform takes no q"),
        ({"parameters": {"a": {"min": 1.5, "max": 2, "distribution": "int_uniform"}}}, "whole numbers"),
        ({"parameters": {"a": {"min": "1e-4", "max": 0.1}}}, "1.0e-4, not 1e-4"),
        ({"parameters": {"a": {"min": 0.0, "max": 1.0, "distribution": "log_uniform_values"}}}, "a min above 0"),
        ({"parameters": {"a": {"distribution": "normal", "sigma": -1}}}, "sigma is -1"),
        ({"parameters": {"a": {"distribution": "q_normal", "q": 0}}}, "q is 0"),
        ({"parameters": {"a": {"values": [1, 2], "probabilities": [1.0]}}}, "one for each of the 2 values"),
        ({"parameters": {"a": {"values": [1, 2], "probabilities": [0.5, 0.6]}}}, "add up to 1.1"),
        ({"parameters": {"a": {"parameters": ONE, "value": 1}}}, "parameters.a: nested parameters stand alone"),
        ({"parameters": {"a": {"parameters": ONE}, "a.a": {"value": 1}}}, "two are called a.a"),
        ({"method": "grid", "parameters": {"a": {"min": 0.0, "max": 1.0}}}, "parameters.a: a grid needs values"),
        ({"method": "grid", "parameters": {"a": {"values": [1], "probabilities": [1.0]}, **ONE}}, None),
        (
            {"controller": {"type": "local", "repeats": 2}, "parameters": {"seed": {"values": [1, 2]}}},
            "seed is searched",
        ),
        ({"controller": {"type": "local", "repeats": 2}, "parameters": {"seed": {"value": "x"}, **ONE}}, "seed is 'x'"),
    ],
)
def test_what_cannot_be_used_is_named(keys: dict[str, Any], said: str | None) -> None:
    file = {"parameters": ONE, **keys}
    if said is None:
        sweep(**file)
        return
    with pytest.raises(HomeError) as error:
        sweep(**file)
    assert said in str(error.value)
    assert str(error.value).startswith("sweep.yaml: ")


@pytest.mark.parametrize(
    "file", [b"a: [", b"- a", b"\xff\xfe\x00", b"parameters: {a: {value: 2020-01-01}}\nmethod: grid"]
)
def test_no_sweep_file(file: bytes) -> None:
    with pytest.raises(HomeError, match=r"sweep\.yaml"):
        parse_sweep(file, "sweep.yaml")


def test_exponents_are_pointed_out() -> None:
    nested = {"n": {"parameters": {"lr": {"distribution": "log_uniform", "min": -9, "max": -2}}}}
    with pytest.warns(UserWarning, match=r"parameters\.n\.lr: min and max of log_uniform are exponents of e"):
        sweep(parameters=nested)


def test_a_file_is_known_by_what_it_says() -> None:
    one = parse_sweep(text(parameters=ONE, name="x"), "a")
    same = parse_sweep(
        b"# said otherwise\nname: x\nparameters:\n  a: {values: [1, 2]}\nmethod: random\nprogram: train.py\n", "b"
    )
    other = parse_sweep(text(parameters={"a": {"values": [2, 1]}}, name="x"), "c")
    assert one.sha256 == same.sha256 != other.sha256
