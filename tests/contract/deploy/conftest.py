"""What the checks of the deployment look at: the chart as rendered last, and Helm where there is one."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from deploy.checks import helm, matrix, policies
from deploy.checks.matrix import Objects
from deploy.kubernetes.topics import PARTITIONS
from deploy.kubernetes.users import heard

Judge = Callable[[Objects], list[str]]


@pytest.fixture(scope="session")
def shipped() -> dict[str, Objects]:
    """The objects of every values file that we ship."""
    return matrix.kept()


@pytest.fixture
def production(shipped: dict[str, Objects]) -> Objects:
    """A copy in which a fault can be planted."""
    return deepcopy(shipped["production"])


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Our rules, for the 12 partitions of the examples."""
    by_name = {service.replace("_", "-"): topics for service, topics in heard().items()}
    return lambda objects: policies.faults(objects, PARTITIONS, by_name)


@pytest.fixture(scope="session")
def program() -> Path:
    """Helm, where `make lint-deploy` has built it."""
    found = helm.find()
    if found is None:
        pytest.skip("there is no Helm here: `make lint-deploy` builds it")
    return found
