"""Load a TOML config, apply `--set key=value` overrides and validate the result."""

import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

from .settings import Config, ConfigError, Distill

_TYPE_NAMES = {int: "an integer", float: "a number", str: "a string", bool: "true or false"}
_TYPE_NAMES |= {list[int]: "a list of integers", list[str]: "a list of strings"}


def load_config(path: Path, settings: list[str] = ()) -> Config:
    """Load the config at `path` and apply overrides such as "metric.steps=100".

    An override must name a key that the file already has.

    Raises:
        ConfigError: the file is not valid TOML, an override names a key that the file lacks, a key
            is unknown or missing, or a value has the wrong type.
        OSError: the file cannot be read.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:  # a TOML or an encoding error
        raise ConfigError(f"{path} is not valid TOML: {error}") from error
    for setting in settings:
        key, _, text = setting.partition("=")
        *tables, name = key.strip().split(".")
        table = tree
        for each in tables:
            table = table.get(each) if isinstance(table, dict) else None
        if not isinstance(table, dict) or name not in table or isinstance(table[name], dict):
            raise ConfigError(f"cannot set {key!r}: {path.name} has no such key")
        table[name] = text if isinstance(table[name], str) else _parsed(text, key)
    return _table(Config, tree, "")


def _parsed(text, key):
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{key} = {text} is not a TOML value") from error


def _table(kind, tree, prefix):
    """Build the dataclass for a table."""
    values = _checked(kind, tree, prefix)
    for each in fields(kind):
        if each.name not in values and each.default is each.default_factory is MISSING:
            raise ConfigError(f"the config is missing the key {prefix}{each.name}")
    return kind(**values)


def _checked(kind, tree, prefix):
    """Check the names and types of a full or partial table against `kind`; return its values.

    Args:
        kind: Dataclass of the table.
        tree: The table as parsed from TOML.
        prefix: Prefix of key names in error messages.

    Raises:
        ConfigError: a key is unknown, or a value has the wrong type.
    """
    hints, values = get_type_hints(kind), {}
    for name, value in tree.items():
        if name not in hints:
            known = ", ".join(hints)
            raise ConfigError(f"unknown config key {prefix}{name}; known keys: {known}")
        values[name] = _value(hints[name], value, prefix + name)
    return values


def _value(hint, value, key):
    """Convert a config value to its declared type; an integer is accepted for a float."""
    if type(None) in get_args(hint):  # optional
        hint = get_args(hint)[0]
    if (is_dataclass(hint) or get_origin(hint) is dict) and not isinstance(value, dict):
        raise ConfigError(f"{key} must be a table, not {value!r}")
    if is_dataclass(hint):
        return _table(hint, value, f"{key}.")
    if get_origin(hint) is dict:
        return {name: _variant(changes, f"{key}.{name}") for name, changes in value.items()}
    if hint is float and type(value) is int:
        return float(value)
    if get_origin(hint) is list:
        (of,) = get_args(hint)
        fits = type(value) is list and all(type(each) is of for each in value)
    else:
        fits = type(value) is hint
    if not fits:
        raise ConfigError(f"{key} must be {_TYPE_NAMES[hint]}, not {value!r}")
    return value


def _variant(changes, key):
    """Return the `distill` settings that a variant overrides."""
    if not isinstance(changes, dict):
        raise ConfigError(f"{key} must be a table, not {changes!r}")
    return _checked(Distill, changes, f"{key}.")
