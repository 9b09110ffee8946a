"""A whole evaluation, on small datasets: the files that it leaves, and that they say the same."""

import json
from html.parser import HTMLParser

import numpy as np
import pytest

from scenes.errors import HomeError
from tests import views
from train.data import load_frames
from train.evaluate.embeddings import embed, read_embeddings
from train.evaluate.evaluation import evaluate_world_model, prediction_figures, quick_figures, spread
from train.evaluate.rollout import headline, roll, self_prediction
from train.models.config import ModelConfig, build
from train.motion import MOTIONS
from train.preprocess import Preprocessing
from train.runs.store import RunStore

SEEN = Preprocessing(size=(24, 24))
SMALL = {"latent": 16, "predictor": {"width": 32, "depth": 1}, "vit": {"patch": 8, "width": 16, "depth": 1, "heads": 2}}


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """Training and test frames of cameras and of bodies that walk, in homes of their own."""
    folder = tmp_path_factory.mktemp("parts")
    found = {}
    for kind in ("ptz", "walk"):
        for part, homes in (("train", views.HOMES[:2]), ("test", views.HOMES[2:])):
            views.make(folder / f"{kind}-{part}", kind, homes=homes, episodes=8, frames=12, size=(24, 24))
            found[kind, part] = load_frames(folder / f"{kind}-{part}", SEEN)
    return found


def model(frames, **settings):
    motion = MOTIONS[frames.kind]
    made = build(
        ModelConfig.model_validate(SMALL | settings),
        SEEN.planes,
        SEEN.size,
        motion.state_dim,
        motion.action_dim,
        seed=0,
    )
    made.preprocessing = SEEN
    return made


class Page(HTMLParser):
    """Checks that tags are closed in order, and collects headings and what the page refers to."""

    VOID = frozenset({"meta", "img", "br", "path", "circle", "rect", "polyline"})
    OPTIONAL = frozenset({"li"})

    def __init__(self, text):
        super().__init__()
        self.open, self.headings, self.refers, self.images = [], [], [], 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.refers += [value for name, value in attrs if name in {"src", "href", "xlink:href"}]
        self.images += tag == "img"
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert tag in self.VOID or self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] in (["h2"], ["h1"]):
            self.headings.append(data)


def strict(text):
    def refuse(value):
        raise AssertionError(f"{value} is no JSON")

    return json.loads(text, parse_constant=refuse)


def test_a_world_model_of_cameras(parts, tmp_path):
    train, test = parts["ptz", "train"], parts["ptz", "test"]
    settings = ModelConfig.model_validate(SMALL)
    run = RunStore(tmp_path / "runs").begin(
        "world-model", "small", settings, datasets={"d": "1" * 64}, seeds={"run": 3}
    )
    with run:
        for step in range(5):
            run.log(step, {"loss": 1 / (step + 1), "prediction_1": 0.1})
    figures = evaluate_world_model(model(train), train, test, run.folder, untrained=model(train))
    said = strict((run.folder / "report.json").read_text())
    assert said["figures"] == figures
    assert {f"skill_{n}" for n in range(1, 6)} | {"rankme", "self_error", "probe_tilt", "probe_tilt_pixels"} < set(
        figures
    )
    assert figures["probe_tilt"] == pytest.approx(figures["probe_tilt_untrained"])  # they are the same here
    assert figures["predicts"] == 0  # before training it copies
    assert [score["step"] for score in said["prediction"]["headline"]] == [1, 2, 3, 4, 5]
    assert said["tested_on"]["homes"] == sorted(views.HOMES[2:])

    table, embedding = read_embeddings(run.folder / "embeddings.parquet")
    assert len(table) == len(test)
    assert embedding == pytest.approx(embed(model(train), test, np.arange(len(test))), rel=1e-5, abs=1e-6)

    text = (run.folder / "report.html").read_text()
    page = Page(text)
    assert page.open in ([], ["li"] * len(page.open))
    assert page.headings == [
        run.id,
        "Overview",
        "Training",
        "What can be read from embeddings",
        "Prediction",
        "Collapse",
        "Maps",
        "Clusters",
        "What this does not show",
        "Configuration",
    ]
    assert all(value.startswith("data:") for value in page.refers)
    assert page.images >= 4
    assert "prediction_1" in text
    assert "a new home has no compass" in text


def test_a_world_model_of_bodies_that_walk(parts, tmp_path):
    train, test = parts["walk", "train"], parts["walk", "test"]
    figures = evaluate_world_model(model(train), train, test, tmp_path / "new")
    assert {"skill_5", "probe_mean_depth", "probe_relative_pan"} < set(figures)
    assert {"probe_tilt", "probe_log_zoom"}.isdisjoint(figures)  # they do not vary
    said = strict((tmp_path / "new" / "report.json").read_text())
    assert said["prediction"]["headline"][0]["windows"] > 30  # steps forward count as moves, too
    assert {record["target"] for record in said["prediction"]["decoded"]} >= {"mean_depth", "relative_pan"}


@pytest.mark.parametrize("name", ["ijepa", "pairs"])
def test_models_that_cannot_be_rolled_out(parts, tmp_path, name):
    train, test = parts["ptz", "train"], parts["ptz", "test"]
    figures = evaluate_world_model(model(train, name=name), train, test, tmp_path)
    assert {"probe_tilt", "rankme", "alarms"} < set(figures)
    assert not any(key.startswith(("skill", "self")) for key in figures)
    assert strict((tmp_path / "report.json").read_text())["prediction"] is None
    assert "cannot be rolled out" in (tmp_path / "report.html").read_text()


def test_the_same_seed_gives_the_same_figures(parts, tmp_path):
    train, test = parts["ptz", "train"], parts["ptz", "test"]
    one, other = (evaluate_world_model(model(train), train, test, tmp_path / str(at), seed=5) for at in range(2))
    assert one == other
    assert (tmp_path / "0/report.json").read_bytes() == (tmp_path / "1/report.json").read_bytes()


def test_a_home_of_the_training_is_refused(parts, tmp_path):
    train = parts["ptz", "train"]
    with pytest.raises(HomeError, match="split by home"):
        evaluate_world_model(model(train), train, train, tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_quick_figures_are_those_of_a_rollout(parts):
    test = parts["ptz", "test"]
    found = quick_figures(model(test), test, seed=2)
    latents = embed(model(test), test, np.arange(len(test)))
    rollouts = roll(model(test).rollout, 2, test, latents, np.random.default_rng(0))
    scores = headline(rollouts, latents.mean(axis=0), np.random.default_rng(0))
    for score in scores:
        assert found[f"skill_{score.step}"] == pytest.approx(score.skill.value, abs=1e-6)
    assert set(found) == {"rankme", "alarms", *prediction_figures(scores, self_prediction(rollouts))}


def test_frames_are_evenly_spread():
    assert spread(5, 10).tolist() == [0, 1, 2, 3, 4]
    assert spread(101, 5).tolist() == [0, 25, 50, 75, 100]


def test_shuffled_depth_is_judged_as_it_was_trained(parts, tmp_path):
    seen = Preprocessing(channels=("rgb", "shuffled_depth"), size=(24, 24))
    train, test = (load_frames(parts["ptz", part].folder, seen) for part in ("train", "test"))
    figures = evaluate_world_model(model(train), train, test, tmp_path)
    assert figures["probe_mean_depth"] < 0.9
