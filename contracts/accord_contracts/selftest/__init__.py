"""The suite judged by its own fault bank: every rule against every fault."""

from accord_contracts.selftest.judging import judge_fault

__all__ = ["judge_fault"]
