"""What fails where is counted by slice, and so are codes of people who could have used a passkey."""

from datetime import timedelta

from domain.attempts import NOT_SAID, AttemptEnd, AttemptKind, Facet, Occasion
from domain.facts import Method
from store import Database, Session
from store.figures import attempt_figures
from store.figures.attempt_figures import AttemptFigures, CeremonyCount, HolderCount
from tests.attempts import CHROME, EDGE, SAFARI, sign_in, try_ceremony
from tests.clocks import START
from tests.factories import keep_cohort, make_account, make_member

DAY = timedelta(days=1)


def read(database: Database, cohort_id: str | None = None) -> AttemptFigures:
    with database.reading() as session:
        return attempt_figures.read(session, since=START - DAY, cohort_id=cohort_id)


def ceremonies(figures: AttemptFigures, facet: Facet) -> dict[str, CeremonyCount]:
    return {count.value: count for count in figures.ceremonies if count.facet is facet}


def holders(figures: AttemptFigures, facet: Facet) -> dict[str, HolderCount]:
    return {count.value: count for count in figures.holders if count.facet is facet}


def try_all(session: Session, account_id: str) -> None:
    for end in (AttemptEnd.SUCCEEDED, AttemptEnd.GIVEN_UP, AttemptEnd.FAILED):
        try_ceremony(session, account_id, CHROME, end, at=START, milliseconds=3000)
    try_ceremony(session, account_id, SAFARI, AttemptEnd.SUCCEEDED, at=START, milliseconds=1000)


def test_ceremonies_are_counted_by_their_ends_in_each_slice(database: Database) -> None:
    with database.transaction() as session:
        try_all(session, make_account(session).account_id)
        at_door = {"kind": AttemptKind.AUTHENTICATION, "occasion": Occasion.DOOR}
        try_ceremony(session, None, CHROME, AttemptEnd.GIVEN_UP, at=START, **at_door)  # type: ignore[arg-type]
    figures = read(database)
    browsers = [count for count in figures.ceremonies if count.facet is Facet.BROWSER]
    making = browsers[0]
    assert (making.value, making.kind) == ("Chrome for Android 131", AttemptKind.REGISTRATION)
    assert (making.tried, making.succeeded, making.given_up, making.failed) == (3, 1, 1, 1)
    assert making.seconds == 3.0
    assert ceremonies(figures, Facet.PLATFORM)["ios"].succeeded == 1
    assert ceremonies(figures, Facet.OCCASION)["door"].given_up == 1
    assert ceremonies(figures, Facet.PROVIDER)["Apple Passwords"].tried == 1
    assert ceremonies(figures, Facet.PROVIDER)[""].tried > 0


def test_codes_count_only_of_people_who_have_a_passkey(database: Database) -> None:
    with database.transaction() as session:
        ada, bob = (make_account(session, country=country).account_id for country in ("GB", "DE"))
        for method in (Method.PASSKEY, Method.PASSKEY, Method.SMS):
            sign_in(session, ada, SAFARI, method, at=START)
        sign_in(session, bob, EDGE, Method.SMS, at=START, reason="not_here")
        sign_in(session, bob, EDGE, Method.SMS, at=START, holds_passkey=False)
        sign_in(session, ada, SAFARI, Method.SMS, at=START - 2 * DAY)
    figures = read(database)
    assert (figures.sign_ins, figures.by_sms, figures.sms_share) == (4, 2, 0.5)
    assert figures.sms_reasons == {NOT_SAID: 1, "not_here": 1}
    countries = holders(figures, Facet.COUNTRY)
    assert (countries["GB"].sign_ins, countries["GB"].by_sms, countries["DE"].share) == (3, 1, 1.0)
    assert holders(figures, Facet.PROVIDER)["Windows Hello"].by_sms == 1


def test_a_cohorts_figures_are_of_the_people_whom_it_has_launched(database: Database) -> None:
    with database.transaction() as session:
        cohort_id = keep_cohort(session)
        member, other = make_member(session, cohort_id), make_account(session).account_id
        for account_id in (member, other):
            sign_in(session, account_id, SAFARI, Method.SMS, at=START)
            try_all(session, account_id)
    assert read(database).by_sms == 2
    of_cohort = read(database, cohort_id)
    assert (of_cohort.by_sms, sum(of_cohort.failures.values())) == (1, 2)
    assert set(holders(read(database), Facet.COHORT)) == {"spring", ""}


def test_without_anybody_there_is_no_share(database: Database) -> None:
    assert read(database) == AttemptFigures(since=START - DAY)
