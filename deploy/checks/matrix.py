"""Which values the chart is rendered with, and what comes of it: deploy/helm/rendered keeps what we ship.

One case is kept as text, so that a change of the chart shows as what it changes; the others say much the same
again and are kept compressed.
"""

import hashlib
import lzma
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from deploy.checks import helm
from deploy.layout import yaml_text

Objects = list[dict[str, Any]]
RENDERED = helm.ROOT / "deploy" / "helm" / "rendered"
# Rules and dashboards are checked as the files that they are; here they would only be repeated.
_WITHOUT_FILES = ("--set=monitoring.dashboards=false", "--set=monitoring.rules=false")
_FINGERPRINT = "chart.sha256"
_SHOWN = "production"
# What these are for is no part of what is rendered.
_NO_PART = {"README.md", "values.schema.json", ".helmignore"}


def shipped(chart: Path = helm.CHART) -> dict[str, list[Path]]:
    """The values files that we ship, by their name; the defaults alone come first."""
    return {"default": [], **{_name(path): [path] for path in sorted(chart.glob("values-*.yaml"))}}


def tried(chart: Path = helm.CHART) -> dict[str, list[Path]]:
    """Values that take the other turns of the templates."""
    return {_name(path): [path] for path in sorted(chart.glob("ci/*-values.yaml"))}


def render(program: Path, cases: Mapping[str, list[Path]], chart: Path = helm.CHART) -> dict[str, str]:
    """The objects of each case as YAML, each list and object of plain values on one line."""
    made = {name: helm.template(program, values, chart, *_WITHOUT_FILES) for name, values in cases.items()}
    return {name: yaml_text(objects(text)) for name, text in made.items()}


def partitions(values: Sequence[Path], chart: Path = helm.CHART) -> int:
    """How many partitions a topic has with these values."""
    files = [yaml.safe_load(path.read_text()) for path in (chart / "values.yaml", *values)]
    return int([one["kafka"]["partitions"] for one in files if "partitions" in one.get("kafka", {})][-1])


def kept(folder: Path = RENDERED) -> dict[str, Objects]:
    """The objects of what we ship, as they were rendered last."""
    return {name: objects(text) for name, text in _texts(folder).items()}


def keep(rendered: Mapping[str, str], chart: Path = helm.CHART, folder: Path = RENDERED) -> None:
    """Write what was rendered, and of which chart."""
    folder.mkdir(exist_ok=True)
    before = _texts(folder)
    for name in before.keys() | rendered.keys():
        path = _path(folder, name)
        if name not in rendered:
            path.unlink()
        # Other libraries compress the same text to other bytes.
        elif rendered[name] != before.get(name):
            text = rendered[name].encode()
            path.write_bytes(text if name == _SHOWN else lzma.compress(text))
    (folder / _FINGERPRINT).write_text(fingerprint(chart) + "\n")


def stale(rendered: Mapping[str, str], folder: Path = RENDERED) -> list[str]:
    """The cases whose kept objects are not what Helm makes of the chart now."""
    known = _texts(folder)
    return [
        f"{name}: not what Helm makes of the chart; run `make lint-deploy KEEP=1`"
        for name in sorted(known.keys() | rendered.keys())
        if known.get(name) != rendered.get(name)
    ]


def is_of(chart: Path = helm.CHART, folder: Path = RENDERED) -> bool:
    """Whether the kept objects were rendered from this chart: known without Helm."""
    path = folder / _FINGERPRINT
    return path.exists() and path.read_text().strip() == fingerprint(chart)


def fingerprint(chart: Path) -> str:
    """One hash over every file of the chart that its rendering depends on."""
    total = hashlib.sha256()
    for path in sorted(path for path in chart.rglob("*") if path.is_file()):
        name = path.relative_to(chart).as_posix()
        if path.name not in _NO_PART and not name.startswith(("files/rules/", "files/dashboards/")):
            total.update(f"{name}\n{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def _texts(folder: Path) -> dict[str, str]:
    found = {path.name.partition(".yaml")[0]: path for path in sorted(folder.glob("*.yaml*"))}
    return {
        name: (lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()).decode()
        for name, path in found.items()
    }


def _path(folder: Path, name: str) -> Path:
    return folder / (f"{name}.yaml" if name == _SHOWN else f"{name}.yaml.xz")


def objects(text: str) -> Objects:
    """The objects in a YAML stream."""
    return [one for one in yaml.load_all(text, Loader=yaml.CSafeLoader) if one]


def _name(path: Path) -> str:
    return path.stem.removeprefix("values-").removesuffix("-values")
