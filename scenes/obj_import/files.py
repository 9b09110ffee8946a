"""The files of an OBJ: a zip, or the folder that the OBJ lies in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from scenes.errors import HomeError
from scenes.home.archive import Archive, open_archive
from scenes.kinds import is_obj, read_file
from scenes.limits import MIB, require_within


def open_files(path: Path) -> tuple[Archive, str]:
    """The files beside an OBJ or in a zip, told by the content, and the name of the OBJ among them.

    Raises:
        HomeError: a damaged zip, or no OBJ in it, or more than one.
        OSError: the file cannot be opened.
    """
    data = read_file(path)
    if is_obj(data, path.name):
        file = path.resolve(strict=True)
        return Archive(_Folder(file.parent)), file.name
    archive = open_archive(data)
    return archive, find_obj(archive)


def find_obj(archive: Archive) -> str:
    """The one OBJ of an archive.

    Raises:
        HomeError: none, or more than one.
    """
    found = [name for name in archive.names() if name.lower().endswith(".obj") and not _is_leftover(name)]
    if not found:
        raise HomeError("the zip holds no .obj; export the home in Sweet Home 3D with 3D view > Export to OBJ format")
    if len(found) > 1:
        raise HomeError(f"the zip holds {len(found)} .obj files ({found[0]!r}, {found[1]!r} ...); put one into it")
    return found[0]


def _is_leftover(name: str) -> bool:
    """Whether an entry is one of those that macOS puts beside the real ones."""
    path = PurePosixPath(name)
    return "__MACOSX" in path.parts or path.name.startswith(".")


@dataclass(frozen=True)
class _Folder(Mapping[str, bytes]):
    """The files of a folder by their path in it, read when asked for; what lies outside of it is not seen."""

    root: Path

    def __getitem__(self, name: str) -> bytes:
        path = self._path(name)
        if path is None:
            raise KeyError(name)
        try:
            require_within("entry_mib", path.stat().st_size / MIB, name)
            return path.read_bytes()
        except OSError as error:
            raise HomeError(f"{name} cannot be read: {error.strerror}") from error

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._path(name) is not None

    def __iter__(self) -> Iterator[str]:
        return (path.name for path in sorted(self.root.iterdir()) if path.is_file())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def _path(self, name: str) -> Path | None:
        try:
            path = (self.root / name).resolve()
            return path if path.is_relative_to(self.root) and path.is_file() else None
        except (OSError, ValueError):
            return None
