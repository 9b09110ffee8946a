"""Settings: what the command line says, what a run stores, and what is meant by a key that is not known."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field

from scenes.errors import HomeError
from train import config
from train.config import Settings, changes, flatten, load_settings, resolve


class Latent(Settings):
    name: Literal["latent"] = "latent"
    width: Annotated[int, Field(ge=1)] = 128
    collapse: str = "sigreg"


class Pairs(Settings):
    name: Literal["pairs"] = "pairs"
    heads: int = 4


class Optimiser(Settings):
    learning_rate: float = 1e-3
    weight_decay: float = 0.0


class Example(Settings):
    model: Latent | Pairs = Field(default=Latent(), discriminator="name")
    optimiser: Optimiser = Optimiser()
    channels: tuple[str, ...] = ("rgb",)
    bf16: bool = False
    clip: float | None = 1.0
    seed: int = 0


@pytest.fixture
def recipe_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(config, "RECIPES", tmp_path)
    (tmp_path / "small.yaml").write_text("model: {width: 16}\noptimiser: {learning_rate: 1e-4}\n")
    return tmp_path


def test_overrides_win_over_the_recipe_and_the_recipe_over_defaults(recipe_folder: Path) -> None:
    made = resolve(Example, "small", ["optimiser.weight_decay=0.1", "model.width=32", "model.width=64"])
    assert made == Example(model=Latent(width=64), optimiser=Optimiser(learning_rate=1e-4, weight_decay=0.1))
    assert resolve(Example, recipe_folder / "small.yaml", []) == resolve(Example, "small", [])
    assert resolve(Example, None, []) == Example()


@pytest.mark.parametrize(
    ("override", "key", "value"),
    [
        ("optimiser.learning_rate=3e-4", "optimiser.learning_rate", 3e-4),
        ("optimiser.learning_rate=.5", "optimiser.learning_rate", 0.5),
        ("model.collapse=off", "model.collapse", "off"),
        ("model.collapse=no", "model.collapse", "no"),
        ("model.collapse='7'", "model.collapse", "7"),
        ("channels=[rgb, depth]", "channels", ("rgb", "depth")),
        ("bf16=true", "bf16", True),
        ("clip=null", "clip", None),
    ],
)
def test_values_mean_what_they_say(override: str, key: str, value: Any) -> None:
    assert flatten(resolve(Example, None, [override]).model_dump())[key] == value


def test_a_kind_is_chosen_by_its_name() -> None:
    assert resolve(Example, None, ["model.name=pairs", "model.heads=8"]).model == Pairs(heads=8)
    with pytest.raises(HomeError, match=r"settings: model\.heads: unknown key$"):
        resolve(Example, None, ["model.name=latent", "model.heads=8"])


KEYS = [
    "bf16",
    "channels",
    "clip",
    "model.collapse",
    "model.width",
    "optimiser.learning_rate",
    "optimiser.weight_decay",
    "optimiser",
    "seed",
]


@given(st.sampled_from(KEYS), st.data())
def test_a_misspelt_key_is_refused_with_the_nearest(key: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(key.rfind(".") + 1, len(key) - 1), label="place")
    wrong = key[:place] + data.draw(st.sampled_from("qzk")) + key[place + 1 :]
    with pytest.raises(HomeError) as error:
        resolve(Example, None, [f"{wrong}=1"])
    assert str(error.value) == f"settings: {wrong}: unknown key; did you mean {key}?"


@given(st.sampled_from([key for key in KEYS if "." in key]))
def test_a_key_without_its_part_is_refused_with_the_whole(key: str) -> None:
    with pytest.raises(HomeError, match=rf"did you mean {key}\?"):
        resolve(Example, None, [f"{key.rpartition('.')[2]}=1"])


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["model.width=0"], "model.width: Input should be greater than or equal to 1"),
        (["model.width=wide"], "model.width: Input should be a valid integer"),
        (["optimiser=3"], "optimiser: Input should be"),
        (["channels=[rgb, 3]"], "channels.1: Input should be a valid string"),
        (["clip=.inf"], "clip: Input should be"),
        (["model.name=latnt"], "model: Input tag 'latnt' .* expected tags: 'latent', 'pairs'"),
        (["width"], "write key=value"),
        (["model..width=3"], "write key=value"),
        (["clip=[1"], "is not a YAML value"),
        (["seed=x", "model.width=0"], r"\(wrong as well: (seed|model.*width)\)"),
    ],
)
def test_bad_values_are_refused_by_their_keys(overrides: list[str], told: str) -> None:
    with pytest.raises(HomeError, match=told):
        resolve(Example, None, overrides)


def test_recipes_that_are_not_there_or_no_settings(recipe_folder: Path) -> None:
    with pytest.raises(HomeError, match=r"no recipe smal; did you mean small\?; there are small"):
        resolve(Example, "smal", [])
    (recipe_folder / "other.yaml").write_text("learning_rate_of_another_command: 3\n")
    with pytest.raises(HomeError, match=r"no recipe smal; did you mean small\?; there are small, or"):
        resolve(Example, "smal", [])
    (recipe_folder / "list.yaml").write_text("- 1\n")
    with pytest.raises(HomeError, match=r"list\.yaml holds no settings"):
        resolve(Example, "list", [])
    (recipe_folder / "broken.yaml").write_text("a: [1\n")
    with pytest.raises(HomeError, match=r"broken\.yaml is not YAML"):
        resolve(Example, "broken", [])
    (recipe_folder / "wrong.yaml").write_text("model: {widht: 3}\n")
    with pytest.raises(HomeError, match=r"recipe wrong: model\.widht: unknown key; did you mean model\.width\?"):
        resolve(Example, "wrong", [])


examples = st.builds(
    Example,
    model=st.builds(Latent, width=st.integers(1, 1 << 40), collapse=st.text()) | st.builds(Pairs, heads=st.integers()),
    optimiser=st.builds(
        Optimiser,
        learning_rate=st.floats(allow_nan=False, allow_infinity=False),
        weight_decay=st.floats(allow_nan=False, allow_infinity=False),
    ),
    channels=st.lists(st.text()).map(tuple),
    clip=st.none() | st.floats(allow_nan=False, allow_infinity=False),
)


@given(examples)
def test_stored_settings_are_read_back_as_they_were(settings: Example) -> None:
    stored = yaml.dump(settings.model_dump(mode="json"), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True)
    assert load_settings(Example, yaml.load(stored, Loader=yaml.CSafeLoader), "stored") == settings


nested = st.recursive(
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 3), max_size=3),
    lambda inner: st.dictionaries(st.sampled_from("abc"), inner | st.integers(0, 3), max_size=3),
    max_leaves=8,
)


@given(nested, nested)
def test_changes_lead_from_old_to_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    changed = flatten(old)
    for key, (before, after) in changes(old, new).items():
        assert before != after
        assert changed.get(key) == before
        changed[key] = after
    assert {key: value for key, value in changed.items() if value is not None} == flatten(new)
    assert changes(old, old) == {}
