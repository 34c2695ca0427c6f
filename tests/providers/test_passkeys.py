"""What py_webauthn is asked, and how its refusals are told."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from webauthn.helpers.exceptions import InvalidRegistrationResponse

from domain.errors import CeremonyRejected
from providers import passkeys
from providers.passkeys import KnownCredential, PasskeyVerifier
from providers.software_authenticator import Authenticator, from_text, to_text

ORIGIN = "https://accounts.example.test"


@pytest.fixture
def verifier() -> PasskeyVerifier:
    return PasskeyVerifier(rp_id="accounts.example.test", rp_name="Example", origins=[ORIGIN])


def created(verifier: PasskeyVerifier, device: Authenticator) -> tuple[dict[str, Any], bytes]:
    options = verifier.registration_options(account_id="an account", label="ada@example.org", exclude=[])
    return device.create(json.loads(options.json)), options.challenge


def device(**changes: Any) -> Authenticator:
    return Authenticator(**({"origin": ORIGIN, "rp_id": "accounts.example.test"} | changes))


@pytest.mark.parametrize("synced", [True, False])
def test_a_registration_keeps_what_the_device_said(verifier: PasskeyVerifier, *, synced: bool) -> None:
    answer, challenge = created(verifier, device(synced=synced, aaguid=bytes(range(16))))
    new = verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    assert new.credential_id == answer["id"]
    assert new.aaguid == "00010203-0405-0607-0809-0a0b0c0d0e0f"
    assert (new.backup_eligible, new.backed_up) == (synced, synced)
    assert new.transports == ("internal", "hybrid")


def test_an_authentication_hands_the_counter_back_unjudged(verifier: PasskeyVerifier) -> None:
    authenticator = device(synced=False)
    answer, challenge = created(verifier, authenticator)
    new = verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    known_credential = KnownCredential(credential_id=new.credential_id, transports=("usb", "unheard-of"))
    ceremony = verifier.authentication_options(allow=[known_credential])
    options = json.loads(ceremony.json)
    assert options["allowCredentials"] == [
        {"id": new.credential_id, "type": "public-key", "transports": ["usb"]}
    ]
    credential = json.dumps(authenticator.get(options))
    assert verifier.claim(credential).account_id == "an account"
    assertion = verifier.verify_authentication(
        credential=credential, expected_challenge=ceremony.challenge, public_key=new.public_key
    )
    assert (assertion.sign_count, assertion.credential_id) == (1, new.credential_id)


def _without_response(answer: dict[str, Any]) -> None:
    del answer["response"]


def _with_nonsense(answer: dict[str, Any]) -> None:
    answer["response"]["attestationObject"] = to_text(b"\xff\x00nonsense")


def _with_broken_client_data(answer: dict[str, Any]) -> None:
    answer["response"]["clientDataJSON"] = to_text(b"[]")


def _with_text_that_is_no_base64(answer: dict[str, Any]) -> None:
    answer["response"]["clientDataJSON"] = "ä$%"


@pytest.mark.parametrize(
    "spoil", [_without_response, _with_nonsense, _with_broken_client_data, _with_text_that_is_no_base64]
)
def test_whatever_a_stranger_sends_is_a_rejected_ceremony(
    verifier: PasskeyVerifier, spoil: Callable[[dict[str, Any]], None]
) -> None:
    answer, challenge = created(verifier, device())
    spoil(answer)
    with pytest.raises(CeremonyRejected):
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)


def test_what_is_no_answer_at_all_is_called_malformed(verifier: PasskeyVerifier) -> None:
    answer, challenge = created(verifier, device())
    for credential in ("", "no JSON", "[]", "7", "null", json.dumps({"response": {}})):
        with pytest.raises(CeremonyRejected, match=r"^malformed$"):
            verifier.answered_challenge(credential)
    answer["response"]["clientDataJSON"] = to_text(b"[1]")
    with pytest.raises(CeremonyRejected, match=r"^malformed$"):
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"origin": "https://evil.example"}, "Unexpected client data origin"),
        ({"rp_id": "evil.example"}, "Unexpected RP ID hash"),
        (
            {"verifies_user": False},
            "User verification is required but user was not verified during attestation",
        ),
    ],
)
def test_a_refusal_says_in_the_librarys_words_what_is_wrong(
    verifier: PasskeyVerifier, changes: dict[str, Any], reason: str
) -> None:
    answer, challenge = created(verifier, device(**changes))
    with pytest.raises(CeremonyRejected) as rejected:
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    assert rejected.value.reason == reason


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ('Unexpected type "ada@example.org"', "Unexpected type"),
        ("Unexpected origin: https://ada.example", "Unexpected origin"),
        ("x" * 200, "x" * 120),
        ('"ada@example.org"', "InvalidRegistrationResponse"),
    ],
)
def test_a_reason_is_short_and_ends_before_a_strangers_words(
    verifier: PasskeyVerifier, monkeypatch: pytest.MonkeyPatch, told: str, reason: str
) -> None:
    answer, challenge = created(verifier, device())

    def refuse(**_: Any) -> None:
        raise InvalidRegistrationResponse(told)

    monkeypatch.setattr(passkeys, "verify_registration_response", refuse)
    with pytest.raises(CeremonyRejected) as rejected:
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    assert rejected.value.reason == reason


@pytest.mark.parametrize(("length", "is_taken"), [(1023, True), (1024, False)])
def test_a_credential_id_may_be_as_long_as_the_standard_says_and_no_longer(
    verifier: PasskeyVerifier, length: int, *, is_taken: bool
) -> None:
    answer, challenge = created(verifier, device(id_length=length))
    credential = json.dumps(answer)
    if is_taken:
        new = verifier.verify_registration(credential=credential, expected_challenge=challenge)
        assert len(from_text(new.credential_id)) == length
    else:
        with pytest.raises(CeremonyRejected, match="credential_id_too_long"):
            verifier.verify_registration(credential=credential, expected_challenge=challenge)


def test_reasons_do_not_repeat_what_a_stranger_wrote(verifier: PasskeyVerifier) -> None:
    answer, challenge = created(verifier, device(origin="https://ada@evil.example"))
    with pytest.raises(CeremonyRejected) as rejected:
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    assert "ada" not in rejected.value.reason


def test_the_user_must_be_verified(verifier: PasskeyVerifier) -> None:
    answer, challenge = created(verifier, device(verifies_user=False))
    with pytest.raises(CeremonyRejected):
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)


@pytest.mark.parametrize("framed_by", ["https://evil.example", ORIGIN])
def test_a_page_inside_a_frame_neither_makes_nor_uses_a_passkey(
    verifier: PasskeyVerifier, framed_by: str
) -> None:
    authenticator = device()
    answer, challenge = created(verifier, authenticator)
    new = verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    authenticator.framed_by = framed_by
    answer, challenge = created(verifier, authenticator)
    with pytest.raises(CeremonyRejected, match="cross_origin"):
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    ceremony = verifier.authentication_options()
    credential = json.dumps(authenticator.get(json.loads(ceremony.json), key=authenticator.keys[0]))
    with pytest.raises(CeremonyRejected, match="cross_origin"):
        verifier.verify_authentication(
            credential=credential, expected_challenge=ceremony.challenge, public_key=new.public_key
        )


@pytest.mark.parametrize("top_origin", ["https://evil.example", None])
def test_a_foreign_top_origin_is_refused_whatever_else_is_said(
    verifier: PasskeyVerifier, top_origin: str | None
) -> None:
    answer, challenge = created(verifier, device())
    client_data = json.loads(from_text(answer["response"]["clientDataJSON"])) | {"topOrigin": top_origin}
    answer["response"]["clientDataJSON"] = to_text(json.dumps(client_data).encode())
    with pytest.raises(CeremonyRejected, match="foreign_top_origin"):
        verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)


def bound_key(verifier: PasskeyVerifier, authenticator: Authenticator) -> bytes:
    answer, challenge = created(verifier, authenticator)
    new = verifier.verify_registration(credential=json.dumps(answer), expected_challenge=challenge)
    return new.public_key


@pytest.mark.parametrize("handle", ["", None])
def test_an_empty_user_handle_names_nobody_as_a_missing_one_does(
    verifier: PasskeyVerifier, handle: str | None
) -> None:
    authenticator = device()
    public_key = bound_key(verifier, authenticator)
    ceremony = verifier.authentication_options()
    answer = authenticator.get(json.loads(ceremony.json))
    answer["response"]["userHandle"] = handle
    credential = json.dumps(answer)
    assert verifier.claim(credential).account_id is None
    assert verifier.verify_authentication(
        credential=credential, expected_challenge=ceremony.challenge, public_key=public_key
    )


def test_an_answer_says_itself_which_challenge_it_answers(verifier: PasskeyVerifier) -> None:
    answer, challenge = created(verifier, device())
    assert verifier.answered_challenge(json.dumps(answer)) == challenge


@pytest.mark.parametrize(
    "client_data",
    [b"", b"{}", b"[]", b'{"challenge": 7}', b"\xff\xfe", b"[" * 30_000, None, 7, {}],
    ids=["nothing", "empty", "list", "number", "no text", "deep", "null", "seven", "object"],
)
def test_an_answer_that_names_no_challenge_is_a_rejected_ceremony(
    verifier: PasskeyVerifier, client_data: Any
) -> None:
    answer, _ = created(verifier, device())
    is_raw = isinstance(client_data, bytes)
    answer["response"]["clientDataJSON"] = to_text(client_data) if is_raw else client_data
    with pytest.raises(CeremonyRejected):
        verifier.answered_challenge(json.dumps(answer))
