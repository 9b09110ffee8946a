"""stable-worldmodel's worlds of every environment: python collect_with_swm.py OUT; collects, reads back, evaluates."""

import importlib.metadata
import json
import sys
from pathlib import Path

import numpy as np
import stable_worldmodel as swm
from stable_worldmodel.data import load_dataset
from stable_worldmodel.policy import RandomPolicy

IMAGES = ("rgb", "depth", "segmentation")
KINDS = {
    "PointNav": {"observations": (*IMAGES, "goal_offset", "compass", "previous_action"), "continuous": True},
    "RouteNav": {"observations": (*IMAGES, "goal_offset", "compass", "previous_action"), "route": "frozen"},
    "PTZTrack": {"observations": (*IMAGES, "ptz", "goal_offset", "goal_rgb", "previous_action")},
}
STEPS, SIZE = 6, 48


def main(out):
    rows = {}
    for kind, options in KINDS.items():
        world = swm.World(
            f"sim.envs:stairwell/{kind}-v0",
            num_envs=2,
            image_shape=(SIZE, SIZE),
            max_episode_steps=STEPS,
            render_mode="rgb_array",
            scene="two-levels",
            size=(48, 36),
            **options,
        )
        world.set_policy(RandomPolicy(seed=0))
        path = out / f"{kind}.lance"
        world.collect(path, episodes=2, seed=0, progress=False)
        columns = {name: world.infos[name] for name in options["observations"]}
        assert columns["depth"].shape == (2, 1, 36, 48, 1)
        assert columns["depth"].dtype == np.float32
        assert columns["goal_offset"].dtype == np.float32
        dataset = load_dataset(str(path))
        wanted = set(options["observations"]) | {"pixels", "action", "reward"}
        assert wanted <= set(dataset.column_names), wanted - set(dataset.column_names)
        rows[kind] = len(dataset)
        assert rows[kind]
        world.evaluate(episodes=2, seed=1)
        world.close()
    version = importlib.metadata.version("stable-worldmodel")
    sys.stdout.write(f"\n{json.dumps({'program': f'stable-worldmodel {version}', 'rows': rows})}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
