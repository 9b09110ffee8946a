"""Things that move: doors that swing, people and trolleys that walk. Off unless asked for."""

from sim.traffic.traffic import Traffic, TrafficPlan

__all__ = ["Traffic", "TrafficPlan"]
