"""The whole platform on one machine, without Docker: `python -m deploy.local.up`."""
