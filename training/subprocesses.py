"""Child processes: Blender for rendering, Python for training."""

import _thread
import importlib.util
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

from sharpdepth_blender.process.environment import find_interpreter, spawn_options

AS_CHILD = "SHARPDEPTH_TRAINING_CHILD"  # environment variable that marks a child process
INTERRUPT_PERIOD = 1.0  # seconds


class ChildFailedError(RuntimeError):
    """A child process exited with the nonzero `code`."""

    def __init__(self, code: int):
        super().__init__(f"a child process failed with exit code {code}")
        self.code = code


class BlenderMissingError(FileNotFoundError):
    """No Blender found to render the scenes."""


def inside_blender() -> bool:
    """Whether this Python runs in the Blender program, as opposed to a bpy wheel."""
    return "bpy" in sys.modules and bool(sys.modules["bpy"].app.binary_path)


def blender_command(chosen: str | None) -> list[str]:
    """Return the command prefix to run a script with bpy.

    `chosen` is a Blender, or a Python with bpy if its name begins with "python". The default is
    the Blender or the Python that is running.

    Raises:
        BlenderMissingError: none was chosen and bpy is not available here.
    """
    if chosen and Path(chosen).name.startswith("python"):
        return [chosen]
    if chosen or inside_blender():
        program = chosen or sys.modules["bpy"].app.binary_path
        return [program, "--background", "--factory-startup", "--python-exit-code", "1", "--python"]
    if importlib.util.find_spec("bpy"):
        return [sys.executable]
    raise BlenderMissingError("rendering needs Blender: pass one with --blender")


def run_children(commands):
    """Run commands in parallel with inherited output streams.

    They end when this process does, even if it is killed (see `end_with_parent`).

    Raises:
        ChildFailedError: one of them failed; the others have been stopped.
        KeyboardInterrupt: raised once all of them have been stopped.
    """
    children = []
    try:
        for command in commands:
            options = spawn_options()
            options["env"] |= {AS_CHILD: "1"}
            # Nothing is written to its standard input, which closes when this process ends.
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
        ignore_interrupts()  # another one would cut short the wait for the children
        raise
    finally:
        for child in children:
            child.stdin.close()
        for child in children:
            child.wait()


def heed_interrupts():
    """Raise KeyboardInterrupt on SIGINT, which Blender handles itself, and on SIGTERM.

    It is raised repeatedly until the script ends, because Blender swallows exceptions raised in
    Python functions that it calls itself, as it does during every render.
    """
    signal.signal(signal.SIGINT, _interrupt_repeatedly)
    signal.signal(signal.SIGTERM, _interrupt_repeatedly)


def ignore_interrupts():
    """Ignore further signals while an interrupted run shuts down."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def end_with_parent():
    """If this is a child of `run_children`, interrupt it when its parent ends.

    Otherwise rerunning a killed command would leave two processes writing to one folder. However
    the parent ends, the standard input that it opened for the child is closed.
    """
    if os.environ.pop(AS_CHILD, None):
        threading.Thread(target=_interrupt_on_stdin_eof, daemon=True).start()


def torch_command() -> list[str]:
    """Return the command prefix for the interpreter of the engine's environment."""
    return [str(find_interpreter())]


def _interrupt_on_stdin_eof():
    os.read(0, 1)
    _thread.interrupt_main()


def _interrupt_repeatedly(*_):
    timer = threading.Timer(INTERRUPT_PERIOD, _thread.interrupt_main)
    timer.daemon = True
    timer.start()
    raise KeyboardInterrupt
