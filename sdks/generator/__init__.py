"""Makes the generated parts of every SDK of `schemas/api/gateway.json`."""
