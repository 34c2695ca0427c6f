"""What a host says of the ways in that an account has at the host: the inventory before a launch."""

from enum import StrEnum


class SmsMethod(StrEnum):
    """What text-message codes are to an account at the host."""

    ONLY = "only"
    DEFAULT = "default"
    ONE_OF_SEVERAL = "one_of_several"
    NONE = "none"


class OtherMethod(StrEnum):
    """A way to sign in at the host beside text-message codes."""

    PASSWORD = "password"  # noqa: S105 - the name of a method
    TOTP = "totp"
    PASSKEY = "passkey"
    EMAIL_CODE = "email_code"
    OTHER = "other"


NOT_TOLD = "not_told"
"""What the inventory counts an account as whose host has not said."""
