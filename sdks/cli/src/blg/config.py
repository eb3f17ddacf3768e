"""Profiles: where each platform is and how one signs in, in a file that its owner alone can read.

`BLG_PROFILE`, `BLG_BASE_URL`, `BLG_API_KEY`, `BLG_TOKEN`, `BLG_WORKSPACE` win over it. Without any profile a stack
that runs in this checkout (`.local/stack.json`) is taken.
"""

import json
import os
import secrets
import tomllib
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from blg.errors import WrongUsage

DEFAULT = "default"
_FIELDS = ("base_url", "api_key", "token", "workspace", "listen_secret")


@dataclass(frozen=True)
class Profile:
    """One way into one workspace; `origin` says where it was found."""

    name: str
    base_url: str
    api_key: str | None = None
    token: str | None = None
    workspace: str | None = None
    listen_secret: str | None = None
    admin_token: str | None = None
    origin: str = "profile"

    @property
    def is_live(self) -> bool:
        """Whether its key is one of a live workspace."""
        return (self.api_key or "").startswith("blg_live_")

    def __repr__(self) -> str:
        # Neither key nor token may show up in a log or a traceback.
        return f"<Profile {self.name} {self.base_url}>"


def folder() -> Path:
    """Where profiles and what listeners remember are kept."""
    if given := os.environ.get("BLG_CONFIG_DIR"):
        return Path(given)
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "blg"


def read() -> dict[str, Any]:
    """The file: `{"current": name, "profiles": {name: fields}}`; raises WrongUsage where it cannot be read."""
    path = folder() / "config.toml"
    try:
        said = tomllib.loads(path.read_text())
    except FileNotFoundError:
        return {"current": None, "profiles": {}}
    except (tomllib.TOMLDecodeError, OSError) as error:
        raise WrongUsage(f"{path} cannot be read: {error}") from error
    return {"current": said.get("current"), "profiles": said.get("profiles", {})}


def write(config: Mapping[str, Any]) -> None:
    """Store it, readable by its owner alone and never in part."""
    lines = [f"current = {json.dumps(config['current'])}"] if config.get("current") else []
    for name, fields in sorted(config["profiles"].items()):
        lines += ["", f"[profiles.{json.dumps(name)}]"]
        lines += [f"{key} = {json.dumps(fields[key], ensure_ascii=False)}" for key in _FIELDS if fields.get(key)]
    store(folder() / "config.toml", "\n".join(lines).lstrip("\n") + "\n")


def store(path: Path, text: str) -> None:
    """Write a file of ours in one piece, mode 0600 in a folder of mode 0700."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)


def find(name: str | None = None, base_url: str | None = None) -> Profile:
    """The profile that is wanted, with what the environment says on top; raises WrongUsage without any."""
    config, environment = read(), os.environ
    wanted = name or environment.get("BLG_PROFILE") or config["current"]
    if wanted and wanted in config["profiles"]:
        fields = {key: value for key, value in config["profiles"][wanted].items() if key in _FIELDS}
        profile = Profile(name=wanted, **fields)
    elif name or environment.get("BLG_PROFILE"):
        known = ", ".join(sorted(config["profiles"])) or "none"
        raise WrongUsage(f"There is no profile {wanted}; known: {known}. `blg login --profile {wanted}` makes it.")
    else:
        is_told = base_url or environment.get("BLG_BASE_URL")
        profile = (None if is_told else _local()) or Profile(DEFAULT, "", origin="environment")
    profile = replace(profile, **_given(base_url))
    if not profile.base_url:
        raise WrongUsage("Nobody is signed in: `blg login`, or set BLG_BASE_URL and BLG_API_KEY.")
    return profile


def _given(base_url: str | None) -> dict[str, str]:
    names = {"base_url": "BLG_BASE_URL", "api_key": "BLG_API_KEY", "token": "BLG_TOKEN"}
    names |= {"workspace": "BLG_WORKSPACE", "admin_token": "BLG_ADMIN_TOKEN"}
    given = {field: os.environ[name] for field, name in names.items() if os.environ.get(name)}
    return given | ({"base_url": base_url} if base_url else {})


def _local() -> Profile | None:
    for parent in (Path.cwd(), *Path.cwd().parents):
        file = parent / ".local" / "stack.json"
        if file.is_file():
            return of_stack(file)
    return None


def of_stack(file: Path) -> Profile:
    """The demo workspace of a platform that runs on this machine."""
    facts = json.loads(file.read_text())
    return Profile(
        "local", facts["gateway_url"], facts["api_key"], admin_token=facts.get("admin_token"), origin=str(file)
    )


def local_stack() -> Path | None:
    """The `stack.json` above the working folder."""
    return next(
        (
            parent / ".local" / "stack.json"
            for parent in (Path.cwd(), *Path.cwd().parents)
            if (parent / ".local" / "stack.json").is_file()
        ),
        None,
    )


def memory_file(profile: Profile, what: str) -> Path:
    """Where something is remembered for a profile at its address."""
    where = "".join(char if char.isalnum() else "-" for char in f"{profile.name}-{profile.base_url}")
    return folder() / what / f"{where}.json"


def recall(path: Path) -> dict[str, Any]:
    """What was remembered there; empty where nothing was."""
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def listen_secret(profile: Profile) -> str:
    """The secret that `blg listen` signs with: made once for a profile, then always the same."""
    if profile.listen_secret:
        return profile.listen_secret
    file = memory_file(profile, "secrets")
    if found := recall(file).get("listen_secret"):
        return str(found)
    secret = "whsec_" + b64encode(secrets.token_bytes(32)).decode()
    store(file, json.dumps({"listen_secret": secret}))
    return secret
