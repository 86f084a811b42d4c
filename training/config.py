"""Reads a TOML config and applies `--set key=value`; every value is reached by attribute."""

import tomllib
from pathlib import Path
from types import SimpleNamespace


class ConfigError(ValueError):
    """A file that is no config, a key that it does not have, or a value of another type."""


class MissingKeyError(ConfigError, AttributeError):
    """A config lacks a key that is needed."""


class Table(SimpleNamespace):
    """A table of a config, its keys reached by attribute."""

    def __getattr__(self, name):
        raise MissingKeyError(f"the config lacks the key {name!r} beside {', '.join(vars(self))}")


def load_config(path: Path, settings: list[str] = ()) -> Table:
    """Return the config of `path` with `settings` such as "metric.steps=100" put in.

    Tables become attributes: `config.metric.steps`. A setting must name a key of the file and
    keep its type.

    Raises:
        ConfigError: the file is no TOML, or a setting does not fit it.
        OSError: the file cannot be read.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # of TOML, or of the text's encoding
        raise ConfigError(f"{path} is no TOML: {error}") from error
    for setting in settings:
        key, _, text = setting.partition("=")
        *tables, name = key.strip().split(".")
        table = tree
        for each in tables:
            table = table.get(each) if isinstance(table, dict) else None
        if not isinstance(table, dict) or name not in table or isinstance(table[name], dict):
            raise ConfigError(f"{path.name} has no key {key!r} to set")
        table[name] = _parsed(text, type(table[name]), key)
    return _table(tree)


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


def _table(tree):
    return Table(
        **{key: _table(value) if isinstance(value, dict) else value for key, value in tree.items()}
    )
