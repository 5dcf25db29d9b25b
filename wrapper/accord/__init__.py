"""Accord: the client for every OpenAI-compatible server."""
