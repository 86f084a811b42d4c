"""An engine whose model's name says how it behaves, with the real engine's face."""

import ctypes
import errno
import fcntl
import importlib
import os
import shutil
import signal
import stat
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np

from .errors import EngineError

LOADED = []


class SharpDepth:
    def __init__(self, *wanted):
        self.model = wanted[0]
        self.device = "cpu"
        self.processing_resolution = 64
        LOADED.append(wanted)

    @classmethod
    def load(cls, model, device, precision, estimator):
        if model == "unknown":
            raise EngineError("unknown_model", "There is no model “unknown”.")
        fault(model, "load")
        if model == "hangs while loading":
            time.sleep(3600)
        return cls(model, device, precision, estimator)

    def infer(
        self, rgb, intrinsics=None, metric_depth=None, seed=0, progress=None,
        *, metric_points=None, detail="edges", ahead=False,
    ):  # fmt: skip
        if "@" in self.model:  # a fault at a stage, quickly
            for number in range(4):
                progress(stage(f"stage {number}", number / 20))
                fault(self.model, f"stage {number}")
        notes = [str(self.processing_resolution), str(len(LOADED)), str(LOADED[-1][2:]), detail]
        if metric_depth is None:
            metric_depth = np.full(rgb.shape[:2], 2.0, np.float32)
        if ahead:
            notes.append("ahead")
        if metric_points is not None:
            metric_depth[:] = metric_points[:, 2].mean()
        if self.model == "prints":
            print("print, Ω")
            os.write(1, b"raw write\n")
            ctypes.CDLL(None).puts(b"from C")
            ctypes.CDLL(None).fflush(None)
            os.system("echo from a grandchild")
            notes.append(sys.stdin.read())
        if self.model == "fails":
            raise RuntimeError("a fault")
        if self.model == "memory":
            raise MemoryError
        if self.model == "crashes":
            print("about to crash")
            ctypes.string_at(1)
        if self.model == "deaf":
            progress(stage("deaf", 0.1))
            time.sleep(3600)
        if self.model == "slow":
            for number in range(20):
                progress(stage(f"stage {number}", number / 20))
                time.sleep(0.1)
        progress(stage("metric_depth", 0.5, metric_depth, intrinsics or (1.0, 2.0, 3.0, 4.0)))
        fault(self.model, "metric_depth")
        if self.model == "slow":
            time.sleep(0.1)
        if self.model == "large":
            metric_depth = np.ones((512, 512), np.float32)
        return SimpleNamespace(
            depth=metric_depth + seed,
            metric_depth=metric_depth,
            difference=np.zeros_like(metric_depth),
            scale=np.float32(2.0),
            shift=np.float32(-1.0),
            intrinsics=intrinsics or (1.0, 2.0, 3.0, 4.0),
            seconds={"metric_depth": np.float64(0.25)},
            memory={"metric_depth": np.int64(5_000_000_000)},
            notes=notes,
            sky=np.full_like(metric_depth, 0.25) if self.model == "sky" else None,
            normals=None,
            holes=None,
            found=None,
        )


def fault(model, stage):
    """What `fault@stage` asks for."""
    what, _, when = str(model).partition("@")
    if when != stage:
        return
    if what == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "stopped":
        os.kill(os.getpid(), signal.SIGSTOP)
    if what == "imports":  # something that it has not needed before, after a while
        os.kill(os.getpid(), signal.SIGSTOP)
        importlib.import_module("numpy.testing")
    if what == "stopped, then exits":
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(7)
    if what == "lacks a package":
        importlib.import_module("nothing_of_the_name")
    if what == "exits":
        os._exit(7)
    if what == "out of memory":
        raise MemoryError
    if what == "disk full":
        raise OSError(errno.ENOSPC, "No space left on device")
    if what == "garbled":
        garble(b"\x00\xffnoise\n" * 3)
    if what == "half a line":
        garble(b'{"type": "prog')
        os.kill(os.getpid(), signal.SIGKILL)
    if what == "loses its folder":
        for path in Path(tempfile.gettempdir()).parent.glob("sharpdepth-*"):
            if path != Path(tempfile.gettempdir()):
                shutil.rmtree(path)


def garble(data):
    """Write to the parent past the messages: the highest pipe is the one that they go through."""
    pipes = [int(each) for each in os.listdir("/proc/self/fd")]
    outlet = max(each for each in pipes if is_outlet(each))
    os.write(outlet, data)


def is_outlet(number):
    try:
        flags = fcntl.fcntl(number, fcntl.F_GETFL)
        return number > 2 and stat.S_ISFIFO(os.fstat(number).st_mode) and flags & os.O_ACCMODE == 1
    except OSError:
        return False


def stage(name, fraction, metric_depth=None, intrinsics=None):
    return SimpleNamespace(
        stage=name,
        fraction=fraction,
        message=f"At {name}",
        metric_depth=metric_depth,
        intrinsics=intrinsics,
    )
