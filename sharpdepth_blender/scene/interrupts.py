"""Interrupts: Ctrl+C while Blender itself is at work."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Hold back Ctrl+C while the block runs, and raise it at the end.

    Blender prints a `KeyboardInterrupt` that is raised in the Python of Cycles, an exporter or a
    handler, and carries on as if nothing had happened, with an incomplete picture.

    Raises:
        KeyboardInterrupt: Ctrl+C was pressed.
    """
    ours = threading.current_thread() is threading.main_thread()
    if not ours or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield  # nothing would be raised
        return
    pressed = []
    signal.signal(signal.SIGINT, lambda *_: pressed.append(True))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        if pressed:
            raise KeyboardInterrupt
