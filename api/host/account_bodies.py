"""The shapes of accounts in requests and answers. What the values may be is said where files are read, too."""

from datetime import datetime
from typing import Annotated, Any, Self

from fastapi.openapi.models import Example
from pydantic import BaseModel, ConfigDict, Field

from domain.facts import HostChange, Milestone, SmsState
from domain.inventory import OtherMethod, SmsMethod
from domain.journey import JourneyAct
from domain.policy import InsteadOfPasskey
from services.host.accounts import HostAccount

_Words = Annotated[str, Field(min_length=1, max_length=320)]
_Moment = Annotated[str, Field(min_length=1, max_length=64, examples=["2026-05-31T09:30:00+02:00"])]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _ContactWord(_Strict):
    verified: bool | None = Field(default=None, description="Whether you have verified it yourself.")


class EmailBody(_ContactWord):
    """An e-mail address."""

    value: _Words = Field(description="The address.", examples=["ada@example.com"])


class PhoneBody(_ContactWord):
    """A phone number."""

    value: _Words = Field(description="The number with its country code.", examples=["+442079460101"])


class MethodsBody(_Strict):
    """The ways in that the account has at your service."""

    sms: SmsMethod | None = Field(default=None, description="What text-message codes are to the account.")
    others: list[OtherMethod] | None = Field(default=None, max_length=20, description="Its other ways in.")


class EmailPatch(_ContactWord):
    """An e-mail address, or a part of what is said of it."""

    value: _Words | None = Field(default=None, description="The address.", examples=["ada@example.com"])


class PhonePatch(_ContactWord):
    """A phone number, or a part of what is said of it."""

    value: _Words | None = Field(
        default=None, description="The number with its country code.", examples=["+442079460101"]
    )


class _Particulars(_Strict):
    locale: _Words | None = Field(default=None, description="A language tag.", examples=["en-GB"])
    time_zone: _Words | None = Field(
        default=None, description="An IANA name; nobody is written to at night.", examples=["Europe/London"]
    )
    country: _Words | None = Field(
        default=None,
        description="Two letters by ISO 3166; without it, the country of the phone number.",
        examples=["GB"],
    )
    risk_tier: _Words | None = Field(
        default=None, description="A word of your own, for choosing who is in a cohort.", examples=["low"]
    )
    last_sign_in_at: _Moment | None = Field(
        default=None, description="When the person last signed in at your service: ISO 8601 with offset."
    )
    attributes: dict[str, Any] | None = Field(
        default=None, description="What else you want to choose cohorts by; kept as it is."
    )
    methods: MethodsBody | None = Field(default=None, description="The ways in at your service.")
    sim_checked_at: _Moment | None = Field(default=None, description="When you last looked up the SIM.")
    sim_changed_at: _Moment | None = Field(default=None, description="When the SIM was last changed.")


class AccountBody(_Particulars):
    """What you tell of an account."""

    email: EmailBody | None = Field(default=None, description="The e-mail address.")
    phone: PhoneBody | None = Field(default=None, description="The phone number.")


class AccountPatch(_Particulars):
    """What changes in an account."""

    email: EmailPatch | None = Field(default=None, description="The e-mail address.")
    phone: PhonePatch | None = Field(default=None, description="The phone number.")


class _Shown(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class ContactAnswer(_Shown):
    """One contact, masked."""

    value: str = Field(description="Masked: enough to recognise it.", examples=["a•••@e•••.com"])
    verified: bool = Field(
        description="An address: by its owner, or by you. A number: by you, as far as you have said."
    )


class MethodsAnswer(_Shown):
    """The ways in at your service, by your own word."""

    sms: SmsMethod | None = Field(description="What text-message codes are to the account there.")
    others: list[OtherMethod] | None = Field(description="Its other ways in.")


class MilestoneAnswer(_Shown):
    """One milestone."""

    milestone: Milestone
    reached: bool


class NextAnswer(_Shown):
    """What happens next if nobody does anything."""

    act: JourneyAct | None = Field(
        description="What the journey does; null if it waits, or if there is none."
    )
    at: datetime | None = Field(description="When.")
    words: str = Field(description="The same in a sentence, for people.")


class FactsAnswer(_Shown):
    """What is true of the account; none of it is personal."""

    version: int = Field(description="Grows with every change.")
    passkeys: int = Field(description="How many passkeys work.")
    synced_passkeys: int = Field(description="How many of them are synced.")
    proven_passkeys: int = Field(description="How many of them have signed in.")
    passkey_days: int = Field(description="On how many days a passkey has signed in.")
    recovery_codes_left: int = Field(description="How many recovery codes are not used up.")
    recovery_codes_proven: bool = Field(description="Whether one of them was typed back.")
    authenticator_apps: int = Field(description="How many authenticator apps work.")
    app_days: int = Field(description="On how many days one of them has shown a code.")
    lacks_device: bool = Field(description="The person has said that they have no device for a passkey.")
    email_verified_at: datetime | None = Field(description="Since when the e-mail address is verified.")
    exposed_at: datetime | None = Field(
        description="When the person saw the set-up on a device that can do it."
    )
    stuck_since: datetime | None = Field(description="Since when the journey gets no further.")
    held_since: datetime | None = Field(description="Since when the cohort's halt keeps the journey.")
    disputed_since: datetime | None = Field(description="Since when an objection of the owner is open.")
    phone_missing: bool = Field(description="There is no phone number.")
    phone_shared: bool = Field(description="Other accounts have the phone number, so it is no way in.")
    texts_stopped: bool = Field(description="The owner has answered STOP to texts.")


class OpenRequestAnswer(_Shown):
    """What you were asked about text-message codes in your own system, and have not answered."""

    change: HostChange = Field(description="What you were asked to do.")
    at: datetime = Field(description="When you were asked last.")
    deadline: datetime | None = Field(description="When you are asked again, if you do not answer.")


class SmsAnswer(_Shown):
    """How far text-message codes are switched off."""

    state: SmsState
    since: datetime | None = Field(description="Since when; null if they were never anything but on.")
    open_request: OpenRequestAnswer | None = Field(
        description="The request that waits for your answer, if there is one.",
    )


class AccountAnswer(_Shown):
    """One account."""

    external_id: str = Field(description="Your own id.", examples=["u-1815"])
    account_id: str = Field(description="Offramp's id.")
    email: ContactAnswer | None = Field(description="The e-mail address.")
    phone: ContactAnswer | None = Field(description="The phone number.")
    methods: MethodsAnswer
    journey: str = Field(
        description="`none`, `under_way`, or how it ended, like `migrated`.", examples=["under_way"]
    )
    milestones: list[MilestoneAnswer] = Field(description="In the order in which they are asked for.")
    next: NextAnswer
    instead_of_passkey: InsteadOfPasskey = Field(
        description="What is in place of a passkey. An authenticator app is less than phishing-resistant."
    )
    facts: FactsAnswer
    sms: SmsAnswer

    @classmethod
    def of(cls, account: HostAccount) -> Self:
        """The answer that shows an account."""
        return cls.model_validate(account)


STATED: dict[str, Example] = {
    "account": {
        "summary": "An account with both contacts, of which you have verified one",
        "value": {
            "email": {"value": "ada@example.com", "verified": True},
            "phone": {"value": "+442079460101", "verified": False},
            "locale": "en-GB",
            "methods": {"sms": "only", "others": ["password"]},
        },
    }
}
CHANGES: dict[str, Example] = {
    "number": {
        "summary": "Another number, one attribute less",
        "value": {"phone": {"value": "+442079460102"}, "attributes": {"plan": None}},
    }
}
