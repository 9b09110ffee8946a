"""Benchmark sets: homes, poses, episodes and routes that never change, for all to be judged on. docs/benchmark.md."""

from datagen.benchmark_set.loading import BenchmarkSet, Route, Start, load_set
from datagen.benchmark_set.rendering import render_set

__all__ = ["BenchmarkSet", "Route", "Start", "load_set", "render_set"]
