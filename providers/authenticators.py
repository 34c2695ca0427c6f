"""The names of well-known passkey providers, by the AAGUID that their passkeys carry."""

_NAMES = {
    "ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4": "Google Password Manager",
    "fbfc3007-154e-4ecc-8c0b-6e020557d7bd": "Apple Passwords",
    "dd4ec289-e01d-41c9-bb89-70fa845d4bf2": "Apple Passwords (managed)",
    "53414d53-554e-4700-0000-000000000000": "Samsung Pass",
    "08987058-cadc-4b81-b6e1-30de50dcbe96": "Windows Hello",
    "9ddd1817-af5a-4672-a2b9-3e3dd95000a9": "Windows Hello",
    "6028b017-b1d4-4c02-b4b3-afcdafc96bb2": "Windows Hello",
    "d3452668-01fd-4c12-926c-83a4204853aa": "Microsoft Password Manager",
    "adce0002-35bc-c60a-648b-0b25f1f05503": "Chrome on Mac",
    "b5397666-4885-aa6b-cebf-e52262a439a2": "Chromium",
    "771b48fd-d3d4-4f74-9232-fc157ab0507a": "Edge on Mac",
    "bada5566-a7aa-401f-bd96-45619a55120d": "1Password",
    "d548826e-79b4-db40-a3d8-11116f7e8349": "Bitwarden",
    "531126d6-e717-415c-9320-3d9aa6981239": "Dashlane",
    "b84e4048-15dc-4dd0-8640-f4f60813c8af": "NordPass",
    "de1e552d-db1d-4423-a619-566b625cdc84": "NordPass",
    "50726f74-6f6e-5061-7373-50726f746f6e": "Proton Pass",
    "0ea242b4-43c4-4a1b-8b17-dd6d0b6baec6": "Keeper",
    "f3809540-7f14-49c1-a8b3-8f813b225541": "Enpass",
    "fdb141b2-5d84-443e-8a35-4698c205a502": "KeePassXC",
    "39a5647e-1853-446c-a1f6-a79bae9f5bc7": "IDmelon",
    "2fc0579f-8113-47ea-b116-bb5a8db9202a": "YubiKey",
    "73bb0cd4-e502-49b8-9c6f-b59445bf720b": "YubiKey",
    "c1f9a0bc-1dd2-404a-b27f-8e29047a43fd": "YubiKey",
    "c5ef55ff-ad9a-4b9f-b580-adebafe026d0": "YubiKey",
    "ee041bce-25e5-4cdb-8f86-897fd6418464": "Feitian security key",
}


def provider_name(aaguid: str) -> str | None:
    """Who keeps a passkey, in words its owner knows; None for an AAGUID that is unknown or all zeros."""
    return _NAMES.get(aaguid.lower())


def provider_names() -> list[str]:
    """Every provider that has a name here."""
    return sorted(set(_NAMES.values()))


def aaguids_of(name: str) -> tuple[str, ...]:
    """The AAGUIDs that the passkeys of a provider carry; none for a name that is not here."""
    return tuple(aaguid for aaguid, provider in _NAMES.items() if provider == name)
