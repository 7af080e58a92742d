"""What is printed into a pipe whose reader goes."""

import signal
import subprocess
import sys


def test_who_has_seen_enough_may_close_the_pipe() -> None:
    """As `| head` does: nothing is said of it, and nothing fails that was to be done."""
    code = """
from schema import published
def long():
    for _ in range(20_000):
        print("x" * 100)
    return ""
published.sdl = long
from api.__main__ import main
raise SystemExit(main(["export-schema"]))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as made:
        assert made.stdout is not None
        assert made.stderr is not None
        made.stdout.readline()
        made.stdout.close()
        said = made.stderr.read()
    assert (made.returncode, said) == (128 + signal.SIGPIPE, b"")
