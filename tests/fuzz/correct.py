"""Does fuzzing blame the correct server? A measurement: 20,000 requests, five seeds, no finding.

Run it with `nox -s fuzz -- correct`; it takes some minutes.
"""

from __future__ import annotations

import argparse
import sys
import time

from accord_contracts.faults.bank import KEY
from accord_contracts.finding import Verdict
from accord_contracts.fuzz.run import FuzzPlan, fuzz
from accord_contracts.server import ReferenceServer, Settings
from accord_contracts.target import Target

BAD = (Verdict.FAIL, Verdict.HARNESS_ERROR, Verdict.COULD_NOT_RUN)


def fuzz_once(requests: int, seed: int) -> int:
    """Fuzz the correct server; give the number of findings, and print them."""
    began = time.perf_counter()
    with ReferenceServer(Settings(api_key=KEY)) as server:
        target = Target(server.base_url, KEY)
        report = fuzz(target, FuzzPlan(requests, seed=seed, database="none")).report
    bad = report.having(*BAD)
    streams = sum(exchange.request.streams for exchange in report.exchanges)
    answered = sum(exchange.ok for exchange in report.exchanges)
    seconds = time.perf_counter() - began
    print(
        f"seed {seed}: {report.requests} requests ({answered} answered 2xx, {streams} for streams),"
        f" {report.tokens} tokens, {seconds:.0f} s, {time.process_time():.0f} s of processor"
        f" so far: {len(bad)} findings",
        flush=True,
    )
    for finding in bad:
        print(f"  {finding}")
        if finding.exchange is not None:
            print(f"    {report.target.curl(finding.exchange.request)[:600]}")
            print(f"    {finding.exchange.outcome}", flush=True)
    return len(bad)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=4200, help="with each seed")
    parser.add_argument("seeds", type=int, nargs="*", default=range(5), help="0 to 4 by default")
    options = parser.parse_args()
    return sum(fuzz_once(options.requests, seed) for seed in options.seeds)


if __name__ == "__main__":
    sys.exit(bool(main()))
