"""Modules that are loaded where something of them is first named."""

from __future__ import annotations

import importlib
from typing import Any


class Lazy:
    """Stands for a module, and becomes it bit by bit."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        value = getattr(importlib.import_module(self._name), name)
        # The next time it is found without coming here.
        setattr(self, name, value)
        return value
