"""Settings for all tests: seeded property tests with no wall-clock deadline, as machines differ in speed."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50)
settings.load_profile("repeatable")
