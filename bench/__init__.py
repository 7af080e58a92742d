"""Measured runs that print figures. Never tests. `bench/run` is the whole comparison; docs/performance.md tells how to read it."""
