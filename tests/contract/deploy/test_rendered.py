"""The chart's objects: kept as Helm makes them, known to Kubernetes, true to our rules."""

import re
import shutil
from pathlib import Path

import pytest
import yaml

from deploy.checks import chart, helm, kinds, matrix
from deploy.checks.matrix import Objects
from tests.contract.deploy.conftest import Judge
from tests.contract.planting import ROOT
from tests.contract.test_metrics import DEFINED


def test_what_we_ship_is_true_to_our_rules_and_to_kubernetes() -> None:
    assert matrix.kept().keys() == matrix.shipped().keys()
    assert chart.kept() == []


def test_the_examples_are_known_to_kubernetes() -> None:
    assert {name.partition("/")[0] for name in chart.example_objects()} == {"kafka", "postgres"}
    assert chart.examples() == []


def test_the_defaults_render_everything(shipped: dict[str, Objects]) -> None:
    found = {one["kind"] for one in shipped["default"]}

    assert found >= {
        *("Deployment", "Service", "ServiceAccount", "Job", "PodDisruptionBudget", "NetworkPolicy"),
        *("HorizontalPodAutoscaler", "ScaledObject", "HTTPRoute", "ServiceMonitor", "PodMonitor"),
    }


def test_one_image_runs_all_ten_workloads(shipped: dict[str, Objects]) -> None:
    deployments = [one for one in shipped["default"] if one["kind"] == "Deployment"]
    containers = [one["spec"]["template"]["spec"]["containers"] for one in deployments]

    assert len(deployments) == 10
    assert {container["image"] for found in containers for container in found} == {"billing:0.1.0"}


def test_scaling_asks_prometheus_for_metrics_that_there_are(shipped: dict[str, Objects]) -> None:
    sources = [*ROOT.glob("shared/**/*.py"), *ROOT.glob("services/**/*.py")]
    defined = {name for path in sources for name in DEFINED.findall(path.read_text())}

    scaled = [one for one in shipped["production"] if one["kind"] == "ScaledObject"]
    queries = [trigger["metadata"].get("query", "") for one in scaled for trigger in one["spec"]["triggers"]]
    asked = {name for query in queries for name in re.findall(r"billing_\w+", query)}

    assert len(asked) == 2
    assert asked <= defined


def test_a_changed_chart_is_noticed_without_helm(tmp_path: Path) -> None:
    copied = shutil.copytree(helm.CHART, tmp_path / "billing")
    assert matrix.is_of(copied)

    (copied / "templates" / "services.yaml").open("a").write("\n# changed\n")

    assert not matrix.is_of(copied)


def test_an_unknown_field_and_a_wrong_type_are_found(production: Objects) -> None:
    first, second = [one for one in production if one["kind"] == "Deployment"][:2]
    first["spec"]["template"]["spec"]["containers"][0]["readynessProbe"] = {}
    second["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] = "45"

    found = kinds.faults([first, second], ("1.37",))

    assert ["readynessProbe" in found[0], "is not of type 'integer'" in found[1]] == [True, True]


def test_a_kind_that_an_older_kubernetes_does_not_have_is_found() -> None:
    one = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "old"}}

    assert kinds.faults([one], ("1.32",)) == ["CronJob old: Kubernetes 1.32: it has no batch/v1beta1 CronJob"]


def test_helm_makes_what_is_kept_and_all_of_it_is_true_to_our_rules(program: Path) -> None:
    assert chart.rendered(program) == []


def test_more_pods_than_partitions_are_refused(program: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"kafka": {"partitions": 6}}))

    with pytest.raises(helm.HelmError, match="payment-worker: maxReplicas 12 is more than the 6 partitions"):
        helm.template(program, [values])


def test_a_hook_that_would_wait_for_secrets_of_its_own_release_is_refused(
    program: Path, tmp_path: Path
) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(
        yaml.safe_dump({"secrets": {"external": {"enabled": True, "store": {"name": "vault"}}}})
    )

    with pytest.raises(helm.HelmError, match=r"runs before secrets\.external has made"):
        helm.template(program, [values])


def test_a_grace_that_leaves_no_time_is_refused(program: Path, tmp_path: Path) -> None:
    values = tmp_path / "values.yaml"
    values.write_text(yaml.safe_dump({"workloads": {"payment-worker": {"graceSeconds": 35}}}))

    with pytest.raises(helm.HelmError, match="leaves no time for open work"):
        helm.template(program, [values])


def test_a_fault_in_a_template_is_found(program: Path, tmp_path: Path, judge: Judge) -> None:
    copied = shutil.copytree(helm.CHART, tmp_path / "billing")
    pods = copied / "templates" / "_pods.tpl"
    pods.write_text(pods.read_text().replace("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"))
    policies = copied / "templates" / "_network.tpl"
    policies.write_text(policies.read_text().replace("          - 169.254.0.0/16\n", ""))

    rendered = matrix.render(program, {"default": []}, copied)
    found = judge(matrix.objects(rendered["default"]))

    assert any("payment can write to its root" in fault for fault in found)
    assert any("may reach 169.254.0.0/16" in fault for fault in found)
    assert matrix.stale(rendered) != []


def test_a_case_that_nobody_kept_is_found(tmp_path: Path) -> None:
    matrix.keep({"production": "kind: Same\n", "gone": "kind: Old\n"}, folder=tmp_path)

    found = matrix.stale({"production": "kind: Same\n", "new": "kind: New\n"}, tmp_path)

    assert [fault.partition(":")[0] for fault in found] == ["gone", "new"]


def test_one_case_is_kept_to_be_read_and_the_others_small(tmp_path: Path) -> None:
    matrix.keep({"production": "kind: A\n", "small": "kind: B\n", "gone": "kind: C\n"}, folder=tmp_path)
    small = (tmp_path / "small.yaml.xz").read_bytes()

    matrix.keep({"production": "kind: D\n", "small": "kind: B\n"}, folder=tmp_path)

    assert (tmp_path / "production.yaml").read_text() == "kind: D\n"
    assert {path.name for path in tmp_path.iterdir()} == {"production.yaml", "small.yaml.xz", "chart.sha256"}
    assert (tmp_path / "small.yaml.xz").read_bytes() == small
    assert matrix.kept(tmp_path) == {"production": [{"kind": "D"}], "small": [{"kind": "B"}]}
    assert matrix.stale({"production": "kind: D\n", "small": "kind: B\n"}, tmp_path) == []
