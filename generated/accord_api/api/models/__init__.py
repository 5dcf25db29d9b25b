"""The operations on `models`."""
