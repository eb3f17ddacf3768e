"""Validates e-invoices in a process of its own, which is started when it is first needed.

Its engine is native code with 200 MB of compiled rules and holds the GIL while it runs: neither may weigh on
the process that answers requests, and a crash of it is an error of one validation alone.
"""

import asyncio
import hashlib
import json
import os
import sys
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from services.invoice.documents.rendering.factur_x import read_data
from services.invoice.e_invoices.validation.rule_sets import Syntax, rule_set
from shared.events.e_invoice import EInvoiceFinding, EInvoiceSyntax
from shared.kernel.errors import Invalid, Unavailable
from shared.kernel.json import JsonObject

_ROOT = Path(__file__).parents[4]
_ENVIRONMENT = ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR")
_MAX_ANSWER_BYTES = 16 * 1024 * 1024
MAX_KNOWN = 1000
"""Documents whose findings are remembered; those longest unused are forgotten first."""


class ValidationUnavailable(Unavailable):
    """The e-invoice cannot be validated now; try again."""

    code = "validation_unavailable"


class ValidationProcess:
    """One engine, one document at a time; safe to share by all tasks of an event loop."""

    def __init__(self, rules_dir: Path | None = None, timeout_seconds: float = 20) -> None:
        self._rules_dir = rules_dir
        self._timeout_seconds = timeout_seconds
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._known: OrderedDict[tuple[Syntax, bytes], list[EInvoiceFinding]] = OrderedDict()

    def rule_set(self, syntax: EInvoiceSyntax) -> str:
        """The rules that are in force, each with its version."""
        return rule_set(_syntax_of_data(syntax), self._rules_dir).label

    async def prepare(self, syntax: EInvoiceSyntax) -> None:
        """Start it and have the rules compiled, which takes a second or two the first time."""
        await self._ask(b"", _syntax_of_data(syntax))

    async def findings(self, document: bytes, syntax: EInvoiceSyntax) -> list[EInvoiceFinding]:
        """Every rule that the document breaks; raises ValidationUnavailable, Invalid for what is no XML."""
        content = read_data(document) if syntax == "factur_x" else document
        key = _syntax_of_data(syntax), hashlib.sha256(content).digest()
        if key not in self._known:
            self._known[key] = await self._ask(content, _syntax_of_data(syntax))
            if len(self._known) > MAX_KNOWN:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return list(self._known[key])

    async def close(self) -> None:
        """End the process."""
        async with self._turn:
            await self._stop()

    async def _ask(self, document: bytes, syntax: Syntax) -> list[EInvoiceFinding]:
        async with self._its_turn():
            try:
                async with asyncio.timeout(self._timeout_seconds):
                    answer = await self._answer(await self._running(), document, syntax)
            except (OSError, ValueError, EOFError, TimeoutError) as error:
                await self._stop()
                raise ValidationUnavailable(retry_after_seconds=2) from error
            except BaseException:
                # Its answer would be taken for the next one's.
                await self._stop()
                raise
        if "refused" in answer:
            raise Invalid(answer["refused"])
        return [EInvoiceFinding(**finding) for finding in answer["findings"]]

    @asynccontextmanager
    async def _its_turn(self) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await self._turn.acquire()
        except TimeoutError as error:
            raise ValidationUnavailable(retry_after_seconds=2) from error
        try:
            yield
        finally:
            self._turn.release()

    async def _answer(
        self, process: asyncio.subprocess.Process, document: bytes, syntax: Syntax
    ) -> JsonObject:
        assert process.stdin is not None
        assert process.stdout is not None
        asked = json.dumps({"syntax": syntax, "length": len(document)})
        process.stdin.write(asked.encode() + b"\n" + document)
        await process.stdin.drain()
        line = await process.stdout.readline()
        if not line:
            raise EOFError("the validation process has ended")
        answer: JsonObject = json.loads(line)
        return answer

    async def _running(self) -> asyncio.subprocess.Process:
        if self._process is None or self._process.returncode is not None:
            arguments = [str(self._rules_dir)] if self._rules_dir else []
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "services.invoice.e_invoices.validation.child",
                *arguments,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                cwd=_ROOT,
                # It needs none of our secrets, and a terminal's Ctrl-C is for us alone.
                env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
                start_new_session=True,
                limit=_MAX_ANSWER_BYTES,
            )
        return self._process

    async def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        process.kill()
        await asyncio.shield(process.wait())


def _syntax_of_data(syntax: EInvoiceSyntax) -> Syntax:
    return "ubl" if syntax == "ubl" else "cii"
