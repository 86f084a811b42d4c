"""Two processes that share the pictures learn what one with twice the accumulation learns."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

from training import run  # noqa: E402

RUN = Path(run.__file__)
# What `accelerate launch` starts on several GPUs; for CPUs it would want MPI.
PROCESSES = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", "2"]


def distill(small, folder, accumulation, command):
    """One step in a folder of its own over the same networks; returns Adam's first moments."""
    for part in ("frames", "vae", "metric", "diffusion"):
        folder.mkdir(exist_ok=True)
        (folder / part).symlink_to(small.folder / part)
    settings = [*small.settings, f"folder={folder}", "distill.steps=1", "distill.warmup=1"]
    settings.append(f"distill.accumulation={accumulation}")
    flags = [part for setting in settings for part in ("--set", setting)]
    ended = subprocess.run(
        [*command, RUN, "distill", "--config", small.config_path, *flags],
        capture_output=True, text=True, timeout=250,
        # Of sums in bfloat16, another number of threads makes others.
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    state = torch.load(folder / "distill" / "state.pt", weights_only=True)
    return [moments["exp_avg"] for moments in state["optimizer"]["state"].values()]


def test_two_processes_equal_one_with_twice_the_accumulation(small_config, tmp_path):
    torch.set_num_threads(1)
    for stage in ("vae", "metric", "diffusion"):
        flags = [part for setting in small_config.settings for part in ("--set", setting)]
        assert run.main([stage, "--config", str(small_config.config_path), *flags]) == 0
    alone = distill(small_config, tmp_path / "alone", 4, [sys.executable])
    shared = distill(small_config, tmp_path / "shared", 2, PROCESSES)
    # After one step Adam's first moment is a tenth of the clipped gradient.
    largest = max(moment.abs().max() for moment in alone)
    assert largest > 0
    for one, other in zip(alone, shared, strict=True):
        torch.testing.assert_close(other, one, rtol=1e-4, atol=1e-5 * float(largest))
