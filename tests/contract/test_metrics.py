"""Every metric that the code defines is explained in a README."""

import importlib
import pkgutil
import re
from pathlib import Path

from prometheus_client import REGISTRY

import services
import shared

ROOT = Path(__file__).parents[2]
DEFINED = re.compile(r'(?:Counter|Gauge|Histogram|Summary)\(\s*"(billing_\w+)"')


def defined(root: Path) -> set[str]:
    """The names of all series: a histogram has three, and a counter shows when it began."""
    kinds = re.compile(r'(Counter|Gauge|Histogram|Summary)\(\s*"(billing_\w+)"')
    names: set[str] = set()
    for file in [*root.glob("shared/**/*.py"), *root.glob("services/**/*.py")]:
        for kind, name in kinds.findall(file.read_text()):
            ends = ("", "_bucket", "_sum", "_count") if kind == "Histogram" else ("",)
            names |= {name + end for end in ends}
    return names


def unexplained(root: Path) -> list[str]:
    """Metrics that the README beside their service (or services/README.md for shared ones) does not name."""
    missing = []
    for file in sorted([*root.glob("shared/**/*.py"), *root.glob("services/**/*.py")]):
        parts = file.relative_to(root).parts
        readme = root / "services" / (parts[1] if parts[0] == "services" else "") / "README.md"
        explained = readme.read_text() if readme.exists() else ""
        unknown = [name for name in DEFINED.findall(file.read_text()) if f"`{name}" not in explained]
        missing += [f"{readme.relative_to(root)} does not explain {name}" for name in unknown]
    return missing


def test_every_metric_is_explained() -> None:
    assert unexplained(ROOT) == []


def test_what_is_looked_at_are_the_metrics_that_run() -> None:
    for package in (services, shared):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith("metrics"):
                importlib.import_module(module.name)

    # A counter that runs is called without its ending.
    running = {one.name for one in REGISTRY.collect() if one.name.startswith("billing_")}
    assert len(running) > 50
    assert running <= {name.removesuffix("_total") for name in defined(ROOT)}


def test_an_unexplained_metric_is_found(tmp_path: Path) -> None:
    service = tmp_path / "services" / "invoice"
    service.mkdir(parents=True)
    (service / "README.md").write_text("`billing_known_total`")
    defined = ['A = Counter("billing_known_total", "x")', 'B = Gauge("billing_new", "y")']
    (service / "metrics.py").write_text("\n".join(defined))

    assert unexplained(tmp_path) == ["services/invoice/README.md does not explain billing_new"]
