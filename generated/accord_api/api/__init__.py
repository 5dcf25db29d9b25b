"""The calls, a module for each operation."""
