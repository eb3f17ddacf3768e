"""Which addresses may be dialled."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.addresses import Egress, networks

TABLE = [
    ("8.8.8.8", None),
    ("1.1.1.1", None),
    ("93.184.215.14", None),
    ("172.15.255.255", None),
    ("172.32.0.1", None),
    ("100.63.255.255", None),
    ("100.128.0.1", None),
    ("198.17.255.255", None),
    ("223.255.255.255", None),
    ("0.0.0.0", "this_network"),
    ("0.1.2.3", "this_network"),
    ("10.0.0.1", "private"),
    ("100.64.0.1", "carrier_grade_nat"),
    ("100.100.100.200", "carrier_grade_nat"),
    ("127.0.0.1", "loopback"),
    ("127.255.255.254", "loopback"),
    ("168.63.129.16", "metadata"),
    ("169.254.169.254", "link_local"),
    ("169.254.170.2", "link_local"),
    ("172.16.0.1", "private"),
    ("172.31.255.255", "private"),
    ("192.0.0.192", "protocol_assignment"),
    ("192.0.2.1", "documentation"),
    ("192.88.99.1", "six_to_four"),
    ("192.168.1.1", "private"),
    ("198.18.0.1", "benchmarking"),
    ("198.51.100.1", "documentation"),
    ("203.0.113.1", "documentation"),
    ("224.0.0.1", "multicast"),
    ("240.0.0.1", "reserved"),
    ("255.255.255.255", "reserved"),
    ("2606:4700:4700::1111", None),
    ("2a00:1450:4001::1", None),
    ("::", "this_network"),
    ("::1", "loopback"),
    ("::ffff:7f00:1", "loopback"),
    ("::ffff:10.0.0.1", "private"),
    ("::ffff:169.254.169.254", "link_local"),
    ("::ffff:8.8.8.8", None),
    ("::127.0.0.1", "loopback"),
    ("::10.0.0.1", "private"),
    ("64:ff9b::7f00:1", "loopback"),
    ("64:ff9b::10.0.0.1", "private"),
    ("64:ff9b::a9fe:a9fe", "link_local"),
    ("64:ff9b::8.8.8.8", None),
    ("64:ff9b:1::7f00:1", "local_nat64"),
    ("64:ff9b:1:7f00:0:100:808:808", "local_nat64"),
    ("2002:7f00:1::", "six_to_four"),
    ("2002:a00:1::1", "six_to_four"),
    ("2001:0:4136:e378:8000:63bf:80ff:fffe", "teredo"),
    ("2001:2::1", "protocol_assignment"),
    ("2001:10::1", "protocol_assignment"),
    ("2001:20::1", "protocol_assignment"),
    ("2001:db8::1", "documentation"),
    ("3fff::1", "documentation"),
    ("5f00::1", "not_public"),
    ("100::1", "not_public"),
    ("fc00::1", "private"),
    ("fd00:ec2::254", "private"),
    ("fd20:ce::254", "private"),
    ("fe80::1", "link_local"),
    ("fe80::1%eth0", "link_local"),
    ("fec0::1", "not_public"),
    ("ff02::1", "multicast"),
]


@pytest.mark.parametrize("address, reason", TABLE)
def test_an_address_is_public_or_refused_with_a_reason(address: str, reason: str | None) -> None:
    refusal = Egress().refusal(address)

    assert refusal == reason


@given(st.ip_addresses())
def test_nothing_that_python_calls_private_is_ever_allowed(address: ipaddress.IPv4Address) -> None:
    if Egress().refusal(str(address)) is None:
        carried = getattr(address, "ipv4_mapped", None) or address
        is_translated = address.version == 6 and address in ipaddress.ip_network("64:ff9b::/96")
        is_carried = address.version == 6 and int(address) < 2**32
        assert is_translated or is_carried or carried.is_global


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    plain = Egress().refusal(str(address))

    assert Egress().refusal(f"::ffff:{address}") == plain
    assert Egress().refusal(f"64:ff9b::{address}") == plain


def test_the_operator_may_allow_networks_of_their_own() -> None:
    egress = Egress(networks(["127.0.0.0/8", " fd00::/8 ", ""]))

    assert egress.refusal("127.0.0.1") is None
    assert egress.refusal("::ffff:127.0.0.1") is None
    assert egress.refusal("fd00:ec2::254") is None
    assert egress.refusal("10.0.0.1") == "private"
    assert egress.refusal("::1") == "loopback"
