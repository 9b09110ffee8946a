"""Tables in parquet files of limited size, cut between episodes."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any


class ParquetShards:
    """Writes tables into the files `path_of(0)`, `path_of(1)` …, in a `with` statement.

    A file is closed before the table that would take it beyond `most_bytes`. Each table is a row group of its own, or
    several of at most `most_rows`. `plain`: columns that gain nothing from a dictionary, such as images.
    """

    def __init__(
        self,
        path_of: Callable[[int], Path],
        schema: Any,
        most_bytes: int,
        *,
        plain: frozenset[str],
        most_rows: int | None = None,
    ) -> None:
        self._path_of, self._schema, self._most_bytes, self._most_rows = path_of, schema, most_bytes, most_rows
        self._dictionary = [name for name in schema.names if name not in plain]
        self._files = contextlib.ExitStack()
        self._writer: Any = None
        self._number, self._bytes = 0, 0

    def add(self, table: Any) -> int:
        """Writes a table; returns the number of the file that it is in."""
        from pyarrow import parquet

        if self._writer is not None and self._bytes + table.nbytes > self._most_bytes:
            self._files.close()
            self._writer, self._number, self._bytes = None, self._number + 1, 0
        if self._writer is None:
            path = self._path_of(self._number)
            path.parent.mkdir(parents=True, exist_ok=True)
            writer = parquet.ParquetWriter(path, self._schema, use_dictionary=self._dictionary)
            self._writer = self._files.enter_context(writer)
        self._writer.write_table(table, row_group_size=self._most_rows)
        self._bytes += table.nbytes
        return self._number

    def __enter__(self) -> ParquetShards:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._files.close()
