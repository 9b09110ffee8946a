"""The entry `ContentDigests`: SHA-1 of each content, by which the program tells a damaged home."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping

from scenes.errors import HomeError
from scenes.home.archive import Archive

ENTRY = "ContentDigests"
_NOT_SIGNIFICANT = "license.txt"
"""A file that does not count, in whatever case."""


def format_digests(contents: Mapping[str, bytes]) -> bytes:
    """The bytes of the entry for these contents; `12/name.obj` and its neighbours count as one content."""
    lines = ["ContentDigests-Version: 1.0", ""]
    folders = _folders(contents)
    for name in sorted(contents):
        if "/" in name and not name.endswith(".obj"):
            continue
        files = [contents[part] for part in (folders[name.partition("/")[0]] if "/" in name else [name])]
        lines += [f"Name: {name}", f"SHA-1-Digest: {_sha1(files)}", ""]
    return "\n".join(lines).encode()


def check_digests(archive: Archive) -> list[str]:
    """Warnings for the contents that are not what was saved."""
    if ENTRY not in archive:
        return []
    text = archive.read(ENTRY).decode("utf-8", "replace")
    digests = dict(re.findall(r"Name: (.+)\r?\nSHA-1-Digest: (\S+)", text))
    folders = _folders(archive.names())
    found: dict[str, str] = {}
    warnings = []
    for name, digest in digests.items():
        folder = name.partition("/")[0]
        parts, key = (folders.get(folder, []), f"{folder}/") if "/" in name else ([name], name)
        try:
            if key not in found:
                found[key] = _sha1(chunk for part in parts for chunk in archive.chunks(part))
            if found[key] != digest:
                warnings.append(f"content {name!r} is not what was saved (its digest differs)")
        except HomeError as error:
            warnings.append(f"content {name!r} cannot be read: {error}")
    return warnings


def _folders(names: Iterable[str]) -> dict[str, list[str]]:
    """The significant entries of each outermost folder, in order: a content of several files is all that it holds."""
    folders: dict[str, list[str]] = {}
    for name in sorted(names):
        folder, slash, _ = name.partition("/")
        if slash and name.rpartition("/")[2].lower() != _NOT_SIGNIFICANT:
            folders.setdefault(folder, []).append(name)
    return folders


def _sha1(chunks: Iterable[bytes]) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for chunk in chunks:
        digest.update(chunk)
    return base64.b64encode(digest.digest()).decode()
