"""The listing of a dataset: `frames.parquet` and `episodes.parquet`, made from the episodes' files.

`episodes.parquet` is replaced last, and readers take the rows of the episodes that it names: at every moment the
listing tells of whole episodes only.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datagen.store.episode import DAMAGED, FACTS, ROWS
from datagen.store.schema import ADDED, Json, episode_schema, frame_schema
from scenes.errors import HomeError
from scenes.files import write_whole

EPISODES_FOLDER = "episodes"
_FEW_ROWS = 10_000
"""A table of more has a byte per row at least: times and poses differ."""
FRAMES, EPISODES = "frames.parquet", "episodes.parquet"


def episode_file(folder: Path, index: int) -> Path:
    """Where an episode is stored."""
    return folder / EPISODES_FOLDER / f"{index:06d}.zip"


def home_file(folder: Path, home: str) -> Path:
    """Where a dataset keeps what is known of a home."""
    return folder / "homes" / f"{home}.json"


def stored_episodes(folder: Path, episodes: int) -> list[int]:
    """Which of the first `episodes` episodes are stored, in order."""
    found = (re.fullmatch(r"(\d{6,})\.zip", path.name) for path in (folder / EPISODES_FOLDER).glob("*.zip"))
    return sorted(int(match[1]) for match in found if match and int(match[1]) < episodes)


def list_episodes(folder: Path, episodes: int) -> int:
    """Lists the episodes among the first `episodes` that are stored; returns how many.

    Rows of episodes that are listed already are kept, so that listing often costs little.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    stored = stored_episodes(folder, episodes)
    frames, listed = read_listing(folder)
    kept = pc.is_in(listed["episode"], pa.array(stored, pa.int32()))
    listed = listed.filter(kept)
    known = set(listed["episode"].to_pylist())
    if known == set(stored) and kept.to_pylist().count(False) == 0 and (folder / EPISODES).exists():
        return len(stored)
    new_frames, new_listed = _gather(folder, [index for index in stored if index not in known])
    frames = frames.filter(pc.is_in(frames["episode"], listed["episode"]))
    _write(folder / FRAMES, _sorted(pa.concat_tables([frames, new_frames])))
    _write(folder / EPISODES, _sorted(pa.concat_tables([listed, new_listed])))
    return len(stored)


def list_anew(folder: Path, episodes: int) -> tuple[Any, Any]:
    """What `read_listing` should say of a complete dataset, by its episodes' files.

    Raises:
        HomeError: a file is missing or damaged.
    """
    return _gather(folder, range(episodes))


def read_listing(folder: Path) -> tuple[Any, Any]:
    """The listed frames and episodes, two `pyarrow.Table`s; without rows where nothing is listed yet.

    Raises:
        HomeError: a file is damaged, or lists other columns.
    """
    import pyarrow.compute as pc

    if not (folder / EPISODES).exists():
        return frame_schema().empty_table(), episode_schema().empty_table()
    tables = []
    for name, schema in ((FRAMES, frame_schema()), (EPISODES, episode_schema())):
        try:
            table = read_parquet((folder / name).read_bytes(), schema)
        except DAMAGED as error:
            raise HomeError(
                f"{folder / name} is damaged ({error}); delete it and episodes.parquet, then resume to list anew"
            ) from error
        tables.append(table)
    frames, episodes = tables
    return frames.filter(pc.is_in(frames["episode"], episodes["episode"])), episodes


def read_parquet(data: bytes, schema: Any) -> Any:
    """A `pyarrow.Table` of these columns; those that an older version did not write are null.

    Raises:
        ValueError: bytes that are no such table, or so few of them that its rows must all be alike.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        rows = parquet.read_metadata(io.BytesIO(data)).num_rows
        if rows > _FEW_ROWS + len(data):
            raise ValueError(f"{rows:,} rows in {len(data):,} bytes, which no dataset has")
        table = parquet.read_table(io.BytesIO(data), page_checksum_verification=True)
        if table.schema.names == [name for name in schema.names if name not in ADDED]:
            for name in schema.names[len(table.schema.names) :]:
                table = table.append_column(name, pa.nulls(len(table), schema.field(name).type))
        if table.schema.names != schema.names:
            raise ValueError("other columns than this version writes")
        table = table.cast(schema)
        table.validate(full=True)
        if any(table[name].null_count for name in ("episode", "home")):
            raise ValueError("rows of no episode or home")
        return table
    except (pa.ArrowException, OSError) as error:
        raise ValueError(f"no such table: {error}") from error


def listed_hashes(folder: Path) -> list[str]:
    """The sha256 of each listed episode's file, in order."""
    return read_listing(folder)[1]["sha256"].to_pylist()


def read_contents(archive: zipfile.ZipFile) -> tuple[Any, dict[str, Json]]:
    """The rows of an episode, a `pyarrow.Table`, and its facts.

    Raises:
        DAMAGED: what does not read.
    """
    facts = json.loads(archive.read(FACTS))
    if not isinstance(facts, dict) or facts.keys() != {"episode", "home", "home_hash", "outcome", "drawn"}:
        raise ValueError(f"{FACTS} does not tell what it should")
    rows = read_parquet(archive.read(ROWS), frame_schema())
    if len(rows) > len(archive.namelist()):
        raise ValueError(f"{len(rows):,} rows of {len(archive.namelist()):,} files")
    return rows, facts


def _gather(folder: Path, indices: Iterable[int]) -> tuple[Any, Any]:
    """The rows of stored episodes, and their rows of `episodes.parquet`."""
    import pyarrow as pa

    read = [read_episode(folder, index) for index in indices]
    frames = pa.concat_tables([frame_schema().empty_table(), *(rows for rows, _ in read)]).combine_chunks()
    return frames, pa.Table.from_pylist([facts for _, facts in read], schema=episode_schema())


def read_episode(folder: Path, index: int) -> tuple[Any, dict[str, Any]]:
    """The rows of a stored episode, and its row of `episodes.parquet`.

    Raises:
        HomeError: the file is missing or damaged.
    """
    path = episode_file(folder, index)
    try:
        data = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            rows, facts = read_contents(archive)
    except DAMAGED as error:
        raise HomeError(f"{path} is damaged ({error}); delete it and resume to make it anew") from error
    return rows, {
        "episode": index,
        "frames": len(rows),
        "home": facts["home"],
        "home_hash": facts["home_hash"],
        "outcome": facts["outcome"],
        "drawn": json.dumps(facts["drawn"], ensure_ascii=False, sort_keys=True),
        "file": path.relative_to(folder).as_posix(),
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
    }


def _sorted(table: Any) -> Any:
    """A table by its episodes, an episode's rows in the order in which they stand."""
    import numpy as np

    return table.take(np.argsort(table["episode"].to_numpy(), kind="stable"))


def _write(path: Path, table: Any) -> None:
    from pyarrow import parquet

    buffer = io.BytesIO()
    parquet.write_table(table.combine_chunks(), buffer, write_page_checksum=True)
    write_whole(path, buffer.getvalue())
