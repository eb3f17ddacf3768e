"""`/metrics`, for Prometheus, on a port of its own: callers of the API need not see what it measures."""

from collections.abc import Callable

from prometheus_client import start_http_server

from shared.environment import end


def serve_metrics(host: str, port: int) -> Callable[[], None]:
    """Answer on this port from threads of their own; returns what ends that.

    Where somebody listens there already, the program ends with one line.
    """
    try:
        server, thread = start_http_server(port, host)
    except OSError as error:
        end([f"METRICS_PORT: cannot listen on {host}:{port}: {error.strerror}"])

    def stop() -> None:
        server.shutdown()
        server.server_close()
        thread.join()

    return stop
