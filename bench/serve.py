"""One server of a run, one worker on uvloop and httptools: `python -m bench.serve NAME`, with PORT, DATABASE_URL and POOL_SIZE set."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

import uvicorn
from starlette.applications import Starlette

from api.serving import WIRE
from bench import limits, naive, product

APPS: dict[str, Callable[[], Starlette]] = {
    "product": product.app,
    "limit2": limits.limit2,
    "limit3": limits.limit3,
    "constant": limits.constant,
    "naive": naive.app,
}


def main() -> None:
    """Serves until it is asked to stop."""
    name, port = sys.argv[1], int(os.environ["PORT"])
    wire = WIRE if name == "product" else {"http": "httptools"}  # as it is served, beside uvicorn as it is
    uvicorn.run(APPS[name](), host="127.0.0.1", port=port, loop="uvloop", log_level="warning", access_log=False, **wire)


if __name__ == "__main__":
    main()
