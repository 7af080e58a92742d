"""Tests of one group run in one process, so that what they share is made once: the whole catalogue takes a minute."""

import pytest


@pytest.mark.xdist_group("its own")
def test_a_group_is_told_to_who_hands_out_the_tests(request: pytest.FixtureRequest) -> None:
    """pytest-xdist tells it in the name of the test; a pytest that does not let it makes all of this slow, and nothing else shows it."""
    if not getattr(request.config.option, "loadgroup", False):
        pytest.skip("only where tests are handed out by group")
    assert request.node.nodeid.endswith("@its own")
