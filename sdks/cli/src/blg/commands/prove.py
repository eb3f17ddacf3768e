"""`blg prove`: every identity of the workspace's money, recomputed."""

import click

from blg.errors import SAID_NO
from blg.main import Context, shared_options


@click.command("prove")
@shared_options
def prove_command(context: Context) -> None:
    """Prove the workspace's money: each identity is recomputed from its rows. Leaves with 1 where one does not hold."""
    proof = context.api.post("/v1/ledger/proofs")
    lines = []
    for identity in proof["identities"]:
        lines.append(f"{'✓' if identity['holds'] else '✗'} {identity['name']}  ({identity['checked_count']} checked)")
        lines += [f"    {fault}" for fault in identity["faults"]]
        if identity["fault_count"] > len(identity["faults"]):
            lines.append(f"    … and {identity['fault_count'] - len(identity['faults'])} more")
    context.output.value(proof, lines)
    if not proof["holds"]:
        raise click.exceptions.Exit(SAID_NO)
