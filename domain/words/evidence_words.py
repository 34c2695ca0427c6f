"""What the pages of a pack of evidence say."""

from collections.abc import Mapping

ASKED: tuple[tuple[str, str, str], ...] = (
    (
        "Offer at least one alternative that is not restricted",
        "alternatives.ndjson, policies.ndjson",
        "What the rules offer in place of codes, what was shown to each person, and what they took.",
    ),
    (
        "Give meaningful notice of the risks and of the alternatives",
        "messages.ndjson",
        "Every notice and reminder by each channel, and what its provider said became of it.",
    ),
    (
        "Address any additional risk in the risk assessment",
        "off_proofs.ndjson, assessments.ndjson, exemptions.ndjson",
        "On what evidence codes went, what guardrails measured, and who was left alone, why and until when.",
    ),
    (
        "Have a migration plan for the day on which codes are no longer acceptable",
        "cohort.json, orders.ndjson, policies.ndjson",
        "Whom the plan reaches, in which waves and by which rules, and every decision on the way.",
    ),
)
"""What NIST SP 800-63B-4, 3.2.9 asks of whoever offers a restricted authenticator, where it is, and in which words."""

SMS: Mapping[str, str] = {
    "on": "on",
    "notice": "on, and told when they end",
    "suspended": "suspended, restorable at once",
    "removed": "off for good",
}
EXEMPTIONS: Mapping[str, str] = {
    "paused": "paused",
    "resumed": "resumed",
    "extended": "given more time",
    "extension_ended": "more time taken back",
    "exempted": "exempted",
    "exemption_ended": "exemption ended",
    "exemption_renewed": "exemption renewed",
    "exemption_reviewed": "exemption reviewed",
    "exemption_expired": "exemption expired",
    "registered": "exempt by the register",
    "stands": "left alone now",
}


def spelled(name: str) -> str:
    """A name of the code in words."""
    return name.replace("_", " ")
