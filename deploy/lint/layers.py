"""Where a module of a service stands: by resource, then by layer (a module, or a folder of them)."""

LAYERS = (
    "api",
    "channels",
    "consumers",
    "dialects",
    "domain",
    "edge",
    "formats",
    "operations",
    "providers",
    "rendering",
    "repository",
    "validation",
    "workers",
)
# Rooms of their own: all that lies in them belongs to the layer of that name.
ROOMS = ("dialects", "edge", "providers", "sandbox")


def layer_of(parts: tuple[str, ...]) -> str | None:
    """The layer that a module of a service lies in, by its path below the service, without ending.

    `keys/domain/scopes` is of `domain`, `edge/repository` of `repository`, and `dialects/paydock/invoices`
    of `dialects`.
    """
    if not parts:
        return None
    resource, *rest = parts
    if rest and rest[0] in LAYERS:
        return rest[0]
    return resource if resource in ROOMS else None
