"""One table of what was measured: work, ours, peer or floor, and their ratio.

    python benchmarks/table.py

Reads what the other benchmarks have written, each of which compares in one run. The floor of the
networks is their arithmetic at the rate of a product of matrices, measured here. Prints the table
and what has not been measured, and writes benchmarks/results/table.json. Runs in the engine's
Python.
"""

import json
import sys
import time
from pathlib import Path

import torch
from torch.utils.flop_counter import FlopCounterMode

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sharpdepth_blender.engine.grid import Grid  # noqa: E402
from sharpdepth_blender.engine.latent import Autoencoder, UNet  # noqa: E402
from sharpdepth_blender.engine.method import DEPTH_TASK, vae_factor  # noqa: E402
from training.full_size import random_pipeline  # noqa: E402

RESULTS = Path(__file__).with_name("results")
# What the results of each benchmark hold since its present form.
SOURCES = {
    "live": "of a vertex",
    "cold_start": "seconds",
    "networks": "rows",
    "sizes": "pictures",
    "long_shot": "frames a minute",
    "night": "megabytes after",
    "soak": "rows",
}
HEADS = ("work", "ours", "beside it", "that", "times ours")
OURS = ("ours", "ours, fast")  # networks, as that benchmark names them
SIDE = 2048  # of the matrices; larger ones are no faster


def main() -> int:
    rows = [
        {"work": work, "ours": ours, "beside it": name, "that": other, "unit": unit,
         "ratio": other / ours}
        for unit, work, ours, name, other in found()
    ]  # fmt: skip
    lines = [HEADS]
    for row in rows:
        ours, that = (f"{row[name]:.2f} {row['unit']}" for name in ("ours", "that"))
        lines.append((row["work"], ours, row["beside it"], that, f"{row['ratio']:.2f}"))
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(word.ljust(width) for word, width in zip(line, widths, strict=True)))
    for name in SOURCES:
        if read(name) is None:
            print(f"not measured in its present form: benchmarks/{name}.py")
    (RESULTS / "table.json").write_text(json.dumps(rows, indent=1) + "\n")
    return 0


def found():
    """Yield a unit, work, our amount, the name of what is beside it, and its amount."""
    for each in seconds():
        yield "s", *each
    for each in megabytes():
        yield "MB", *each
    if live := read("live"):
        small, large = (
            (" x ".join(map(str, row["size"])), row["nanoseconds"]) for row in live["of a vertex"]
        )
        yield "ns", f"vertex of a baked mesh, {large[0]}", large[1], *small


def megabytes():
    """Yield work, our megabytes, the name of what is beside it, and its megabytes."""
    if sizes := read("sizes"):
        for row in sizes["pictures"]:
            ours, other = (row[f"bytes of the {name}"] / 1e6 for name in ("file", "picture"))
            yield f"live result, 1920 x 1080: {row['picture']}", ours, "its PNG", other
    if networks := read("networks"):
        taken = {row["networks"]: row["memory"] / 1e6 for row in networks["rows"]}
        for name in filter(taken.__contains__, OURS):
            work = f"memory of {_of_networks(networks, name)}"
            yield work, taken[name], "diffusers, fp32", taken["diffusers"]
    for name, part in (("long_shot", "long shot"), ("night", "megabytes after")):
        if report := read(name):
            first, *_, last = report[part]
            for process in ("Blender", "child"):
                work = f"memory of {process} after {last['after']}"
                yield work, last[process], f"after {first['after']}", first[process]
    if soak := read("soak"):
        first, *_, last = soak["rows"]
        work = f"memory of child after {last['jobs']} jobs"
        yield work, last["megabytes"], f"after {first['jobs']}", first["megabytes"]


def seconds():
    """Yield work, our seconds, the name of what is beside it, and its seconds."""
    if live := read("live"):
        full, peer = live["surface"][-1], live["mesh by lists"]
        yield "baked mesh, 1920 x 1080", full["baked"], "mesh by lists", peer
        yield "live mesh, 1920 x 1080", full["live"], "mesh by lists", peer
        handover = live["handover"]
        yield "handover of the user's image", handover["own image"], "a copy", handover["copy"]
    if shot := read("long_shot"):
        rates = shot["frames a minute"]
        ours, other = (60 / rates[way] for way in ("as a shot", "one by one"))
        yield f"frame of a shot, {' x '.join(map(str, shot['size']))}", ours, "one by one", other
    if start := read("cold_start"):
        seconds = start["seconds"]
        ours = seconds["picture to file"]
        for name in ("import torch", "import diffusers' parts"):
            yield "picture to file, cold", ours, name, seconds[name]
    if networks := read("networks"):
        totals = {row["networks"]: row["total"] for row in networks["rows"]}
        for name in filter(totals.__contains__, OURS):
            yield _of_networks(networks, name), totals[name], "diffusers, fp32", totals["diffusers"]
        floor = operations(networks["resolution"]) / rate()
        yield _of_networks(networks, "ours"), totals["ours"], "their arithmetic", floor


def _of_networks(report: dict, name: str) -> str:
    precision = name.partition(", ")[2] or "fp32"
    return f"full-size networks at {report['resolution']} px, {precision}"


def read(name: str) -> dict | None:
    """What a benchmark has written; None if it has not been run since its present form."""
    path = RESULTS / f"{name}.json"
    found = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return found if SOURCES[name] in found else None


def operations(resolution: int) -> int:
    """Floating-point operations of the method's networks for a picture of 16:9."""
    with torch.device("meta"), torch.no_grad():
        pipeline = random_pipeline((Autoencoder, UNet))
        factor = vae_factor(pipeline.vae)
        given = torch.empty(1, 3, 1080, 1920)
        picture = Grid.fit(*given.shape[2:], resolution, factor).resize(given)
        height, width = picture.shape[2:]
        latent = torch.empty(1, 4, height // factor, width // factor)
        label = torch.empty(1, len(DEPTH_TASK))
        with FlopCounterMode(display=False) as counter:
            pipeline.vae.encode(picture)
            pipeline.vae.decode(latent)
            pipeline.unet(
                torch.cat([latent, latent], 1),
                torch.empty(1, dtype=torch.int64),
                encoder_hidden_states=torch.empty(1, 2, 1024),
                class_labels=label,
            )
    return 2 * counter.get_total_flops()  # each network is asked twice


def rate() -> float:
    """Operations in a second of a processor, at the best of several products of matrices."""
    one = torch.randn(SIDE, SIDE)
    seconds = []
    for _ in range(5):
        started = time.process_time()
        one @ one
        seconds.append(time.process_time() - started)
    return 2 * SIDE**3 / min(seconds)


if __name__ == "__main__":
    sys.exit(main())
