"""Reads a TOML config, applies `--set key=value`, and checks all of it."""

import tomllib
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import get_args, get_origin, get_type_hints

from .settings import Config, ConfigError, Distill

_WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
_WORDS |= {list[int]: "a list of whole numbers", list[str]: "a list of texts"}


def load_config(path: Path, settings: list[str] = ()) -> Config:
    """Return the config of `path` with `settings` such as "metric.steps=100" put in.

    A setting must name a key of the file.

    Raises:
        ConfigError: the file is no TOML, a setting names no key of it, a key is unknown or missing,
            or a value is of another type.
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
        table[name] = text if isinstance(table[name], str) else _parsed(text, key)
    return _table(Config, tree, "")


def _parsed(text, key):
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{key} = {text} is not a TOML value") from error


def _table(kind, tree, prefix):
    """Build the dataclass of a table."""
    values = _checked(kind, tree, prefix)
    for each in fields(kind):
        if each.name not in values and each.default is each.default_factory is MISSING:
            raise ConfigError(f"the config lacks the key {prefix}{each.name}")
    return kind(**values)


def _checked(kind, tree, prefix):
    """Return the values of a table, or of a part of one, whose names and types are those of `kind`.

    Args:
        kind: Dataclass of the table.
        tree: The table as TOML has it.
        prefix: Of its keys' names in a sentence.

    Raises:
        ConfigError: a key is unknown, or a value is of another type.
    """
    hints, values = get_type_hints(kind), {}
    for name, value in tree.items():
        if name not in hints:
            known = ", ".join(hints)
            raise ConfigError(f"the config has an unknown key {prefix}{name}; there are: {known}")
        values[name] = _value(hints[name], value, prefix + name)
    return values


def _value(hint, value, key):
    """Return a value of a config as its type has it; TOML's 1 is the number 1.0 as well."""
    if type(None) in get_args(hint):  # what may be left out
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
        raise ConfigError(f"{key} must be {_WORDS[hint]}, not {value!r}")
    return value


def _variant(changes, key):
    """Return the keys of `distill` that a variant changes."""
    if not isinstance(changes, dict):
        raise ConfigError(f"{key} must be a table, not {changes!r}")
    return _checked(Distill, changes, f"{key}.")
