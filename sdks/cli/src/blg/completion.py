"""Completion of bash, zsh and fish, as click makes it."""

from pathlib import Path

from blg.errors import WrongUsage

_FILES = {
    "bash": "~/.local/share/bash-completion/completions/blg",
    "zsh": "~/.zfunc/_blg",
    "fish": "~/.config/fish/completions/blg.fish",
}


def install(shell: str) -> Path:
    """Write the script where the shell looks for it; returns that place."""
    path = Path(_FILES[shell]).expanduser()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(script(shell))
    return path


def script(shell: str) -> str:
    """The script; raises WrongUsage for a shell that click does not know."""
    from click.shell_completion import get_completion_class

    from blg.main import blg

    kind = get_completion_class(shell)
    if kind is None:
        raise WrongUsage(f"{shell} is not known.")
    return kind(blg, {}, "blg", "_BLG_COMPLETE").source()
