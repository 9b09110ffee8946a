"""A Sweet Home 3D file as typed data, read without loss and written back."""
