"""Measurements behind `sim bench`."""
