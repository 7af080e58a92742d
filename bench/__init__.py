"""Measured runs that print figures. Never tests."""
