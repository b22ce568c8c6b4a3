"""The global random state from which both sides of a case start.

NumPy at import only: the student kernel uses this too.
"""

from __future__ import annotations

import sys

import numpy as np

__all__ = ["seed_global_state"]


def seed_global_state(seed: int = 0) -> None:
    """Let code that draws its own random numbers draw the same ones each time."""
    np.random.seed(seed)
    if "torch" in sys.modules:
        # As torch.manual_seed does it, which also remembers a traceback for each kind of device.
        sys.modules["torch"].default_generator.manual_seed(seed)
