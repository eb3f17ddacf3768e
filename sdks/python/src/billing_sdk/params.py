"""What requests are made of, for annotations of one's own: `lines: list[params.LineFields]`."""

from billing_sdk._generated.params import *  # noqa: F403
