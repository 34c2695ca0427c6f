"""Says who is one loss away from being locked out."""

from domain.upkeep.possessions import Possessions, Thing


def single_loss(possessions: Possessions) -> Thing | None:
    """The one thing whose loss leaves no proven and established way in; None if any one thing may be lost.

    What it assumes:

    - A synced passkey survives the loss of a phone, because another device of the same person gets it back.
    - Passkeys of phones that are not synced are all on one phone, and text messages go to that phone. So is what is not
      known to be on a computer or a security key.
    - An authenticator app is on the phone, and its secret nowhere else.
    - Every other passkey that is not synced is on a device of its own: an authenticator refuses a second one.
    - Recovery codes are on paper, all in one place, and neither on the phone nor in the mailbox.
    - A mailbox opens no account, so its loss takes no way in.
    - What only signs in and is not established yet is no way that lasts.
    """
    sound = [passkey for passkey in possessions.proven_passkeys if passkey.is_established]
    if any(passkey.is_synced for passkey in sound):
        return None
    places = {_place(passkey.passkey_id, is_on_phone=passkey.is_on_phone) for passkey in sound}
    if possessions.texts_sign_in or possessions.app_is_established:
        places.add((Thing.PHONE, ""))
    if possessions.codes_left and possessions.codes_are_established:
        places.add((Thing.CODES, ""))
    if len(places) > 1:
        return None
    return next(iter(places))[0] if places else Thing.NOTHING


def _place(passkey_id: str, *, is_on_phone: bool) -> tuple[Thing, str]:
    return (Thing.PHONE, "") if is_on_phone else (Thing.DEVICE, passkey_id)
