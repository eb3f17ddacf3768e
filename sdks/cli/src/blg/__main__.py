"""`python -m blg`."""

from blg.main import run

run()
