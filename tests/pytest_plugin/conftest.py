from __future__ import annotations

import pytest

import accord_contracts
from accord_contracts import conformance, faults


@pytest.fixture(scope="session", autouse=True)
def everything_is_imported() -> None:
    """Import what runs import late.

    pytester forgets the modules that a run within a run imported. anyio's second copy would wait
    for ever for what the first one began.
    """
    assert faults.ALL
    assert conformance.NODE
    accord_contracts.check(only="models")
