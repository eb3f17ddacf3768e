"""The secrets of a compose stack, for its `.env`: random ones, made once."""

from pathlib import Path

from deploy.local.credentials import Credentials
from deploy.local.files import write_whole

_NAMES = (
    "postgres_role_password",
    "internal_token_secret",
    "encryption_keys",
    "public_link_keys",
    "admin_token",
    "api_key_pepper",
    "jwt_secret",
)
_HEAD = "# Read by docker-compose.yml. Whoever has this file has everything: it never goes into git.\n"


def write(path: Path) -> bool:
    """Write the file for its owner alone; returns False, and changes nothing, when it is there already."""
    if path.exists():
        return False
    made = Credentials.make()
    lines = [f"{name.upper()}={getattr(made, name)}\n" for name in _NAMES]
    write_whole(path, _HEAD + "".join(lines), mode=0o600)
    return True
