"""Which errors mean that an event can never be applied."""

import asyncio

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError

from shared.events.event import Unknown
from shared.kernel.errors import BillingError, Conflict, IllegalMove, Invalid, NotFound, Unavailable
from shared.messaging.consumer import is_poison


def _validation_error() -> ValidationError:
    class Model(BaseModel):
        x: int

    with pytest.raises(ValidationError) as caught:
        Model.model_validate({"x": "y"})
    return caught.value


POISON = [
    Invalid(),
    NotFound(),
    Conflict(),
    IllegalMove(),
    BillingError(),
    _validation_error(),
    Unknown("invoice.forgotten"),
    KeyError("x"),
    ValueError("x"),
    TypeError("x"),
    AttributeError("x"),
    ZeroDivisionError("x"),
    AssertionError(),
    UnicodeDecodeError("utf-8", b"", 0, 1, "x"),
    asyncpg.UniqueViolationError("x"),
    asyncpg.ForeignKeyViolationError("x"),
    asyncpg.CheckViolationError("x"),
    asyncpg.NotNullViolationError("x"),
    asyncpg.NumericValueOutOfRangeError("x"),
    asyncpg.InvalidTextRepresentationError("x"),
    asyncpg.UntranslatableCharacterError("x"),
    asyncpg.exceptions.DataError("x"),
]
PASSING = [
    Unavailable(),
    ConnectionResetError(),
    OSError(),
    TimeoutError(),
    asyncio.CancelledError(),
    KeyboardInterrupt(),
    MemoryError(),
    asyncpg.QueryCanceledError("x"),
    asyncpg.AdminShutdownError("x"),
    asyncpg.CrashShutdownError("x"),
    asyncpg.CannotConnectNowError("x"),
    asyncpg.ConnectionDoesNotExistError("x"),
    asyncpg.ConnectionFailureError("x"),
    asyncpg.TooManyConnectionsError("x"),
    asyncpg.DeadlockDetectedError("x"),
    asyncpg.SerializationError("x"),
    asyncpg.LockNotAvailableError("x"),
    asyncpg.DiskFullError("x"),
    asyncpg.OutOfMemoryError("x"),
    asyncpg.ReadOnlySQLTransactionError("x"),
    asyncpg.IdleInTransactionSessionTimeoutError("x"),
    asyncpg.InsufficientPrivilegeError("x"),
    asyncpg.UndefinedTableError("x"),
    asyncpg.InterfaceError("connection is closed"),
]


@pytest.mark.parametrize("error", POISON, ids=repr)
def test_faults_of_data_rules_and_handlers_are_poison(error: BaseException) -> None:
    assert is_poison(error)


@pytest.mark.parametrize("error", PASSING, ids=repr)
def test_what_may_pass_with_time_is_not(error: BaseException) -> None:
    assert not is_poison(error)
