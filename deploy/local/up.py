"""`make up`: the whole platform on this machine, until Ctrl-C."""

import argparse
import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from deploy.local import names
from deploy.local.console import Console
from deploy.local.errors import LocalError
from deploy.local.paths import DEFAULT_STATE
from deploy.local.stack import Options, Stack

S = TypeVar("S", bound=Stack)
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Start, follow the logs, stop; 0 when it was asked to stop, 1 when something is in the way."""
    parser = argument_parser("Start the platform on this machine; Ctrl-C stops it.")
    parser.add_argument("--quiet", action="store_true", help="print errors only")
    arguments = parser.parse_args()
    console = Console(is_quiet=arguments.quiet)
    console.line(f"\n  {console.paint('billing', 1)}  {console.paint(f'state in {arguments.state}', 2)}\n")
    return asyncio.run(keep_up(Stack(options(arguments), console), follow))


def argument_parser(description: str) -> names.Arguments:
    """The options that every command which starts a stack knows."""
    parser = names.Arguments(description=description)
    parser.add_argument(
        "--state",
        type=lambda text: Path(text).resolve(),
        default=DEFAULT_STATE,
        help="folder of data, logs and secrets",
    )
    parser.add_argument(
        "--gateway-port",
        type=int,
        help="port of the gateway, 0 for a free one (default: GATEWAY_PORT or 8080)",
    )
    parser.add_argument("--fast", action="store_true", help="Postgres without fsync")
    parser.add_argument("--log-level", default="INFO", help="log level of the services")
    parser.add_argument(
        "--without",
        nargs="+",
        type=names.service,
        default=[],
        help="services that you start yourself, on their ports",
    )
    parser.add_argument(
        "--log-sql", action="store_true", help="Postgres logs every statement with its values"
    )
    return parser


def options(arguments: argparse.Namespace) -> Options:
    """The stack's options from the command line's."""
    return Options(
        state=arguments.state,
        gateway_port=arguments.gateway_port,
        is_fast=arguments.fast,
        log_level=arguments.log_level,
        without=frozenset(arguments.without),
        logs_sql=arguments.log_sql,
    )


async def keep_up(stack: S, use: Callable[[S], Awaitable[int]]) -> int:
    """Start the stack, do something with it until that ends or a signal comes, and stop it in order."""
    work = asyncio.create_task(_start_and_use(stack, use))
    stop_requests = _on_signals(work, stack)
    try:
        return await work
    except asyncio.CancelledError:
        return 0
    except (LocalError, ExceptionGroup) as error:
        show(stack.console, error)
        return 1
    finally:
        stop_requests.append("stopping")
        if stack.supervisor.kept:
            stack.console.line(f"\n  {stack.console.paint('stopping', 2)}")
        await stack.stop()


async def follow(stack: Stack) -> int:
    """Tell where everything is, then print the logs; never returns by itself."""
    for line in where_to_look(stack):
        stack.console.line(line)
    if stack.console.is_quiet:
        await asyncio.Event().wait()
    await stack.console.follow(stack.logs)
    return 0


def where_to_look(stack: Stack) -> list[str]:
    """The addresses, the key and a first request."""
    paint, url, key = stack.console.paint, stack.gateway_url, stack.credentials.api_key
    return [
        "",
        f"  {paint('ready', 32)}     {paint(url, 1)}",
        f"  {paint('docs', 2)}      {url}/docs, and in the words of a dialect {url}/paydock/api/docs",
        f"  {paint('API key', 2)}   {key}   {paint(f'workspace {stack.credentials.workspace}', 2)}",
        f"  {paint('try', 2)}       curl -H 'X-API-Key: {key}' {url}/v1/invoices",
        f"  {paint('details', 2)}   {stack.state}/stack.json, logs in {stack.state}/logs; Ctrl-C stops",
        "",
    ]


def show(console: Console, error: Exception) -> None:
    """Print the sentence of each LocalError; anything else is a fault of ours and is raised."""
    if isinstance(error, ExceptionGroup):
        for inner in error.exceptions:
            show(console, inner)
    elif isinstance(error, LocalError):
        console.error(str(error))
    else:
        raise error


async def _start_and_use(stack: S, use: Callable[[S], Awaitable[int]]) -> int:
    await stack.start()
    log_limit = asyncio.create_task(stack.limit_logs())
    try:
        return await use(stack)
    finally:
        log_limit.cancel()


def _on_signals(work: asyncio.Task[int], stack: Stack) -> list[str]:
    """The first signal asks the work to end; one more while stopping ends every process at once."""
    requests: list[str] = []

    def request() -> None:
        if requests:
            stack.supervisor.kill()
        requests.append("signal")
        work.cancel()

    for stop_signal in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(stop_signal, request)
    return requests


if __name__ == "__main__":
    sys.exit(main())
