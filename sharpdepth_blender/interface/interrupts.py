"""Ctrl+C in every kind of Blender."""

import signal


def raise_interrupts() -> None:
    """Have Ctrl+C raise `KeyboardInterrupt`, in the main thread and until this process ends.

    A Blender program has a handler of its own, in C, which sets a flag that only renders look at.
    """
    if signal.getsignal(signal.SIGINT) is None:  # set by C: not Python's, not ignored by a shell
        signal.signal(signal.SIGINT, signal.default_int_handler)
