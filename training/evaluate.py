"""Stage `evaluate`: measure every method on pictures with ground-truth depth."""

import sys
from pathlib import Path

from .baselines import load_methods
from .datasets import DatasetError, open_dataset
from .metrics import MEASURES, measure
from .metrics_log import Measured
from .progress import Progress
from .results import print_table, save_shown, write_results
from .settings import ConfigError


def evaluate(config):
    """Write tables and sample pictures for each dataset to <folder>/results/<dataset>.

    An interrupted dataset resumes where it stopped if models and pictures are unchanged.

    Raises:
        ConfigError: `config.evaluate` names no dataset, one without depth, or a kind twice.
        DatasetError: a dataset is missing or damaged.
    """
    datasets = _datasets(config)
    infer = load_methods(config)
    for name, dataset in datasets.items():
        print(f"{name}: {len(dataset)} pictures", file=sys.stderr, flush=True)
        _evaluate_dataset(config, infer, dataset, Path(config.folder) / "results" / name)


def _datasets(config):
    """Open the datasets to evaluate on, by name."""
    found = {}
    if split := config.evaluate.split:
        found[split] = open_dataset("rendered", Path(config.folder) / "frames" / split)
    for entry in config.evaluate.datasets:
        kind, _, folder = entry.partition(":")
        if not folder:
            raise ConfigError(f'evaluate.datasets entries are "kind:folder", not {entry!r}')
        if kind == "pictures":
            raise ConfigError(f"{entry}: pictures have no ground truth to evaluate against")
        if kind in found:
            raise ConfigError(f"evaluate.datasets lists the kind {kind} twice")
        found[kind] = open_dataset(kind, folder)
    if not found:
        raise ConfigError("evaluate.split and evaluate.datasets are both empty")
    return found


def _evaluate_dataset(config, infer, dataset, into):
    measured = Measured(into / "measured.jsonl", _subject(config, dataset))
    progress = Progress("evaluate", measured.count, len(dataset))
    for index in range(measured.count, len(dataset)):
        sample = dataset[index]
        if not sample.valid.any():
            raise DatasetError(f"{sample.name} has no pixel with valid depth")
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


def _subject(config, dataset) -> list:
    """Return the identity of this evaluation: its pictures, settings and models."""
    folder = Path(config.folder)
    files = sorted(folder.glob("**/model/**/*.safetensors"))
    models = [[str(file.relative_to(folder)), file.stat().st_mtime_ns] for file in files]
    pictures = [str(dataset.folder.resolve()), len(dataset)]
    return [pictures, config.processing_resolution, config.evaluate.seed, models, list(MEASURES)]
