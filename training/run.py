"""Trains SharpDepth's preview model, headlessly, from nothing but this repository.

    blender -b --python training/run.py -- reproduce
    python training/run.py reproduce --blender /path/to/blender
    python training/run.py metric --set metric.steps=100 --set folder=build/training/short

Commands, in the order of `reproduce`:
    render      synthetic scenes, each a picture with exact z-depth       (needs bpy)
    vae         autoencoder of pictures and depth maps                    (the others need torch)
    metric      f_D, right in metres and smooth at edges
    diffusion   f_G, sharp at edges and without metres (Lotus' objective)
    distill     the sharpener G, from f_G and f_D without ground truth; writes the model folder
    evaluate    a table and a contact sheet on scenes that nothing was trained on
    reproduce   all of these

What needs bpy runs in Blender, what needs torch in the engine's environment; whichever of them this
is not, is started as a child process. Every command resumes where an interrupted run stopped.
"""

import argparse
import importlib.util
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sharpdepth_blender.process.environment import EngineMissing  # noqa: E402
from training.children import (  # noqa: E402
    ChildFailedError,
    blender_command,
    inside_blender,
    run_children,
    torch_command,
)
from training.config import ConfigError, load_config  # noqa: E402

STAGES = ("render", "vae", "metric", "diffusion", "distill", "evaluate")


def main(arguments: list[str]) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="training/run.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=(*STAGES, "reproduce"))
    parser.add_argument("--config", type=Path, default=HERE / "configs" / "preview.toml")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--blender", help="a Blender, or a Python with bpy, that renders")
    parser.add_argument("--part", type=int, help="of render: this share of the seeds, in place")
    options = parser.parse_args(arguments)
    # Blender keeps interrupts to itself; take them back, and end by a termination in the same way.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        config = load_config(options.config, options.settings)
        stages = STAGES if options.command == "reproduce" else (options.command,)
        for stage in stages:
            print(f"--- {stage}: {config.folder}", file=sys.stderr, flush=True)
            run_stage(stage, config, options)
    except ChildFailedError as error:  # which has said why
        return error.code
    except KeyboardInterrupt:
        print("\ninterrupted; the same command goes on from here", file=sys.stderr)
        return 130
    except (ConfigError, EngineMissing, OSError) as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def run_stage(stage, config, options):
    """Run one stage here if this interpreter can, otherwise in a child that can."""
    passed_on = ["--config", str(options.config)]
    for setting in options.settings:
        passed_on += ["--set", setting]
    if stage == "render":
        if options.part is not None:
            from training.scenes.make import make_part

            make_part(config, options.part)
        else:
            blender = blender_command(options.blender)
            own = ["--", "render"] if "--python" in blender else ["render"]
            run_children(
                [*blender, __file__, *own, "--part", str(part), *passed_on]
                for part in range(config.render.jobs)
            )
    elif inside_blender() or importlib.util.find_spec("torch") is None:
        run_children([[*torch_command(), __file__, stage, *passed_on]])
    else:
        run_torch_stage(stage, config)


def run_torch_stage(stage, config):
    """Run one of the stages that need torch, in this process."""
    if stage == "vae":
        from training.vae import train_vae

        train_vae(config)
    elif stage == "metric":
        from training.metric import train_metric

        train_metric(config)
    elif stage == "diffusion":
        from training.diffusion import train_diffusion

        train_diffusion(config)
    elif stage == "distill":
        from training.distill import distill

        distill(config)
    elif stage == "evaluate":
        from training.evaluate import evaluate

        evaluate(config)


if __name__ == "__main__":
    # Blender's own arguments stand before the "--", a plain Python has none.
    own = sys.argv[sys.argv.index("--") + 1 :] if inside_blender() else sys.argv[1:]
    sys.exit(main(own))
