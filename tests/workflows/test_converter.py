"""What Temporal keeps of a failure holds nobody's number and nobody's address."""

from temporalio.api.failure.v1 import Failure
from temporalio.exceptions import ApplicationError

from workflows.converter import data_converter

PHONE = "+4915112345678"


def _fail() -> None:
    try:
        raise ValueError(f"{PHONE} cannot be texted")
    except ValueError as cause:
        raise ApplicationError("ada@example.org is not reached", type="Lost") from cause


async def test_an_act_that_fails_leaves_no_contact_in_the_history() -> None:
    failure = Failure()
    try:
        _fail()
    except ApplicationError as error:
        await data_converter.encode_failure(error, failure)
    assert failure.application_failure_info.type == "Lost"
    assert "is not reached" in failure.message
    assert "cannot be texted" in failure.cause.message
    assert PHONE not in str(failure)
    assert "ada@example.org" not in str(failure)
