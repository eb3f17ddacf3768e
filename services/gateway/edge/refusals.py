"""What the edge refuses before anything is done: too many, too much, too long, too late."""

from http import HTTPStatus

from shared.kernel.errors import BillingError, Unavailable


class TooManyRequests(BillingError):
    """More requests came than are allowed; try again after the time in Retry-After."""

    code = "rate_limited"
    status = HTTPStatus.TOO_MANY_REQUESTS


class TooManyInFlight(TooManyRequests):
    """More requests of this workspace are being worked on than may be at once."""

    code = "too_many_in_flight"


class TooManyFailures(TooManyRequests):
    """Too many credentials from this address were refused; it has to wait."""

    code = "too_many_failed_attempts"


class AddressTooLong(BillingError):
    """The path and query are longer than allowed."""

    code = "uri_too_long"
    status = HTTPStatus.REQUEST_URI_TOO_LONG


class HeadersTooLarge(BillingError):
    """The headers are larger than allowed."""

    code = "headers_too_large"
    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE


class Overloaded(Unavailable):
    """Requests wait too long here at the moment; this one was not begun. Try again shortly."""

    code = "overloaded"


class TooSlow(Unavailable):
    """The answer took too long; what was asked for may still happen."""

    code = "timeout"
    status = HTTPStatus.GATEWAY_TIMEOUT
