"""Two workspaces: nobody finds, changes or names anything of the other's, through any of the five APIs."""

from tests.journeys.conftest import Stack
from tests.story.scene import tell_all

# Nothing that a customer may ask for makes a renewal wait; its service's own test asks as a stranger, too.
UNTOLD = ["POST /v1/waiting-billings/{billing_id}/retry"]


async def test_nothing_of_a_workspace_is_found_from_another_one(stack: Stack) -> None:
    # Each request that names anything is sent by a stranger just before its owner, for whom it works.
    told = await tell_all(stack.gateway_url, stack.admin_token, has_stranger=True)

    assert told.faults == []
    assert told.untold() == UNTOLD, "every operation belongs into tests/story"
