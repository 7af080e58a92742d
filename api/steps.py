"""Shows on standard error what is being done and how long it took: bars on a terminal, else a line for each step.

Results go to standard output, so that a command can be piped while its progress stays visible.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self, TextIO, TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

T = TypeVar("T")


class _Display(Protocol):
    def begin(self, step: str, total: int) -> None: ...
    def advance(self, done: int, total: int) -> None: ...
    def end(self, seconds: float) -> None: ...
    def close(self) -> None: ...


class _Lines:
    """For files and pipes: a line when a step ends, and at once for one of unknown length, such as waiting."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._step = ""

    def begin(self, step: str, total: int) -> None:
        self._step = step
        if not total:
            print(f"==> {step} ...", file=self._stream, flush=True)

    def advance(self, done: int, total: int) -> None:
        pass

    def end(self, seconds: float) -> None:
        print(f"==> {self._step}: {seconds:.1f} s", file=self._stream, flush=True)

    def close(self) -> None:
        pass


class _Seconds(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.finished_time or task.elapsed or 0:5.1f} s")


class _Bars:
    """For terminals."""

    def __init__(self, stream: TextIO) -> None:
        columns = (TextColumn("{task.description:<24}", markup=False), BarColumn(30), _Seconds())
        self._progress = Progress(*columns, console=Console(file=stream))
        self._task = TaskID(0)
        self._progress.start()

    def begin(self, step: str, total: int) -> None:
        self._task = self._progress.add_task(step, total=total or None)

    def advance(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total or None)

    def end(self, seconds: float) -> None:
        self._progress.update(self._task, completed=1, total=1)

    def close(self) -> None:
        self._progress.stop()


class Steps:
    """Called with a step's name, how much of it is done and how much there is; 0 of 0 where nobody can say how long it
    takes. A step ends when all is done or when another begins. A context manager: nothing else prints meanwhile."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._display: _Display = _Lines(self._stream)
        self._current: str | None = None
        self._began = 0.0

    def __enter__(self) -> Self:
        if self._stream.isatty():
            self._display = _Bars(self._stream)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self._end()
        self._display.close()

    def __call__(self, step: str, done: int, total: int) -> None:
        if step != self._current:
            self._end()
            self._current, self._began = step, time.monotonic()
            self._display.begin(step, total)
        self._display.advance(done, total)
        if total and done >= total:
            self._end()

    def run(self, step: str, act: Callable[[], T]) -> T:
        """Does one thing as one step."""
        self(step, 0, 1)
        result = act()
        self(step, 1, 1)
        return result

    def _end(self) -> None:
        if self._current is not None:
            self._display.end(time.monotonic() - self._began)
            self._current = None
