"""The platform with payment taken apart: API replicas behind a balancer, and workers on demand."""

import asyncio
import dataclasses
import os
import signal
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from deploy.local import services
from deploy.local.errors import LocalError
from deploy.local.ports import free_port
from deploy.local.process import Program
from deploy.local.stack import Stack

API_REPLICAS = 2
# A provider that takes a second, and four collections at a time: a worker waits, it does not compute.
PACE = {"SANDBOX_SLOW_SECONDS": "1", "COLLECTION_SLOTS": "4", "COLLECTION_POLL_SECONDS": "0.1"}
RESTART_TIMEOUT_SECONDS = 60
POLL_SECONDS = 0.05
_PAYMENT = "services.payment.main"


@dataclass
class Stage(Stack):
    """Everything else runs as `make up` runs it."""

    workers: list[Program] = field(default_factory=list)
    replicas: list[Program] = field(default_factory=list)

    def command(self, module: str, arguments: Sequence[str], variables: Iterable[str]) -> list[str]:
        """What answers on payment's port is the balancer; it stands for a Kubernetes Service."""
        if module != _PAYMENT:
            return super().command(module, arguments, variables)
        targets = [str(replica.port) for replica in self.replicas]
        return [sys.executable, "-m", "deploy.scaling.balancer", str(self.ports["payment"]), *targets]

    async def _start_service(self, program: Program) -> None:
        if program.name == "payment":
            self.replicas += [self._program(f"payment-api-{n}", "api") for n in range(1, API_REPLICAS + 1)]
            for replica in self.replicas:
                await super()._start_service(replica)
            program = dataclasses.replace(program, command=self.command(_PAYMENT, (), ()))
        await super()._start_service(program)

    async def scale_to(self, count: int) -> None:
        """Start workers until there are this many."""
        while len(self.workers) < count:
            worker = self._program(f"payment-worker-{len(self.workers) + 1}", "worker")
            await self.supervisor.start(worker)
            self.workers.append(worker)

    async def restart(self, program: Program) -> None:
        """SIGTERM, as Kubernetes sends it; back once its successor is ready. Raises LocalError in vain."""
        old = self.supervisor.pid(program.name)
        os.kill(old, signal.SIGTERM)
        async with asyncio.timeout(RESTART_TIMEOUT_SECONDS):
            while self.supervisor.pid(program.name) == old or not await self._is_ready(program):
                await asyncio.sleep(POLL_SECONDS)

    async def stop(self) -> None:
        """Stop the workers and replicas first, then everything else."""
        await self.supervisor.stop([program.name for program in (*self.workers, *self.replicas)])
        await super().stop()

    async def _is_ready(self, program: Program) -> bool:
        return await asyncio.to_thread(program.is_ready)

    def _program(self, name: str, role: str) -> Program:
        own = {**self.ports, "payment": free_port(), services.metrics_of("payment"): free_port()}
        made = services.programs(own, self.credentials, self.servers, self.state, self.options.log_level)
        found = next((program for program in made if program.name == "payment"), None)
        if found is None:
            raise LocalError("There is no payment service.")
        return dataclasses.replace(
            found,
            name=name,
            command=[sys.executable, "-m", _PAYMENT, "--role", role],
            log_path=self.state / "logs" / f"{name}.log",
            pid_path=self.state / "run" / f"{name}.json",
            environment={**found.environment, **PACE},
        )
