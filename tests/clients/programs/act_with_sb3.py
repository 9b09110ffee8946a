"""Stable-Baselines3 on every environment and set of observations: its checker without a word, and a little PPO."""

import importlib.metadata
import itertools
import json
import sys
import warnings

import gymnasium
import torch
from stable_baselines3 import PPO
from stable_baselines3.common.env_checker import check_env
from stable_baselines3.common.preprocessing import is_image_space

import sim.envs  # noqa: F401
from sim.envs.grey import GreyImages

IMAGES = ("rgb", "depth", "segmentation")
OBSERVATIONS = {
    "PointNav": (*IMAGES, "goal_offset", "compass", "previous_action"),
    "RouteNav": (*IMAGES, "goal_offset", "compass", "previous_action"),
    "PTZTrack": (*IMAGES, "ptz", "goal_offset", "goal_rgb", "previous_action"),
}


def make(kind, observations, *, continuous):
    route = {"route": "frozen"} if kind == "RouteNav" else {}
    return GreyImages(
        gymnasium.make(
            f"stairwell/{kind}-v0",
            scene="two-levels",
            size=(48, 36),
            observations=observations,
            continuous=continuous,
            render_mode="rgb_array",
            **route,
        )
    )


def main():
    torch.set_num_threads(1)
    checked = 0
    for kind, known in OBSERVATIONS.items():
        sets = [known, *itertools.combinations(known, 1), *itertools.combinations(known, 2)]
        for observations, continuous in [(chosen, False) for chosen in sets] + [(known, True)]:
            env = make(kind, observations, continuous=continuous)
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                check_env(env, warn=True, skip_render_check=False)
            images = {name for name, space in env.observation_space.spaces.items() if is_image_space(space)}
            assert images == {*IMAGES, "goal_rgb"} & set(observations), (images, observations)
            env.close()
            checked += 1
        env = make(kind, known, continuous=False)
        model = PPO("MultiInputPolicy", env, n_steps=16, batch_size=16, n_epochs=1, seed=0, device="cpu").learn(16)
        networks = {name: type(part).__name__ for name, part in model.policy.features_extractor.extractors.items()}
        assert all((networks[name] == "NatureCNN") == (name in {*IMAGES, "goal_rgb"}) for name in networks), networks
        env.close()
    version = importlib.metadata.version("stable-baselines3")
    sys.stdout.write(f"\n{json.dumps({'program': f'stable-baselines3 {version}', 'checked': checked})}\n")


if __name__ == "__main__":
    main()
