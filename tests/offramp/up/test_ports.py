"""Ports that are taken are told of before anything starts: whose they are, and which setting moves them."""

import os
import socket

import pytest

from offramp.up.ports import Port, port_problems
from tests.offramp.conftest import Run, free_port


def listening() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    return listener


def pages(number: int) -> Port:
    return Port(host="127.0.0.1", number=number, purpose="pages", setting="OFFRAMP_API_PORT")


def test_free_ports_are_no_problem() -> None:
    assert port_problems([pages(free_port())]) == []


def test_a_taken_port_comes_with_its_owner_and_a_way_out() -> None:
    with listening() as listener:
        number = listener.getsockname()[1]
        (problem,) = port_problems([pages(number)])
    assert f"port {number} (pages) cannot be had" in problem
    assert f"(pid {os.getpid()}) listens on it" in problem
    spare = int(problem.rpartition("OFFRAMP_API_PORT=")[2])
    assert port_problems([pages(spare)]) == []


def test_the_way_out_does_not_lead_into_another_port_of_ours() -> None:
    with listening() as listener:
        number = listener.getsockname()[1]
        problems = port_problems([pages(number), pages(number), pages(number + 1)])
    spares = [problem.rpartition("=")[2] for problem in problems[:2]]
    assert len({*spares, str(number + 1)}) == 3


def test_up_starts_nothing_when_a_port_is_taken(offramp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    with listening() as listener:
        number = listener.getsockname()[1]
        monkeypatch.setenv("OFFRAMP_API_PORT", str(number))
        ran = offramp("up")
    assert ran.code == 2
    assert "OFFRAMP_API_PORT=" in ran.err
