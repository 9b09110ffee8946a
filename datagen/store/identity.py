"""Hashes: of a home's file, of a dataset's content, and of what made it."""

from __future__ import annotations

import functools
import hashlib
import json
import platform
import zipfile
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path

from datagen.store.schema import Json

_LIBRARIES = ("numpy", "pillow", "deflate", "pyarrow")
_PACKAGES = ("scenes", "sim", "datagen")
_CODE_LEFT_OUT = frozenset({"cli", "benchmarks", "reader", "checks", "report", "export"})
"""Folders whose code does not touch what is stored."""


def home_hash(path: Path) -> str:
    """The identity of a home: of the files in its zip, so that zipping it anew changes nothing; else of its bytes."""
    digest = hashlib.sha256()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                digest.update(name.encode() + hashlib.sha256(archive.read(name)).digest())
    else:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def content_hash(identity: Mapping[str, Json], episodes: Iterable[str]) -> str:
    """The hash of a dataset: of what it is to be, and of its episodes' files in order (their sha256)."""
    said = json.dumps([identity, list(episodes)], sort_keys=True, ensure_ascii=False, allow_nan=False)
    return hashlib.sha256(said.encode()).hexdigest()


def environment() -> dict[str, str]:
    """What content may depend on besides the configuration and the renderer: code and libraries."""
    versions = {name: metadata.version(name) for name in _LIBRARIES}
    return {"code": code_hash(_PACKAGES, _CODE_LEFT_OUT), "python": platform.python_version(), **versions}


@functools.cache
def code_hash(packages: tuple[str, ...], left_out: frozenset[str]) -> str:
    """The version of the code: of the Python files of packages, but for those in folders of the given names."""
    root = Path(__file__).parents[2]
    digest = hashlib.sha256()
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            if not left_out & set(path.relative_to(root).parts):
                digest.update(path.relative_to(root).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]
