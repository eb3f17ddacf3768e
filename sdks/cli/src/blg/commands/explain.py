"""`blg explain`: why something stands where it stands."""

import click

from blg.api import part
from blg.main import Context, shared_options
from blg.output import paint

_MARKS = {"problem": ("✗", "red"), "attention": ("!", "yellow"), "info": ("·", "dim")}


@click.command("explain")
@click.argument("name")
@click.option("--timeline", is_flag=True, help="Also what happened, oldest first.")
@shared_options
def explain_command(context: Context, name: str, timeline: bool) -> None:
    """Say why NAME stands where it stands: an invoice or credit note by number or id, a payment, subscription
    or delivery by id, a webhook by its msg_… id.
    """
    said = context.api.get(f"/v1/explain/{part(name)}")
    subject = said["subject"]
    lines = [f"{subject['type']} {subject['number'] or subject['id']}: {said['state']}"]
    for finding in said["findings"]:
        mark, color = _MARKS.get(finding["severity"], ("·", "dim"))
        lines.append(f"  {paint(mark, color) if _is_terminal() else mark} {finding['text']}  [{finding['code']}]")
    lines += [
        f"  ? {lack['part']} could not be asked ({lack['service']}): {lack['detail']}" for lack in said["unavailable"]
    ]
    if timeline:
        lines += [f"  {entry.get('occurred_at', '')}  {entry.get('type', '')}" for entry in said["timeline"]]
    context.output.value(said, lines)


def _is_terminal() -> bool:
    import sys

    return sys.stdout.isatty()
