"""Processes: each mutant is judged in one of its own, parted from this one and ended in time."""

from __future__ import annotations

import resource
import signal
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from multiprocessing import connection, get_context

from judging import By, Notice, judge
from mutants import Mutant, Place

Make = Callable[[Place], Mutant | None]
"""Makes the mutant of a place; None where the change would change nothing."""

FORK = get_context("fork")
"""What is imported here is there; what is imported there stays there."""

CPU, WALL = 200, 900
"""Seconds for one mutant: of work, and in all on a busy machine. Some never end."""

OUT_OF_TIME = (-signal.SIGXCPU, -signal.SIGALRM)


def judge_each(
    places: Iterable[Place], make: Make, jobs: int
) -> Iterator[tuple[Mutant | None, Notice | None]]:
    """Judge mutants, some at a time; give each, with who has noticed it, as it is done."""
    waiting = iter(places)
    trials = [_Trial(place, make) for place in islice(waiting, jobs)]
    while trials:
        ready = connection.wait([trial.heard for trial in trials])
        for trial in [trial for trial in trials if trial.heard in ready]:
            trials.remove(trial)
            trials += [_Trial(place, make) for place in islice(waiting, 1)]
            yield trial.result()


class _Trial:
    """A process that judges one mutant.

    Attributes:
        heard: what it says is read here.
    """

    def __init__(self, place: Place, make: Make) -> None:
        self._place, self._make = place, make
        self.heard, self._says = FORK.Pipe(duplex=False)
        self._process = FORK.Process(target=self._run, daemon=True)
        self._process.start()
        self._says.close()

    def _run(self) -> None:
        # The signals end the process: an exception would be caught by whoever is judging.
        resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU + 5))
        signal.alarm(WALL)
        mutant = self._make(self._place)
        self._says.send((mutant, judge(mutant) if mutant else None))

    def result(self) -> tuple[Mutant | None, Notice | None]:
        """What it said; or how it ended, if it said nothing."""
        try:
            said: tuple[Mutant | None, Notice | None] = self.heard.recv()
        except EOFError:
            self._process.join()
            ended = self._process.exitcode
            by = By.SLOW if ended in OUT_OF_TIME else By.BROKE
            return self._make(self._place), Notice(by, f"the process ended with {ended}")
        finally:
            self.heard.close()
        self._process.join()
        return said
