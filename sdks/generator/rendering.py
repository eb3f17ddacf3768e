"""Templates of one language."""

from collections.abc import Callable, Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

FOLDER = Path(__file__).parent / "templates"


class Templates:
    """The templates of a language, which may call the functions that are given."""

    def __init__(self, language: str, tests: Mapping[str, Callable[..., bool]], **known: object) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(FOLDER / language),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
            autoescape=False,  # noqa: S701 - it writes programs, not pages
        )
        self._environment.globals.update(known)
        self._environment.tests.update(tests)

    def render(self, name: str, **values: object) -> str:
        """What a template makes of these values."""
        known: Mapping[str, object] = values
        return self._environment.get_template(f"{name}.j2").render(**known)
