"""Settings of every test: drawing needs no screen, and property tests repeat themselves."""

from __future__ import annotations

import matplotlib
from hypothesis import settings

# Not the variable MPLBACKEND: notebook kernels that a test starts would inherit it and lose their charts.
matplotlib.use("Agg")

# The same commit gives the same result on every machine, however busy.
# To look for new counterexamples: pytest --hypothesis-profile=search
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2000)
settings.load_profile("repeatable")
