"""The documents that newcomers read first name files, links, make targets and variables that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "services/decisions"
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "services/README.md")),
    *(ROOT / "deploy" / name for name in ("local/README.md", "docker/README.md", "runbooks/README.md")),
    *sorted(DECISIONS.glob("*.md")),
]
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")
FILE = re.compile(r"(?<![\w/.-])((?:services|shared|deploy|tests)/[\w/.-]*\w\.(?:py|md|sql|json))")
TARGET = re.compile(r"\bmake ((?:[a-z.][a-z.-]+ ?)+)")
VARIABLE = re.compile(r"\bmake [a-z -]*\b([A-Z]+)=")


def anchors(text: str) -> set[str]:
    """What a heading is linked to by, as GitHub and GitLab make it."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}


def code(text: str) -> str:
    """What stands in code alone: "they make a change" is no command."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def faults(document: Path, text: str, makefile: str) -> list[str]:
    """What the text names that is not there."""
    found = []
    for path, anchor in LINK.findall(text):
        target = document.parent / path if path else document
        if not target.exists() or (anchor and anchor not in anchors(target.read_text())):
            found.append(f"{path}#{anchor}" if anchor else path)
    found += [path for path in FILE.findall(text) if not (ROOT / path).exists()]
    targets = set(re.findall(r"^([a-z.-]+(?: [a-z.-]+)*):", makefile, re.MULTILINE))
    known = {name for line in targets for name in line.split()}
    found += [name for names in TARGET.findall(code(text)) for name in names.split() if name not in known]
    found += [name for name in VARIABLE.findall(code(text)) if f"$({name})" not in makefile]
    return found


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_is_there(document: Path) -> None:
    assert faults(document, document.read_text(), (ROOT / "Makefile").read_text()) == []


def test_what_is_not_there_is_found() -> None:
    text = "[x](nowhere.md) [y](README.md#no-such) services/nothing.py `make nothing` `make up NOTHING=1`"

    assert faults(ROOT / "README.md", text, (ROOT / "Makefile").read_text()) == [
        "nowhere.md",
        "README.md#no-such",
        "services/nothing.py",
        "nothing",
        "NOTHING",
    ]


def test_every_decision_has_its_form_and_stands_in_the_list() -> None:
    pages = [page for page in sorted(DECISIONS.glob("*.md")) if page.name != "README.md"]
    index = (DECISIONS / "README.md").read_text()

    assert len(pages) >= 10
    for number, page in enumerate(pages, start=1):
        title, *rest = page.read_text().splitlines()
        assert page.name.startswith(f"{number:04d}-")
        assert title.startswith(f"# {number}. ")
        assert f"[{number}]({page.name}) | {title.partition('. ')[2]} |" in index
        parts = [line for line in rest if line.startswith("## ")]
        assert parts == ["## Context", "## Decision", "## Rejected", "## Consequences"]
        assert len(rest) < 60
