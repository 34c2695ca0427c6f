"""How long support may extend, and by whom alone: small extensions add up, however they are cut."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.desk.act_rules import Doer, allowed
from domain.desk.acts import Act, Subject
from domain.desk.extensions import (
    LONGEST_APPROVED_EXTENSION,
    extended_until,
    extension_after,
    longest_extension,
)
from domain.journey import deadline
from domain.staff.staff import Role
from tests.domain.desk.test_act_rules import DAY, NOW, POLICY, make_subject, subjects
from tests.domain.strategies import instants


def test_each_role_extends_alone_as_far_as_it_may() -> None:
    days = {role: longest_extension(role).days for role in Role}
    assert days == {Role.VIEWER: 0, Role.SUPPORT: 14, Role.OPERATOR: 0, Role.ADMIN: 90}
    assert all(longest_extension(role) < LONGEST_APPROVED_EXTENSION for role in Role)


@pytest.mark.parametrize("role", Role)
def test_nobody_extends_alone_who_may_not_extend(role: Role) -> None:
    may = bool(allowed(Act.EXTEND, make_subject(), Doer(role=role), NOW))
    assert bool(longest_extension(role)) is may


@given(subjects, instants, st.timedeltas(DAY, 90 * DAY), st.timedeltas(DAY, 90 * DAY))
def test_extensions_add_up_however_they_are_cut(
    subject: Subject, now: datetime, first: timedelta, second: timedelta
) -> None:
    until = extended_until(subject, first, now)
    assert until >= now + first
    extended = replace(subject, facts=replace(subject.facts, extended_until=until))
    assert extended.is_extended(now)
    assert extended_until(extended, second, now) == extended_until(subject, first + second, now)
    assert extension_after(extended, second, now) == extension_after(subject, first + second, now)
    assert extension_after(subject, first, now) >= first


def test_an_extension_begins_where_the_policy_ends() -> None:
    subject = make_subject()
    ends_at = deadline(subject.facts, POLICY)
    assert ends_at
    assert extended_until(subject, DAY, NOW) == ends_at + DAY
    late = ends_at + 10 * DAY
    assert extended_until(subject, DAY, late) == late + DAY
