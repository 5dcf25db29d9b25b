"""The pytest plugin: fixtures for tests against the reference server."""
