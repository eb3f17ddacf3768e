"""Who may speak to whom: everything denied, and out of the cluster only what has a reason to."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_network

from deploy.checks.policies.objects import Object, Workload, of_kind, selects, workloads

# Which services' pods have a way out of the cluster, by role; nobody else leaves.
MAY_LEAVE: Mapping[str, frozenset[str]] = {
    "webhook-delivery": frozenset({"api", "worker", "all"}),
    "payment": frozenset({"api", "worker", "all"}),
    "invoice": frozenset({"api", "worker", "all"}),
    "gateway": frozenset({"api", "all"}),
}
# An address that a webhook or a forged key set must never reach: ours, the node's, the cloud's.
FORBIDDEN = (
    "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.168.0.0/16"
    " 198.18.0.0/15 224.0.0.0/4 240.0.0.0/4 ::1/128 ::ffff:0:0/96 64:ff9b::/96 fc00::/7 fe80::/10 ff00::/8"
    " 2001::/32 2002::/16"
).split()


def faults(objects: list[Object]) -> list[str]:
    """What is open that should not be; [] for a release without policies is for the caller to judge."""
    policies = of_kind(objects, "NetworkPolicy")
    found = [*_default(policies)]
    for one in workloads(objects):
        mine = [policy for policy in policies if selects(policy["spec"]["podSelector"], one.labels)]
        allowing = [
            policy for policy in mine if policy["spec"].get("ingress") or policy["spec"].get("egress")
        ]
        if not allowing:
            found.append(f"{one.name}: no policy lets it do anything")
        for policy in allowing:
            found += [f"{one.name}: {fault}" for fault in [*_entrances(policy, one), *_exits(policy, one)]]
    return found


def _default(policies: list[Object]) -> Iterator[str]:
    denying = [
        policy
        for policy in policies
        if set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"}
        and not policy["spec"].get("ingress")
        and not policy["spec"].get("egress")
        and "app.kubernetes.io/component" not in policy["spec"]["podSelector"].get("matchLabels", {})
    ]
    if len(denying) != 1:
        yield f"{len(denying)} policies deny everything to every pod, not one"


def _entrances(policy: Object, one: Workload) -> Iterator[str]:
    rules = policy["spec"].get("ingress") or []
    scrapers = [peer for rule in rules if _ports(rule) == ["metrics"] for peer in rule.get("from", [])]
    for rule in rules:
        if not rule.get("from") or any(not peer or "ipBlock" in peer for peer in rule["from"]):
            yield "can be reached from anywhere"
        if _ports(rule) not in (["http"], ["metrics"]):
            yield "can be reached on more than its port"
        if one.role == "worker" and (
            _ports(rule) != ["metrics"] or any("podSelector" in peer for peer in rule.get("from", []))
        ):
            yield "is a worker, which nobody calls"
        if _ports(rule) != ["metrics"] and any(peer in scrapers for peer in rule.get("from", [])):
            yield "shows its metrics to its callers"


def _ports(rule: Object) -> list[str]:
    return [port["port"] for port in rule.get("ports", [])]


def _exits(policy: Object, one: Workload) -> Iterator[str]:
    for rule in policy["spec"].get("egress") or []:
        if not rule.get("ports") or not rule.get("to"):
            yield "may speak to anybody, or on any port"
        blocks = [peer["ipBlock"] for peer in rule.get("to") or [] if "ipBlock" in peer]
        if blocks and one.role not in MAY_LEAVE.get(one.service, frozenset()):
            yield f"may leave the cluster, to {blocks[0]['cidr']}"
        for block in blocks:
            yield from (f"may reach {address} by {block['cidr']}" for address in _open_to(block))


def _open_to(block: Object) -> list[str]:
    """The forbidden networks that the block holds and does not except."""
    allowed = ip_network(block["cidr"])
    excepted = [ip_network(text) for text in block.get("except", [])]
    found = []
    for text in FORBIDDEN:
        network = ip_network(text)
        if network.version != allowed.version or not network.overlaps(allowed):
            continue
        if not any(network.subnet_of(one) for one in excepted if one.version == network.version):  # type: ignore[arg-type]
            found.append(text)
    return found
