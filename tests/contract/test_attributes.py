"""`.gitattributes`: what is generated or of others is marked so, and each mark marks something."""

import shutil
import subprocess

import pytest

from deploy.kubernetes import generate as kubernetes
from deploy.monitoring import dashboards
from deploy.schemas import generate
from sdks.generator import __main__ as sdks
from tests.contract.planting import ROOT

pytestmark = pytest.mark.skipif(
    not (ROOT / ".git").exists() or shutil.which("git") is None, reason="this is no checkout of git"
)
# Written by hand, but for a table of settings.
PARTLY = {f"{kubernetes.CHART}/README.md"}
BY_STORY = ("invoice", "payment", "subscription_renewal", "webhook_delivery", "gateway")


def git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def tracked() -> list[str]:
    return git("ls-files").splitlines()


def marked(attribute: str, value: str, *others: str) -> set[str]:
    """The tracked and other files whose attribute has this value."""
    found = git("check-attr", attribute, "--", *tracked(), *others).splitlines()
    end = f": {attribute}: {value}"
    return {line.removesuffix(end) for line in found if line.endswith(end)}


def test_what_commands_write_is_marked_as_generated() -> None:
    written = {
        *(path.relative_to(ROOT).as_posix() for path in generate.FOLDER.rglob("*") if path.suffix == ".json"),
        *(path.relative_to(ROOT).as_posix() for path in dashboards.written()),
        generate.EVENT_EXAMPLES.relative_to(ROOT).as_posix(),
        *(name for name in kubernetes.documents() if name not in PARTLY),
        *(f"services/{service}/static/examples.json" for service in BY_STORY),
        *(name for name in tracked() if name.startswith("deploy/helm/rendered/")),
        *(path.relative_to(ROOT).as_posix() for path in sdks.files()),
    }

    generated = marked("linguist-generated", "set", *written)

    assert len(written) > 100
    assert written <= generated
    by_hand = {name for name in generated - written if name.endswith((".py", ".md"))} - {"schemas/events.md"}
    assert by_hand == set()


def test_contributors_are_told_of_each_command() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Generated files")[2].partition("\n## ")[0]

    makefile = (ROOT / "Makefile").read_text()
    for command in ("schemas", "examples", "lint-deploy", "rules", "lock", "sdks"):
        assert f"`make {command}" in text
        assert f"\n{command}: " in makefile


def test_every_line_of_the_attributes_marks_a_file() -> None:
    names = tracked()
    for line in (ROOT / ".gitattributes").read_text().splitlines():
        pattern, *_ = line.split() or ["#"]
        if pattern not in ("#", "*") and not pattern.startswith("#"):
            spec = f":(glob){pattern}" if "/" in pattern else f":(glob)**/{pattern}"
            assert git("ls-files", "--", spec), pattern
    assert names


def test_what_holds_zero_bytes_is_marked_as_binary() -> None:
    binary = marked("diff", "unset")

    found = {name for name in tracked() if (ROOT / name).is_file() and b"\0" in (ROOT / name).read_bytes()}

    assert found
    assert found <= binary
