"""Where things lie: the repository, the state of one stack, and the cache that all stacks share."""

import os
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DEFAULT_STATE = REPOSITORY / ".local"


def cache_directory() -> Path:
    """Downloads that outlive `make clean`: `BILLING_CACHE_DIR`, or `.local/cache` in the repository."""
    chosen = os.environ.get("BILLING_CACHE_DIR")
    return Path(chosen).expanduser().resolve() if chosen else DEFAULT_STATE / "cache"
