"""The reference server: a correct, deterministic implementation of the four endpoints."""
