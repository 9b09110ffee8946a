"""Closed loop: policies drive through homes from their cameras, and are judged by how they drive."""
