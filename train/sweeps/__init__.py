"""Sweeps: hyper-parameters searched with W&B's sweep files, without an account and without a network.

`config` and `space` read the file, `search` and `hyperband` decide (pure functions of the file and the trials so far),
`command` writes a trial's command line, `store` keeps trials in a folder that any number of agents share, `program` and
`agent` run them, `fleet` runs several agents, `compare`, `importance` and `page` say what came out. docs/sweeps.md is
the user's page.
"""
