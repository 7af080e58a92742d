"""What is of another lab or provider than was asked for is no near miss."""

from dataclasses import replace

import pytest

from domain.recommend import Of
from domain.required import Constraint, Requirements, State
from tests.domain.made_up import contender
from tests.domain.test_recommend import ADA, ada, ranked


@pytest.mark.parametrize("by", Of)
@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ({"labs": ("other",)}, "Lab: other is required; here it is acme."),
        ({"not_labs": ("acme",)}, "Lab: not acme is required; here it is acme."),
        ({"providers": ("other",)}, "Provider: other is required; here it is host."),
        ({"not_providers": ("host",)}, "Provider: not host is required; here it is host."),
    ],
)
def test_what_is_of_somebody_else_is_no_near_miss(wanted: dict[str, tuple[str, ...]], sentence: str, by: Of) -> None:
    """Who asks for one lab is not served by a model of another one, however cheap; why not is said of who is asked about."""
    asked = Requirements(**wanted)  # type: ignore[arg-type]
    found = ranked(ada(), wanted=asked, by=by)
    assert (found.fits, found.unsourced, found.near, found.left) == ((), (), (), 1)
    (fitting,) = ranked(ada(), by=by).fits
    unmet = [check for check in found.checks(fitting) if check.state is not State.MET]
    assert [check.sentence for check in unmet] == [sentence]


def test_an_unknown_lab_may_be_the_one_that_was_asked_for() -> None:
    unknown = contender(replace(ADA, lab=None), *ada().offers)
    (one,) = ranked(unknown, wanted=Requirements(labs=("acme",))).unsourced
    assert [check.constraint for check in one.unmet] == [Constraint.LAB]
