"""The secrets of one local stack: made once, kept in its folder for its owner only."""

import base64
import json
import secrets
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Self

from deploy.local.files import write_whole


@dataclass(frozen=True)
class Credentials:
    """Everything secret; `api_key` is empty until the demo workspace exists."""

    postgres_password: str
    postgres_role_password: str
    internal_token_secret: str
    encryption_keys: str
    admin_token: str
    api_key_pepper: str
    jwt_secret: str
    workspace: str = ""
    api_key: str = ""

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """Read the file, or make new secrets and write it."""
        if path.exists():
            return cls(**json.loads(path.read_text()))
        made = cls(
            postgres_password=secrets.token_hex(16),
            postgres_role_password=secrets.token_hex(16),
            internal_token_secret=secrets.token_hex(32),
            encryption_keys=f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
            admin_token=f"admin_{secrets.token_hex(24)}",
            api_key_pepper=secrets.token_hex(32),
            jwt_secret=secrets.token_hex(32),
        )
        made.save(path)
        return made

    def with_workspace(self, workspace: str, api_key: str) -> Self:
        """The same secrets with the demo workspace's key."""
        return replace(self, workspace=workspace, api_key=api_key)

    def save(self, path: Path) -> None:
        """Write the file so that only its owner can read it."""
        write_whole(path, json.dumps(asdict(self), indent=2) + "\n", mode=0o600)
