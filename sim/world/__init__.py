"""A home as a place with physics: PyBullet bodies to stand on and to bump into."""
