from hypothesis import HealthCheck, settings

# A busy machine is no fault of the code: time is measured in benchmarks, never asserted.
settings.register_profile(
    "accord", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("accord")
