"""Validators that nobody here wrote take the documents of the platform: the small part of `make validate`."""

from pathlib import Path

from tests.journeys.conftest import Stack
from tests.validation import verdicts
from tests.validation.making import make_all

REFUSED = "a Dutch seller without a street"
NAMES = [
    "several rates",
    "inclusive and exclusive",
    "invoice discount on both ways",
    "reverse charge",
    "intra-community",
    "DE to DE",
    "NL to SE",
    "FI to NL",
    "IT to IT",
    "credited in Denmark",
    REFUSED,
    "long texts",
]


async def test_phive_and_verapdf_find_nothing_fatal_in_what_the_platform_makes(
    stack: Stack, tmp_path: Path
) -> None:
    made = await make_all(stack.gateway_url, stack.admin_token, NAMES, tmp_path)

    found = verdicts.verdicts_of(made)

    assert verdicts.faults(made, found) == []
    assert {one.name for one in made if one.ubl and one.cii} == set(NAMES) - {
        "a Dutch seller without a street"
    }
