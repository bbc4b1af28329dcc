"""No timing decides a test: hypothesis fails none for a slow moment of the machine."""

try:
    from hypothesis import HealthCheck, settings
except ModuleNotFoundError:  # an extra; the tests that need it skip themselves
    pass
else:
    settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    settings.load_profile("untimed")
