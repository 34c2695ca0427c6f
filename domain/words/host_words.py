"""The words for how a person signs in at the host."""

from domain.desk.cases import HostSignIns

_RISKS = {
    "low": "",
    "medium": "the host calls the last one risky",
    "high": "the host calls the last one very risky",
}


def sign_ins_there(at_host: HostSignIns | None) -> str:
    """How somebody signs in at the host, in words that stand alone."""
    if at_host is None or not at_host.in_all:
        return "the host has told of no sign-in"
    device = "" if at_host.passkey_device_at else "none seen on a device that can make passkeys"
    parts = (
        f"{at_host.by_sms} of {at_host.in_all} by text message",
        _RISKS.get(at_host.risk or "", ""),
        device,
    )
    return "; ".join(part for part in parts if part)
