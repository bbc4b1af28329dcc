"""No timing decides a test: hypothesis fails none for a slow moment of the machine.

Where tests run side by side (pytest -n), each of their processes keeps its matrix products to one thread.
"""

import os

if "PYTEST_XDIST_WORKER" in os.environ:  # before NumPy is imported; the programs that the tests start inherit it
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ.setdefault(name, "1")


try:
    from hypothesis import HealthCheck, settings
except ModuleNotFoundError:  # an extra; the tests that need it skip themselves
    pass
else:
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
