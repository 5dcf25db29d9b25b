"""A process that does one job, as often as it is told.

    python benchmarks/worker.py JOB URL [NUMBER...]

Each line of its standard input says how many calls to do. It answers with the microseconds of
processor time that an item took, system calls included, and with the MiB of memory that it has.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from pathlib import Path

import jobs


def main() -> None:
    """Do a job until the standard input ends."""
    name, url, *numbers = sys.argv[1:]
    work = getattr(jobs, name)(url, *map(int, numbers))
    for line in sys.stdin:
        gc.collect()  # what the last round left is not this one's
        started = time.process_time()
        items = work(int(line))
        cost = (time.process_time() - started) / items * 1e6
        sys.stdout.write(f"{cost} {_resident()}\n")
        sys.stdout.flush()


def _resident() -> float:
    """Give the MiB that are in memory; where only Linux tells, the most that ever were."""
    gc.collect()
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGESIZE") / 2**20
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes, on a Mac


if __name__ == "__main__":
    main()
