"""Engines: many episodes at once, on this machine or on many."""

from datagen.engine.run import Progress, Summary, generate

__all__ = ["Progress", "Summary", "generate"]
