"""A PTZ camera that collects, learns a world model, dreams, learns to act, and collects again, home after home."""
