"""How long tests wait before they call something slow."""

from typing import Final

BUSY: Final = 3.0
"""By this a promised time is multiplied: suites share a machine with each other. How long it takes on an idle one is
printed by the tests and measured in `tests/benchmarks`."""
