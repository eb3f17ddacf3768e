"""A request's transaction alone, for routes that record no events: that of its unit of work (work.py)."""

from typing import Annotated

from fastapi import Depends

from shared.http.work import Work
from shared.postgres.pool import Connection


async def transaction_of(work: Work) -> Connection:
    """The transaction of the request's unit of work."""
    return work.tx


Tx = Annotated[Connection, Depends(transaction_of, scope="function")]
