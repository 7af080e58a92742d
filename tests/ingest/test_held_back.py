"""What is said of a document that names much less than the one before."""

from ingest.take import SourceReport


def test_the_largest_losses_come_first_with_some_ids() -> None:
    missing = {
        "one": ["x"],
        "acme": [f"bolt-{number}" for number in range(1200)],
        "models": ["acme/volt", "acme/amp", "acme/ohm"],
        "host": ["a", "b"],
        "other": ["c"],
    }
    held = SourceReport("made-up", "file", "held", named=1, named_before=1208, missing=missing).held
    assert held is not None
    assert (
        "Not named any more: 1,200 of acme (bolt-0, bolt-1, bolt-10, …), 3 of models (acme/amp, acme/ohm, acme/volt),"
        " 2 of host (a, b), 2 of 2 more. If it is right" in held
    )
