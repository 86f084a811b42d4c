"""Stage `evaluate`: measure every method on pictures with a true depth."""

import sys
from pathlib import Path

from .config import ConfigError
from .datasets import DatasetError, open_dataset
from .measured import Measured
from .methods import load_methods
from .metrics import measure
from .progress import Progress
from .results import print_table, save_shown, write_results


def evaluate(config):
    """Write tables and some pictures of each dataset to <folder>/results/<dataset>.

    A dataset that was interrupted goes on where it stopped, with the same models.
    """
    infer = load_methods(config)
    for name, dataset in _datasets(config).items():
        print(f"{name}: {len(dataset)} pictures", file=sys.stderr, flush=True)
        _evaluate_dataset(config, infer, dataset, Path(config.folder) / "results" / name)


def _datasets(config):
    """Return what to evaluate on, by name."""
    found = {}
    if split := config.evaluate.split:
        found[split] = open_dataset("rendered", Path(config.folder) / "frames" / split)
    for entry in config.evaluate.datasets:
        kind, _, folder = entry.partition(":")
        if not folder:
            raise ConfigError(f'evaluate.datasets holds "kind:folder", not {entry!r}')
        found[kind] = open_dataset(kind, folder)
    if not found:
        raise ConfigError("evaluate.split and evaluate.datasets are both empty")
    return found


def _evaluate_dataset(config, infer, dataset, into):
    measured = Measured(into / "measured.jsonl", _models(Path(config.folder)))
    progress = Progress("evaluate", measured.count, len(dataset))
    for index in range(measured.count, len(dataset)):
        sample = dataset[index]
        if not sample.valid.any():
            raise DatasetError(f"{sample.name} has no pixel with a valid depth")
        maps = infer(sample)
        rows = {
            name: measure(depth, sample.depth, sample.valid, sample.edges)
            for name, depth in maps.items()
        }
        if index < config.evaluate.shown:
            save_shown(into / "shown", sample, maps)
        measured.add(sample.name, sample.scene, rows)
        progress.show(index)
    table = write_results(into, measured.pictures, config.evaluate.seed)
    print_table(table)


def _models(folder) -> list:
    """Return what tells these models from those of another run: their files' sizes and times."""
    files = sorted(folder.glob("**/model/**/*.safetensors"))
    return [[str(file.relative_to(folder)), file.stat().st_mtime_ns] for file in files]
