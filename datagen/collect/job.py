"""`Job`: what is to be made, with its homes' files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datagen.config import Config, home_names
from datagen.store import home_hash
from scenes.library import find_home, load_scene
from scenes.scene import Scene


@dataclass(frozen=True)
class HomeFile:
    """A home. `digest`: `datagen.store.home_hash` of its file."""

    name: str
    path: Path
    digest: str


@dataclass(frozen=True)
class Job:
    """A configuration with its homes' files; it can be pickled, so that any process can make any episode."""

    config: Config
    homes: tuple[HomeFile, ...]

    def scene(self, home: int) -> Scene:
        """Return the scene of a home, by its index."""
        return load_scene(str(self.homes[home].path), closed=self.config.close)


def make_job(config: Config) -> Job:
    """Finds the homes of a configuration.

    Raises:
        HomeError: one is not there, or two are called alike.
    """
    paths = [find_home(home).resolve() for home in config.homes]
    names = home_names(config.homes)
    return Job(config, tuple(HomeFile(name, path, home_hash(path)) for name, path in zip(names, paths, strict=True)))
