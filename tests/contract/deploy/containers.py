"""What a container of rendered objects has in its environment."""

import re
from typing import Any

# What a Secret could hold: long enough, and a key where keys are asked for.
OF_A_SECRET = {"KEYS": f"k1:{'A' * 43}=", "DSN": "postgresql://a:b@c/d"}


def environment(container: dict[str, Any]) -> dict[str, str]:
    """The container's variables, as Kubernetes would hand them over."""
    found: dict[str, str] = {}
    for variable in container["env"]:
        value = variable.get("value", OF_A_SECRET.get(variable["name"].rpartition("_")[2], "x" * 64))
        if variable.get("valueFrom", {}).get("secretKeyRef", {}).get("optional"):
            continue
        found[variable["name"]] = re.sub(r"\$\((\w+)\)", lambda name: found[name[1]], value)
    return found
