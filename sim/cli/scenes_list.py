"""`sim scenes`."""

from __future__ import annotations


def scenes() -> None:
    """List the bundled scenes."""
    from scenes.bundled import bundled_names, bundled_path, description

    for name in bundled_names():
        size = bundled_path(name).stat().st_size / 1024
        print(f"{name:12} {size:6.0f} KiB  {description(name)}")
