"""The operators' kinds against models of them; the models come with `make lint-deploy`."""

from copy import deepcopy

import pytest

from deploy.checks import chart, kinds, models
from deploy.checks.matrix import Objects

pytestmark = pytest.mark.skipif(
    not (models.FOLDER / ".installed").exists(),
    reason="the models are not here: `make lint-deploy` fetches them",
)


def test_an_unknown_field_and_a_forbidden_word_are_found(production: Objects) -> None:
    found = {one["kind"]: one for one in production if kinds.is_custom(one)}
    found["HTTPRoute"]["spec"]["hostnamez"] = ["a.example"]
    found["ScaledObject"]["spec"]["maxReplicaCount"] = "many"
    examples = deepcopy(chart.example_objects())
    user = examples["kafka/users.yaml"][0]
    user["spec"]["authorization"]["acls"][0]["operations"] = ["Wrte"]

    faults = models.faults({"planted": [*found.values(), user], **chart.example_objects()})

    wanted = (
        "'\"hostnamez\"' does not exist",
        "maxReplicaCount must be integer",
        "operations/0 must be equal to one",
    )
    assert [any(words in fault for fault in faults) for words in wanted] == [True, True, True]
    # What stands there as we ship it has none.
    assert all(fault.startswith("planted: ") for fault in faults)
