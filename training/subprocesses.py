"""Child processes: the Blender that renders and the Python that trains."""

import _thread
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sharpdepth_blender.process.environment import find_interpreter, spawn_options

AS_CHILD = "SHARPDEPTH_TRAINING_CHILD"  # environment variable that tells a child what it is
AGAIN = 1.0  # seconds


class ChildFailedError(RuntimeError):
    """A child ended with an exit code other than 0, which is `code`."""

    def __init__(self, code: int):
        super().__init__(f"a child process ended with exit code {code}")
        self.code = code


class BlenderMissingError(FileNotFoundError):
    """There is no Blender here that can render the scenes."""


def inside_blender() -> bool:
    """Tell whether this Python is the one of a running Blender program, not of a bpy wheel."""
    return "bpy" in sys.modules and bool(sys.modules["bpy"].app.binary_path)


def blender_command(chosen: str | None) -> list[str]:
    """Return the start of a command that runs a script with bpy.

    `chosen` is a Blender or a Python with bpy, told apart by whether its name begins with "python".
    Without it, this Blender or this Python is used.

    Raises:
        BlenderMissingError: none was chosen and there is no bpy here.
    """
    if chosen and Path(chosen).name.startswith("python"):
        return [chosen]
    if chosen or inside_blender():
        program = chosen or sys.modules["bpy"].app.binary_path
        return [program, "--background", "--factory-startup", "--python-exit-code", "1", "--python"]
    if importlib.util.find_spec("bpy"):
        return [sys.executable]
    raise BlenderMissingError("rendering needs Blender: name one by --blender")


def run_children(commands):
    """Run commands side by side, their output streamed to ours.

    They end with this process, even if it is killed (see `end_with_parent`).

    Raises:
        ChildFailedError: one of them failed; the others were ended.
        KeyboardInterrupt: after all of them were ended.
    """
    children = []
    try:
        for command in commands:
            options = spawn_options()
            options["env"] |= {AS_CHILD: "1"}
            # Nothing is written to its standard input: it is there to end with us.
            children.append(subprocess.Popen(command, stdin=subprocess.PIPE, **options))
        waiting = list(children)
        while waiting:
            for child in list(waiting):
                try:
                    code = child.wait(timeout=0.2)
                except subprocess.TimeoutExpired:
                    continue
                waiting.remove(child)
                if code != 0:
                    raise ChildFailedError(code)
    except KeyboardInterrupt:
        ignore_interrupts()  # the next one would end the wait for the children
        raise
    finally:
        for child in children:
            child.stdin.close()
        for child in children:
            child.wait()


def heed_interrupts():
    """Take the interrupts that Blender keeps to itself, and a termination as one.

    They are repeated until the script has ended: Blender swallows an exception that is raised in
    one of the Python functions that it calls itself, as every render does.
    """
    signal.signal(signal.SIGINT, _interrupt_again_and_again)
    signal.signal(signal.SIGTERM, _interrupt_again_and_again)


def ignore_interrupts():
    """Let what has been interrupted end in peace."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent():
    """If this is a child of `run_children`, let it be interrupted when its parent wants no more.

    Otherwise two would write one folder when the command that was killed is given again. A parent
    that ends, in whatever way, closes the standard input that it gave.
    """
    if os.environ.pop(AS_CHILD, None):
        threading.Thread(target=_wait_for_the_end_of_input, daemon=True).start()


def torch_command() -> list[str]:
    """Return the interpreter of the engine's environment, as the start of a command."""
    return [str(find_interpreter())]


def _wait_for_the_end_of_input():
    os.read(0, 1)
    _thread.interrupt_main()


def _interrupt_again_and_again(*_):
    timer = threading.Timer(AGAIN, _thread.interrupt_main)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt
