"""The checks of the chart and the examples: each gives what it found, in sentences."""

from collections.abc import Iterable
from pathlib import Path

from deploy.checks import helm, kinds, matrix, models, policies
from deploy.checks.matrix import Objects
from deploy.kubernetes import generate
from deploy.kubernetes.users import heard

EXAMPLES = helm.ROOT / "deploy" / "examples"


def generated() -> list[str]:
    """Files that do not say what the code says."""
    return generate.stale(generate.documents())


def kept() -> list[str]:
    """What we ship, as it was rendered last: against our rules and Kubernetes' schemas; needs no Helm."""
    found = [] if matrix.is_of() else ["deploy/helm/rendered: of another chart; `make lint-deploy KEEP=1`"]
    cases = matrix.shipped()
    for name, objects in matrix.kept().items():
        found += [f"{name}: {fault}" for fault in judged(objects, cases.get(name, []))]
    return found


def rendered(program: Path) -> list[str]:
    """What Helm makes of the chart: linted, compared with what is kept, judged with all sets of values."""
    found = []
    shipped, tried = matrix.shipped(), matrix.tried()
    for name, values in {**shipped, **tried}.items():
        try:
            helm.lint(program, values)
        except helm.HelmError as error:
            found.append(f"{name}: {error}")
    if found:
        return found
    found += matrix.stale(matrix.render(program, shipped))
    for name, text in matrix.render(program, tried).items():
        found += [f"{name}: {fault}" for fault in judged(matrix.objects(text), tried[name])]
    return found


def judged(objects: Objects, values: list[Path]) -> list[str]:
    """What our rules and Kubernetes' schemas say of the objects made with these values."""
    by_name = {service.replace("_", "-"): topics for service, topics in heard().items()}
    return [*kinds.faults(objects), *policies.faults(objects, matrix.partitions(values), by_name)]


def examples() -> list[str]:
    """Kubernetes' own kinds in the examples against its schemas."""
    return [
        f"{name}: {fault}" for name, objects in example_objects().items() for fault in kinds.faults(objects)
    ]


def example_objects() -> dict[str, Objects]:
    """The examples' objects, by their file below deploy/examples."""
    files = sorted(EXAMPLES.rglob("*.yaml"))
    return {path.relative_to(EXAMPLES).as_posix(): matrix.objects(path.read_text()) for path in files}


def custom(program: Path | None) -> list[str]:
    """The operators' kinds against their models, with every set of values that can be rendered here."""
    models.install()
    texts: Iterable[tuple[str, str]] = []
    if program:
        whole = {name: helm.template(program, values) for name, values in matrix.shipped().items()}
        texts = [*whole.items(), *matrix.render(program, matrix.tried()).items()]
    everything = {name: matrix.objects(text) for name, text in texts} or matrix.kept()
    return models.faults({**everything, **example_objects()})
