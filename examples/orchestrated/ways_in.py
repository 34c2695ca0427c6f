"""The shop's own passkeys, by py_webauthn, and its own recovery codes. Offramp never sees a key or a code.

What happened goes into the outbox in the same transaction, so Offramp hears of it if and only if it is so.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from examples.shop.customers import Customer, ShopDatabase, Visit
from offramp_client import EventType

_CODES = 8


class CeremonyFailed(Exception):
    """The browser's answer does not hold."""


class WaysIn:
    """Makes and checks passkeys for one origin, and makes and checks recovery codes."""

    def __init__(self, database: ShopDatabase, *, origin: str, rp_id: str) -> None:
        self._database, self._origin, self._rp_id = database, origin, rp_id

    def new_passkey_options(self, customer: Customer) -> tuple[str, str]:
        """What the browser is asked for, and the challenge in it."""
        options = generate_registration_options(
            rp_id=self._rp_id,
            rp_name="The Shop",
            user_id=customer.customer_id.encode(),
            user_name=customer.email,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        return options_to_json(options), bytes_to_base64url(options.challenge)

    def keep_passkey(self, visit: Visit, credential: Mapping[str, Any], *, challenge: str) -> None:
        """Keep the passkey in a browser's answer. Raises CeremonyFailed.

        What it goes back to is how this visit has signed in: Offramp trusts the passkey no more than that, at first.
        """
        try:
            verified = verify_registration_response(
                credential=json.dumps(credential),
                expected_challenge=base64url_to_bytes(challenge),
                expected_origin=self._origin,
                expected_rp_id=self._rp_id,
                require_user_verification=True,
            )
        except WebAuthnException as error:
            raise CeremonyFailed(str(error)) from error
        passkey_id, credential_id = str(uuid4()), bytes_to_base64url(verified.credential_id)
        with self._database.transaction() as rows:
            rows.execute(
                "INSERT INTO passkey VALUES (?, ?, ?, ?)",
                (credential_id, passkey_id, visit.customer_id, verified.credential_public_key),
            )
            told = {
                "passkey_id": passkey_id,
                "synced": verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
                "rooted_in": _root(visit),
            }
            self._database.add_event(rows, EventType.PASSKEY_BOUND, visit.customer_id, told)

    def passkey_options(self) -> tuple[str, str]:
        """Ask for any passkey of the shop."""
        options = generate_authentication_options(
            rp_id=self._rp_id, user_verification=UserVerificationRequirement.REQUIRED
        )
        return options_to_json(options), bytes_to_base64url(options.challenge)

    def use_passkey(self, credential: Mapping[str, Any], *, challenge: str) -> str:
        """The id of the customer whose passkey has answered. Raises CeremonyFailed."""
        with self._database.transaction() as rows:
            row = rows.execute(
                "SELECT * FROM passkey WHERE credential_id = ?", (str(credential.get("id")),)
            ).fetchone()
            if row is None:
                raise CeremonyFailed("the shop knows no such passkey")
            try:
                verify_authentication_response(
                    credential=json.dumps(credential),
                    expected_challenge=base64url_to_bytes(challenge),
                    expected_origin=self._origin,
                    expected_rp_id=self._rp_id,
                    credential_public_key=row["public_key"],
                    credential_current_sign_count=0,
                    require_user_verification=True,
                )
            except WebAuthnException as error:
                raise CeremonyFailed(str(error)) from error
            customer_id = str(row["customer_id"])
            told = {"passkey_id": row["passkey_id"]}
            self._database.add_event(rows, EventType.PASSKEY_USED, customer_id, told)
        return customer_id

    def make_codes(self, visit: Visit) -> list[str]:
        """New recovery codes of 80 bits each; those before work no more."""
        codes = [f"{secrets.token_hex(5)}-{secrets.token_hex(5)}" for _ in range(_CODES)]
        set_id = str(uuid4())
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM recovery_code WHERE customer_id = ?", (visit.customer_id,))
            rows.executemany(
                "INSERT INTO recovery_code VALUES (?, ?, ?, 0)",
                [(_digest(code), set_id, visit.customer_id) for code in codes],
            )
            told = {"set_id": set_id, "count": len(codes), "rooted_in": _root(visit)}
            self._database.add_event(rows, EventType.RECOVERY_CODES_MADE, visit.customer_id, told)
        return codes

    def prove_codes(self, customer_id: str, code: str) -> bool:
        """Whether this is one of the customer's codes: then they have kept them."""
        with self._database.transaction() as rows:
            row = rows.execute(
                "SELECT set_id FROM recovery_code WHERE digest = ? AND customer_id = ?",
                (_digest(code), customer_id),
            ).fetchone()
            if row is None:
                return False
            self._database.add_event(
                rows, EventType.RECOVERY_CODES_PROVEN, customer_id, {"set_id": row["set_id"]}
            )
        return True


def _root(visit: Visit) -> str:
    """What a visit's passkeys and codes go back to: how it has signed in."""
    return "high" if visit.method == "passkey" else "sms"


def _digest(code: str) -> str:
    return hashlib.sha256(code.strip().lower().encode()).hexdigest()
