"""Randomisation: values that combine, settings with schedules, and what they do to a home."""
