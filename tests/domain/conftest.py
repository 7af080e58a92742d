"""Few examples per property: the rooms above have slower tests to run in the same minute."""

from hypothesis import settings

settings.register_profile("domain", max_examples=40, deadline=None)
settings.load_profile("domain")
