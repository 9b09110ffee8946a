"""The one error that bad input raises."""


class HomeError(ValueError):
    """A home, mesh or scene cannot be read. The message says what, where, and what to do; the CLI exits with 2."""
