"""Robots that physics moves: a wheeled one, and a tracked one that climbs stairs."""
