"""Interrupts: Ctrl+C while Blender itself works."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_interrupts() -> Iterator[None]:
    """Let the block do its work, and raise what was interrupted meanwhile at its end.

    A `KeyboardInterrupt` that is raised in the Python of Cycles, of an exporter or of a handler is
    printed by Blender, which goes on as if nothing had been, with a picture that is not whole.

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
