"""The one error of this folder: a sentence that tells the reader what to install, set or free."""


class LocalError(Exception):
    """Something on this machine is missing or in the way; the message is one sentence for a person."""
