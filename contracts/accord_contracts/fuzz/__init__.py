"""Fuzzing: requests that nobody thought of, made by schemathesis, judged by the same rules.

Nothing else in Accord imports this package before it is used: schemathesis and Hypothesis are
large, and come with `pip install "accord[fuzz]"`. `obligations` alone can be imported without.
"""
