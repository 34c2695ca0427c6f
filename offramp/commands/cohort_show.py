"""`offramp cohort show`: what a cohort is defined by, in words, as TOML, or for machines."""

from domain.rollouts.cohorts import Cohort
from domain.words.definition_words import DefinedField, definition
from offramp.opening import opened_database, runnable_settings
from offramp.views.tables import Listing
from offramp.views.terminal import note, out, print_json, print_text
from services.rollouts import descriptions
from services.rollouts.cohort_portraits import get_by_name
from store.rollouts import cohorts


def show(name: str, *, as_toml: bool, as_json: bool, is_whole: bool) -> None:
    """Show the definition of a cohort; `is_whole`: with the rules that its policy has from its preset."""
    with opened_database(runnable_settings()) as database, database.reading() as session:
        cohort = cohorts.description(get_by_name(session, name))
    if as_toml:
        print_text(descriptions.written(cohort))
    elif as_json:
        print_json(descriptions.tables(cohort, is_whole=True))
    else:
        _print(cohort, is_whole=is_whole)


def _print(cohort: Cohort, *, is_whole: bool) -> None:
    fields = definition(cohort)
    shown = [field for field in fields if is_whole or not field.is_preset]
    out.print(Listing(titles=("", "field", "value"), rows=[_row(field) for field in shown]))
    if len(shown) < len(fields):
        note(f"{len(fields) - len(shown)} rules more are as in the preset; --all shows them")


def _row(field: DefinedField) -> tuple[str, str, str]:
    return (field.part, field.label, field.text)
