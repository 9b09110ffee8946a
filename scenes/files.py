"""Files that appear whole or not at all, and what disks refuse in plain words."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scenes.errors import HomeError

_REFUSED = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
}


@contextlib.contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn what the disk refuses to write in `folder` into one HomeError that says what to do."""
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        raise HomeError(
            f"{folder}: cannot write: {_REFUSED[error.errno]}; what was stored stays valid: "
            "make room or give permission, then run the same command again"
        ) from error


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file aside and renames it into place, so that a reader or a crash never sees half of it."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        temporary.chmod(0o644)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
