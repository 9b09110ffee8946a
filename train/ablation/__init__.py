"""Experiments that answer one question each: one model trained in several arms, judged on homes that none has seen."""
