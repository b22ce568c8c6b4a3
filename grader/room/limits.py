"""How much one learner may send: enough for the busiest honest one, and no flood."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

__all__ = ["Allowance"]


class Allowance:
    """A bucket a learner, refilled at a steady rate."""

    def __init__(
        self, burst: float, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._rate = per_second
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = defaultdict(lambda: (burst, clock()))

    def wait(self, account: str, cost: float = 1.0) -> float:
        """Take `cost`; return 0, or, where that is too much now, the seconds to wait instead."""
        left, then = self._left[account]
        now = self._clock()
        left = min(self._burst, left + (now - then) * self._rate)
        missing = min(cost, self._burst) - left
        self._left[account] = (left if missing > 0 else left - cost, now)
        return max(missing / self._rate, 0.0)
