"""Staff on record: invitations, roles, sessions, passkeys; the last admin stays."""

from datetime import timedelta

import pytest

from domain.codes import CHALLENGE_LIFETIME
from domain.errors import CeremonyRejected, LastRoute, LinkRejected, Unknown
from domain.staff.staff import (
    IDLE_LIFETIME,
    INVITATION_LIFETIME,
    SESSION_LIFETIME,
    AlreadyStaff,
    LastAdmin,
    Role,
)
from store import Database
from store.staff import staff, staff_passkeys, staff_sessions
from store.staff.staff import StaffMember
from store.staff.staff_sessions import StaffCeremony
from tests.clocks import START
from tests.staff import make_staff, make_staff_passkey
from tests.store.racing import at_once

SECOND = timedelta(seconds=1)


@pytest.fixture
def admin(database: Database) -> StaffMember:
    with database.transaction() as session:
        return make_staff(session, "ada@example.com", Role.ADMIN)


def test_an_invitation_is_looked_at_any_number_of_times_and_used_once(database: Database) -> None:
    with database.transaction() as session:
        member = make_staff(session, "New@Example.com", Role.SUPPORT, joined=False)
        staff.invite(session, member.staff_id, "token", now=START)
        assert staff.look(session, "token", now=START).address == "new@example.com"
        assert staff.look(session, "token", now=START).joined_at is None
        assert staff.join(session, "token", now=START).joined_at == START
        for use in (staff.look, staff.join):
            with pytest.raises(LinkRejected):
                use(session, "token", now=START)


def test_an_invitation_lapses_and_a_newer_one_voids_it(database: Database) -> None:
    with database.transaction() as session:
        member = make_staff(session, "new@example.com", Role.SUPPORT, joined=False)
        staff.invite(session, member.staff_id, "first", now=START)
        staff.invite(session, member.staff_id, "second", now=START)
        with pytest.raises(LinkRejected):
            staff.look(session, "first", now=START)
        staff.look(session, "second", now=START + INVITATION_LIFETIME - SECOND)
        with pytest.raises(LinkRejected):
            staff.look(session, "second", now=START + INVITATION_LIFETIME)


def test_whoever_has_left_cannot_join_by_an_old_invitation(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        member = make_staff(session, "new@example.com", Role.SUPPORT, joined=False)
        staff.invite(session, member.staff_id, "token", now=START)
        staff.end(session, member, now=START)
        with pytest.raises(LinkRejected):
            staff.look(session, "token", now=START)
        with pytest.raises(Unknown):
            staff.get(session, member.staff_id)


def test_an_address_belongs_to_one_current_member(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        first = make_staff(session, "sam@example.com", Role.SUPPORT)
        with pytest.raises(AlreadyStaff):
            make_staff(session, " SAM@example.com", Role.VIEWER)
        staff.end(session, first, now=START)
        again = make_staff(session, "sam@example.com", Role.VIEWER)
        assert staff.find(session, "Sam@Example.com") == again
        assert len(staff.everybody(session)) == 2
        assert len(staff.everybody(session, ended_too=True)) == 3


def test_the_last_admin_is_neither_removed_nor_made_less(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        row = staff.get(session, admin.staff_id)
        make_staff(session, "invited@example.com", Role.ADMIN, joined=False)
        with pytest.raises(LastAdmin):
            staff.end(session, row, now=START)
        with pytest.raises(LastAdmin):
            staff.change_role(session, row, Role.OPERATOR, now=START)
        make_staff(session, "other@example.com", Role.ADMIN)
        staff.change_role(session, row, Role.OPERATOR, now=START)


def test_two_admins_who_end_each_other_at_once_leave_one(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        other = make_staff(session, "bob@example.com", Role.ADMIN)
    ids = iter([admin.staff_id, other.staff_id])

    def end_one() -> bool:
        staff_id = next(ids)
        try:
            with database.transaction() as session:
                staff.end(session, staff.get(session, staff_id), now=START)
        except LastAdmin:
            return False
        return True

    assert sorted(at_once(end_one, times=2)) == [False, True]


def test_another_role_or_the_end_ends_all_sessions(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        member = make_staff(session, "sam@example.com", Role.SUPPORT)
        staff_sessions.start(session, "before", now=START, staff_id=member.staff_id)
        staff.change_role(session, member, Role.VIEWER, now=START)
        session.expire_all()
        assert staff_sessions.find(session, "before", now=START) is None
        staff_sessions.start(session, "after", now=START, staff_id=member.staff_id)
        staff.end(session, member, now=START)
        session.expire_all()
        assert staff_sessions.find(session, "after", now=START) is None


@pytest.mark.parametrize(
    ("seen_every", "lasts"), [(None, IDLE_LIFETIME), (timedelta(minutes=10), SESSION_LIFETIME)]
)
def test_a_session_ends_when_it_rests_and_after_a_day_of_work(
    database: Database, admin: StaffMember, seen_every: timedelta | None, lasts: timedelta
) -> None:
    with database.transaction() as session:
        started = staff_sessions.start(session, "token", now=START, staff_id=admin.staff_id)
        now = START
        while seen_every and now < START + lasts - seen_every:
            now += seen_every
            staff_sessions.note_seen(session, started.session_id, at=now)
        session.expire_all()
        assert staff_sessions.find(session, "token", now=START + lasts - SECOND)
        assert staff_sessions.find(session, "token", now=START + lasts) is None


def test_a_challenge_is_good_for_one_answer_of_its_own_ceremony(database: Database) -> None:
    with database.transaction() as session:
        session_id = staff_sessions.start(session, "token", now=START).session_id
        staff_sessions.ask(session, session_id, StaffCeremony.SIGN_IN, b"one", now=START)
        staff_sessions.ask(session, session_id, StaffCeremony.SIGN_IN, b"two", now=START)
        with pytest.raises(CeremonyRejected):
            staff_sessions.take(session, session_id, StaffCeremony.STEP_UP, b"two", now=START)
        for tab in (b"two", b"one"):
            assert staff_sessions.take(session, session_id, StaffCeremony.SIGN_IN, tab, now=START) == START
            with pytest.raises(CeremonyRejected, match="challenge_unknown"):
                staff_sessions.take(session, session_id, StaffCeremony.SIGN_IN, tab, now=START)
        staff_sessions.ask(session, session_id, StaffCeremony.SIGN_IN, b"late", now=START)
        late = START + CHALLENGE_LIFETIME
        with pytest.raises(CeremonyRejected, match="challenge_expired"):
            staff_sessions.take(session, session_id, StaffCeremony.SIGN_IN, b"late", now=late)


def test_the_way_to_the_identity_provider_is_gone_once(database: Database) -> None:
    with database.transaction() as session:
        session_id = staff_sessions.start(session, "token", now=START).session_id
        staff_sessions.ask(session, session_id, StaffCeremony.PROVIDER, b"a way", now=START)
        assert staff_sessions.take_way(session, session_id, now=START) == b"a way"
        with pytest.raises(CeremonyRejected, match="challenge_unknown"):
            staff_sessions.take_way(session, session_id, now=START)


def test_a_member_keeps_one_passkey(database: Database, admin: StaffMember) -> None:
    with database.transaction() as session:
        first = make_staff_passkey(session, admin.staff_id)
        with pytest.raises(LastRoute):
            staff_passkeys.remove(session, first, at=START)
        second = make_staff_passkey(session, admin.staff_id)
        staff_passkeys.remove(session, first, at=START)
        assert [key.passkey_id for key in staff_passkeys.active(session, admin.staff_id)] == [
            second.passkey_id
        ]
        assert staff_passkeys.by_credential(session, first.credential_id) is None
        assert staff_passkeys.on_record(session, first.credential_id)
        with pytest.raises(Unknown):
            staff_passkeys.get(session, "somebody", second.passkey_id)


def test_a_member_is_one_member_in_every_spelling_and_gets_mail_in_the_first(database: Database) -> None:
    with database.transaction() as session:
        member = make_staff(session, "José.L@bücher.example.com", Role.SUPPORT)
        assert staff.find(session, " mailto:JOSE\u0301.l@bücher.example.com") == member
        assert staff.find(session, "jose.l@bücher.example.com") is None
        assert (member.address, member.mailbox) == ("josé.l@bücher.example.com", "José.L@bücher.example.com")
        with pytest.raises(AlreadyStaff):
            make_staff(session, "JOSÉ.L@bücher.example.com", Role.VIEWER)
