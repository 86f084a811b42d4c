"""Reproduce SharpDepth's distillation headlessly: the preview model from scratch, or the paper's.

    blender -b --python training/run.py -- reproduce
    python training/run.py reproduce --blender /path/to/blender
    python training/run.py metric --set metric.steps=100 --set folder=build/training/short
    accelerate launch training/run.py distill --config training/configs/paper.toml

Commands, in the order of `reproduce`:
    render      synthetic pictures with exact z-depth                     (needs bpy)
    vae         autoencoder for pictures and depth maps                   (the others need torch)
    metric      f_D: correct scale, soft edges
    diffusion   f_G: crisp edges, no absolute scale (Lotus objective)
    distill     the sharpener G, from f_G and f_D without ground truth; writes the model folder
    evaluate    tables of all metrics on held-out pictures
    report      one page with tables, curves and pictures
    reproduce   all stages that have a table in the config

Stages that need bpy run in Blender, stages that need torch in the engine's environment; the one
that is not running here is started as a child process. Every command resumes an interrupted run.
"""

import argparse
import importlib.util
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from sharpdepth_blender.engine.errors import EngineError  # noqa: E402
from sharpdepth_blender.process.environment import EngineMissing  # noqa: E402
from training.config import load_config  # noqa: E402
from training.scenes.errors import StudioError  # noqa: E402
from training.settings import ConfigError  # noqa: E402
from training.subprocesses import (  # noqa: E402
    ChildFailedError,
    blender_command,
    end_with_parent,
    heed_interrupts,
    ignore_interrupts,
    inside_blender,
    run_children,
    torch_command,
)

WITH_TORCH = {  # stages that run in the engine's environment: module name, function name
    "vae": "train_vae",
    "metric": "train_metric",
    "diffusion": "train_diffusion",
    "distill": "distill",
    "evaluate": "evaluate",
    "report": "report",
}
STAGES = ("render", *WITH_TORCH)
TABLES = {  # config tables that a stage reads in addition to its own
    "vae": ("render",),
    "metric": ("render",),
    "diffusion": ("render", "vae"),
    "distill": ("render",),
    "evaluate": ("distill",),
}
# Errors that the user can fix; printed as one sentence without a traceback.
USER_ERRORS = (ArithmeticError, ConfigError, EngineError, EngineMissing, OSError, StudioError)


def main(arguments: list[str]) -> int:
    """Run the command and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="training/run.py", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("command", choices=(*STAGES, "reproduce"))
    parser.add_argument("--config", type=Path, default=HERE / "configs" / "preview.toml")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", dest="settings")
    parser.add_argument("--blender", help="Blender, or Python with bpy, to render with")
    parser.add_argument("--part", type=int, help="render only this part of the seeds, in process")
    options = parser.parse_args(arguments)
    heed_interrupts()
    end_with_parent()
    try:
        config = load_config(options.config, options.settings)
        for stage in stages(options.command, config, options.config):
            print(f"--- {stage}: {config.folder}", file=sys.stderr, flush=True)
            run_stage(stage, config, options)
    except ChildFailedError as error:  # the child has printed the reason
        return error.code
    except KeyboardInterrupt:
        ignore_interrupts()
        print("\ninterrupted; run the same command again to resume", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        needed = HERE / "requirements.txt"
        print(
            f"{parser.prog}: {sys.executable} lacks {error.name}: install {needed}",
            file=sys.stderr,
        )
        return 1
    except USER_ERRORS as error:
        print(f"{parser.prog}: {error}", file=sys.stderr)
        return 1
    return 0


def stages(command, config, path):
    """Return the stages of a command; `reproduce` runs all that have a table in the config.

    Raises:
        ConfigError: the config lacks a table that a stage needs, or the command cannot run in
            several processes.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) > 1 and command != "distill":
        raise ConfigError(f"{command} runs in one process: only distill supports several")
    there = [stage for stage in STAGES if stage == "report" or getattr(config, stage)]
    if command == "reproduce":
        nothing = config.evaluate and not (config.evaluate.split or config.evaluate.datasets)
        chosen = [stage for stage in there if not (nothing and stage == "evaluate")]
    elif command in there:
        chosen = [command]
    else:
        raise ConfigError(f"{path} has no table [{command}]")
    for stage in chosen:
        for table in TABLES.get(stage, ()):
            if getattr(config, table) is None:
                raise ConfigError(f"{path} has no table [{table}], which {stage} needs")
    return chosen


def run_stage(stage, config, options):
    """Run a stage in this process if its interpreter can, otherwise in a child process."""
    passed_on = ["--config", str(options.config)]
    for setting in options.settings:
        passed_on += ["--set", setting]
    if stage == "render":
        render(config, options, passed_on)
    elif inside_blender() or importlib.util.find_spec("torch") is None:
        run_children([[*torch_command(), __file__, stage, *passed_on]])
    else:
        getattr(importlib.import_module(f"training.{stage}"), WITH_TORCH[stage])(config)


def render(config, options, passed_on):
    """Render in process if it is a single part; otherwise run every part in a child process."""
    in_memory = config.render.source == "open"
    if in_memory and "bpy" not in sys.modules:
        raise ConfigError(
            'render.source is "open", so run this in the Blender that has the file open: '
            "blender -b FILE.blend --python training/run.py -- render; or set it to the file's path"
        )
    if options.part is not None or (in_memory and config.render.jobs == 1):
        from training.scenes.make import make_part

        return make_part(config, options.part or 0)
    if in_memory:
        from training.scenes.blend import saved_blend

        passed_on = [*passed_on, "--set", f"render.source={saved_blend()}"]
    blender = blender_command(options.blender)
    own = ["--", "render"] if "--python" in blender else ["render"]
    run_children(
        [*blender, __file__, *own, "--part", str(part), *passed_on]
        for part in range(config.render.jobs)
    )


if __name__ == "__main__":
    # Blender's own arguments come before "--"; plain Python has none.
    own = sys.argv[sys.argv.index("--") + 1 :] if inside_blender() else sys.argv[1:]
    sys.exit(main(own))
