"""Accord's conformance suite."""
