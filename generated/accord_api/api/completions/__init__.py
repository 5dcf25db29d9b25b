"""The operations on `completions`."""
