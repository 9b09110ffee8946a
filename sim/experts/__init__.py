"""Experts that know the way: perfect, wandering and teleporting."""
