"""Which entries are progress, and which a journey is told of."""

import pytest

from domain.journal import EventKind, concerns_journey, is_progress

PROGRESS = {
    EventKind.JOURNEY_STARTED,
    EventKind.EMAIL_VERIFIED,
    EventKind.PASSKEY_BOUND,
    EventKind.PASSKEY_REMOVED,
    EventKind.PASSKEY_PROVEN,
    EventKind.RECOVERY_CODES_PROVEN,
    EventKind.AUTHENTICATOR_APP_BOUND,
    EventKind.AUTHENTICATOR_APP_PROVEN,
    EventKind.AUTHENTICATOR_APP_REMOVED,
    EventKind.SMS_RESTORED,
}
CHANGES_FACTS = {
    EventKind.PASSKEY_HELD,
    EventKind.PASSKEY_SYNC_CHANGED,
    EventKind.ACCOUNT_CHANGED,
    EventKind.ACCOUNT_DELETED,
    EventKind.ACCOUNT_ERASED,
    EventKind.ACCOUNT_DEACTIVATED,
    EventKind.ACCOUNT_REACTIVATED,
    EventKind.CONTACT_SHARED,
    EventKind.PROMPT_SEEN,
    EventKind.PROMPT_SKIPPED,
    EventKind.CANNOT_NOW,
    EventKind.RECOVERY_CODES_MADE,
    EventKind.RECOVERY_CODE_USED,
    EventKind.POLICY_CHANGED,
    EventKind.RELEASED,
    EventKind.NUDGE_HELD_BACK,
    EventKind.NOTICE_MISSED,
    EventKind.MESSAGE_WITHHELD,
    EventKind.MESSAGE_BLOCKED,
    EventKind.MESSAGE_BOUNCED,
    EventKind.MESSAGE_UNDELIVERABLE,
    EventKind.MESSAGE_UNSUBSCRIBED,
    EventKind.MESSAGE_SPAM_REPORTED,
    EventKind.CONTACT_WORKS_AGAIN,
    EventKind.REMINDERS_STOPPED,
    EventKind.TEXTS_STOPPED,
    EventKind.OBJECTED,
    EventKind.OBJECTION_SETTLED,
    EventKind.SENT_AGAIN,
    EventKind.PAUSED,
    EventKind.RESUMED,
    EventKind.EXTENDED,
    EventKind.EXTENSION_ENDED,
    EventKind.EXEMPTED,
    EventKind.EXEMPTION_RENEWED,
    EventKind.EXEMPTION_ENDED,
    EventKind.CONTACT_MARKED_WRONG,
    EventKind.RESCUED,
    EventKind.RECOVERY_PROVEN,
    EventKind.RECOVERED,
    EventKind.PASSKEY_HELD,
    EventKind.PASSKEY_RELEASED,
    EventKind.CONFIRMED,
    EventKind.REJECTED,
    EventKind.CHANGE_DONE,
    EventKind.BROUGHT_BACK,
    EventKind.SIM_ASKED_AGAIN,
    EventKind.CREDENTIAL_CHANGED,
    EventKind.CONTACT_DISOWNED,
    EventKind.HOST_ASKED,
    EventKind.HOST_CONFIRMED,
    EventKind.HOST_REFUSED,
    EventKind.HOST_DIFFERS,
    EventKind.HOST_ASKED_ANEW,
}
WENT_ITS_WAY = [
    EventKind.MESSAGE_SENT,
    EventKind.MESSAGE_FAILED,
    EventKind.MESSAGE_SKIPPED,
    EventKind.MESSAGE_UNKNOWN,
    EventKind.MESSAGE_DELIVERED,
]


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_is_progress_or_not_as_the_table_says(kind: EventKind) -> None:
    assert is_progress(kind) is (kind in PROGRESS)


@pytest.mark.parametrize("kind", EventKind)
def test_every_kind_that_changes_what_a_journey_decides_by_is_told_to_it(kind: EventKind) -> None:
    assert concerns_journey(kind) is (kind in PROGRESS | CHANGES_FACTS)


@pytest.mark.parametrize(
    "kind", [*WENT_ITS_WAY, *(kind for kind in EventKind if kind.startswith(("sign", "ceremony")))]
)
def test_a_message_on_its_way_or_an_attempt_to_sign_in_wakes_no_journey(kind: EventKind) -> None:
    assert not concerns_journey(kind)
