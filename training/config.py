"""Reads a TOML config and applies `--set key=value`; every value is reached by attribute."""

import tomllib
from pathlib import Path
from types import SimpleNamespace


class ConfigError(ValueError):
    """A key that the config does not have, or a value of another type."""


def load_config(path: Path, settings: list[str] = ()) -> SimpleNamespace:
    """Return the config of `path` with `settings` such as "metric.steps=100" put in.

    Tables become namespaces: `config.metric.steps`. A setting must name a key of the file and
    keep its type.
    """
    with open(path, "rb") as file:
        tree = tomllib.load(file)
    for setting in settings:
        key, _, text = setting.partition("=")
        *tables, name = key.strip().split(".")
        table = tree
        for each in tables:
            table = table.get(each) if isinstance(table, dict) else None
        if not isinstance(table, dict) or name not in table or isinstance(table[name], dict):
            raise ConfigError(f"{path.name} has no key {key!r} to set")
        table[name] = _parsed(text, type(table[name]), key)
    return _namespace(tree)


def _parsed(text, kind, key):
    if kind is str:
        return text
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{key} = {text} is not a TOML value") from error
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ConfigError(f"{key} must be a {kind.__name__}, not {text}")
    return value


def _namespace(tree):
    return SimpleNamespace(
        **{
            key: _namespace(value) if isinstance(value, dict) else value
            for key, value in tree.items()
        }
    )
