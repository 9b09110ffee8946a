"""Baselines, end to end: from an image to what an expert would do there."""
