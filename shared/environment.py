"""Reads what a program is told by its environment; a fault is one line, without a traceback or a secret."""

import os
import sys
from typing import NoReturn, TypeVar

from pydantic import ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsError

EX_CONFIG = 78
"""The exit code of a wrong configuration (sysexits.h): starting again does not help."""
S = TypeVar("S", bound=BaseSettings)


def read_settings(kind: type[S]) -> S:
    """The settings of this class from the environment; without them the program ends with 78."""
    try:
        return kind()
    except ValidationError as error:
        end(_sentences(kind, error))
    except SettingsError as error:
        end([_unreadable(kind, error)])


def require_variable(name: str, example: str) -> str:
    """A variable that a command cannot do without; without it the program ends with 78."""
    value = os.environ.get(name)
    if not value:
        end([f"{name}: is needed, but not set (example: {example})"])
    return value


def end(sentences: list[str]) -> NoReturn:
    """Say what is wrong with the configuration, and leave."""
    for sentence in sentences:
        sys.stderr.write(f"{sentence}\n")
    raise SystemExit(EX_CONFIG)


def _sentences(kind: type[BaseSettings], error: ValidationError) -> list[str]:
    """A line a variable: its name, what is wrong, and how a right one looks; never what was given."""
    wrong: dict[str, list[str]] = {}
    for fault in error.errors(include_url=False, include_input=False):
        name, *inside = [str(part) for part in fault["loc"]] or ["settings"]
        told = "is needed, but not set" if fault["type"] == "missing" and not inside else fault["msg"]
        wrong.setdefault(name, []).append(told.removeprefix("Value error, "))
    return sorted(
        f"{_variable(kind, name)}: {'; '.join(dict.fromkeys(told))}{_example(kind.model_fields.get(name))}"
        for name, told in wrong.items()
    )


def _unreadable(kind: type[BaseSettings], error: SettingsError) -> str:
    """A variable that is JSON, and is not; the reason says where, and holds nothing of it."""
    name = next((name for name in kind.model_fields if f'"{name}"' in str(error)), "settings")
    reason = str(error.__cause__ or "cannot be read").partition(": ")
    about = f"{reason[0]} {reason[2]}".strip()
    return f"{_variable(kind, name)}: is not valid JSON: {about}{_example(kind.model_fields.get(name))}"


def _example(field: FieldInfo | None) -> str:
    if field is None:
        return ""
    if field.examples:
        return f" (example: {field.examples[0]})"
    if field.is_required() or field.default in (None, ""):
        return ""
    default = field.get_default(call_default_factory=True)
    return f" (example: {default})" if isinstance(default, str | int | float) else ""


def _variable(kind: type[BaseSettings], field: str) -> str:
    return f"{kind.model_config.get('env_prefix', '')}{field}".upper()
