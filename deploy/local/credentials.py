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
    public_link_keys: str = ""

    @classmethod
    def load_or_make(cls, path: Path) -> Self:
        """Read the file, or make new secrets and write it."""
        if path.exists():
            return cls(**json.loads(path.read_text()))._complete(path)
        made = cls.make()
        made.save(path)
        return made

    @classmethod
    def make(cls) -> Self:
        """New secrets, kept nowhere yet."""
        return cls(
            postgres_password=secrets.token_hex(16),
            postgres_role_password=secrets.token_hex(16),
            internal_token_secret=secrets.token_hex(32),
            encryption_keys=_key_ring(),
            public_link_keys=_key_ring(),
            admin_token=f"admin_{secrets.token_hex(24)}",
            api_key_pepper=secrets.token_hex(32),
            jwt_secret=secrets.token_hex(32),
        )

    def _complete(self, path: Path) -> Self:
        """These secrets with those that a stack made by an older version lacks, stored."""
        if self.public_link_keys:
            return self
        found = replace(self, public_link_keys=_key_ring())
        found.save(path)
        return found

    def with_workspace(self, workspace: str, api_key: str) -> Self:
        """The same secrets with the demo workspace's key."""
        return replace(self, workspace=workspace, api_key=api_key)

    def save(self, path: Path) -> None:
        """Write the file so that only its owner can read it."""
        write_whole(path, json.dumps(asdict(self), indent=2) + "\n", mode=0o600)


def _key_ring() -> str:
    return f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}"
