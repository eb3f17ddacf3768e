"""Goes: a request's unit of work (work.py) has its transaction. Until then they are one and the same."""

from typing import Annotated

from fastapi import Depends

from shared.http.work import Work
from shared.postgres.pool import Connection


async def transaction_of(work: Work) -> Connection:
    """The transaction of the request's unit of work."""
    return work.tx


Tx = Annotated[Connection, Depends(transaction_of, scope="function")]
