"""Whose request it is, behind proxies of every kind."""

import pytest
from starlette.requests import Request

from api.web.client_addresses import UNREADABLE, client_address, passage
from domain.safety.throttle import LIMITS, Throttle
from services.site import ProxyHeader, Site
from tests.api.world import World, make_world

PROXY = "10.0.0.1"
PERSON = "203.0.113.7"


def behind(proxies: int, header: ProxyHeader = ProxyHeader.X_FORWARDED_FOR) -> Site:
    return Site(
        origin="https://a.example",
        service_name="Example",
        secure=True,
        trusted_proxies=proxies,
        proxy_header=header,
    )


def request_with(*lines: str, header: str = "x-forwarded-for", peer: str | None = PROXY) -> Request:
    headers = [(header.encode(), line.encode("latin-1")) for line in lines]
    client = (peer, 50000) if peer is not None else None
    return Request({"type": "http", "method": "GET", "headers": headers, "client": client})


def address(*lines: str, proxies: int = 1, peer: str | None = PROXY) -> str:
    return client_address(request_with(*lines, peer=peer), behind(proxies))


def forwarded(*lines: str, proxies: int = 1) -> str:
    site = behind(proxies, ProxyHeader.FORWARDED)
    return client_address(request_with(*lines, header="forwarded"), site)


@pytest.mark.parametrize(
    "notation",
    [
        "203.0.113.7",
        " 203.0.113.7 ",
        "203.0.113.7:40001",
        "203.0.113.7:",
        '"203.0.113.7"',
        '"203.0.113.7:40001"',
        "[203.0.113.7]:40001",
        "::ffff:203.0.113.7",
        "[::ffff:203.0.113.7]:40001",
        "64:ff9b::203.0.113.7",
    ],
)
def test_a_person_has_one_address_in_whatever_notation_a_proxy_writes_it(notation: str) -> None:
    assert address(f"198.51.100.1, {notation}") == PERSON


@pytest.mark.parametrize(
    "notation",
    [
        "2001:db8:1:2::9",
        "2001:DB8:1:2:0:0:0:A",
        "[2001:db8:1:2::9]",
        "[2001:db8:1:2::9]:40001",
        '"[2001:db8:1:2::9]:40001"',
        "2001:db8:1:2::9:40001",
        "2001:db8:1:2:3:4:5:6:443",
        "2001:db8:1:2::9%eth0",
    ],
)
def test_an_ipv6_network_has_one_address_in_whatever_notation_a_proxy_writes_it(notation: str) -> None:
    assert address(notation) == "2001:db8:1:2::/64"


@pytest.mark.parametrize(
    "nonsense",
    [
        "unknown",
        "_hidden",
        "x" * 500,
        "203.0.113",
        "203.0.113.7.8",
        "0xcb.0.113.7",
        "[",
        "[]",
        '"',
        "203.0.113.7;",
    ],
)
def test_addresses_that_cannot_be_read_count_as_one_and_the_same(nonsense: str) -> None:
    assert address(nonsense) == UNREADABLE


def test_a_request_without_a_peer_counts_as_unreadable() -> None:
    assert address(peer=None, proxies=0) == UNREADABLE
    assert address(peer="a socket", proxies=0) == UNREADABLE


def test_nobody_chooses_an_address_by_entries_or_lines_of_their_own() -> None:
    assert address("198.51.100.1", "198.51.100.2, 203.0.113.7") == PERSON
    assert address("198.51.100.1", "203.0.113.7") == PERSON
    assert address("198.51.100.1", "203.0.113.7", "10.9.9.9", proxies=2) == PERSON
    assert address("198.51.100.1, 203.0.113.7", "10.9.9.9", proxies=2) == PERSON
    assert address("198.51.100.1", PERSON, proxies=0) == PROXY


@pytest.mark.parametrize("opened", ['"', 'x"', '"\\', "[", '" , "', 'for="'])
def test_nobody_hides_a_proxys_entry_by_a_quote_that_is_left_open(opened: str) -> None:
    assert address(f"{opened}, 203.0.113.7") == PERSON
    assert address(f"{opened}, 203.0.113.7, 10.9.9.9", proxies=2) == PERSON
    assert forwarded(f'{opened}, for="203.0.113.7:40001";proto=https') == PERSON
    assert forwarded(opened, "for=203.0.113.7", "for=10.9.9.9", proxies=2) == PERSON


def test_with_fewer_entries_than_proxies_the_first_one_counts() -> None:
    assert address(PERSON, proxies=3) == PERSON
    assert address(proxies=3) == PROXY
    assert address(" , ,", proxies=1) == PROXY


@pytest.mark.parametrize(
    "element",
    [
        "for=203.0.113.7",
        "For=203.0.113.7;proto=https;by=10.0.0.1",
        "proto=https; FOR=203.0.113.7",
        'for="203.0.113.7:40001";host="a;for=198.51.100.9"',
        'host="a, for=198.51.100.9";for=203.0.113.7;',
        'for="[::ffff:203.0.113.7]:40001"',
    ],
)
def test_the_header_of_rfc_7239_is_read_where_a_setting_says_so(element: str) -> None:
    assert forwarded(f"for=198.51.100.1, {element}") == PERSON
    assert forwarded("for=198.51.100.1", element) == PERSON


@pytest.mark.parametrize(
    "element",
    [
        "for=unknown",
        'for="_hidden"',
        "proto=https",
        "203.0.113.7",
        "for=203.0.113.7;for=198.51.100.9",
        'for=203.0.113.7;host="open',
        "for = 203.0.113.7",
    ],
)
def test_an_element_that_names_nobody_or_two_counts_as_unreadable(element: str) -> None:
    assert forwarded(element) == UNREADABLE


def test_only_the_header_that_the_setting_names_is_believed() -> None:
    site = behind(1, ProxyHeader.FORWARDED)
    came = passage(request_with("198.51.100.1"), site)
    assert (came.address, came.entries, came.has_other_header) == (PROXY, 0, True)
    assert client_address(request_with("for=198.51.100.1", header="forwarded"), behind(1)) == PROXY


LIMIT = LIMITS[Throttle.CODES_PER_ADDRESS].most


@pytest.mark.parametrize(
    "line",
    ["198.51.100.{n}, 203.0.113.7", "203.0.113.7:4{n:04}", '"unreadable-{n}', "[2001:db8::{n:x}]:4{n:04}"],
)
def test_a_flood_behind_our_own_proxy_is_slowed_however_each_request_is_written(
    world: World, line: str
) -> None:
    proxied = make_world(world.database, world.clock, trusted_proxies=1)
    browser = proxied.browser(address=PROXY)
    for n in range(LIMIT + 1):
        headers = {"x-forwarded-for": line.format(n=n)}
        answer = browser.post("/sign-in", headers=headers, identifier=f"+4915123456{n:03d}")
    assert answer.status_code == 429
    elsewhere = {"x-forwarded-for": "203.0.113.8"}
    assert browser.post("/sign-in", headers=elsewhere, identifier="+4915123456999").status_code == 303


def test_without_proxies_of_ours_nobody_chooses_an_address(world: World) -> None:
    browser = world.browser(address="203.0.113.77")
    for n in range(LIMIT + 1):
        headers = {"x-forwarded-for": f"198.51.100.{n}"}
        answer = browser.post("/sign-in", headers=headers, identifier=f"+4915123456{n:03d}")
    assert answer.status_code == 429


def test_an_ipv6_network_counts_as_one_address(world: World) -> None:
    for n in range(LIMIT + 1):
        answer = world.browser(address=f"2001:db8::{n:x}").ask_for_code(f"+4915123456{n:03d}")
    assert answer.status_code == 429
