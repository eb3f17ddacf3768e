"""What the sandbox's network knows of a document that it was handed."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Transmission:
    """One document to one receiver; `poll_count` with this look at it."""

    receiver: str
    document_sha256: str
    poll_count: int
