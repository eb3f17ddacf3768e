"""The pricing vectors: inputs with what they must come to, each expectation written by hand."""

import json
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("pricing.json")
VECTORS: list[dict[str, Any]] = json.loads(_FILE.read_text())["vectors"]


def vectors_with(*names: str) -> dict[str, dict[str, Any]]:
    """Those whose input has exactly these fields besides optional `events`, by their names."""
    return {
        vector["name"]: vector
        for vector in VECTORS
        if isinstance(vector["input"], dict) and vector["input"].keys() - {"events"} == set(names)
    }
