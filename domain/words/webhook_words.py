"""What an order about all dead events of a receiver came to, as the console and the command line say it."""


def events(count: int) -> str:
    """So many events."""
    return "1 event" if count == 1 else f"{count:,} events"


def sent_again(*, moved: int, void: int) -> str:
    """What became of an order to send them again; `void` ones cannot be sent any more."""
    words = f"{events(moved)} on the way again." if moved else "Nothing is on the way again."
    if void:
        words += f" {events(void)} made no sense any more, because of a later request, or because the account or the "
        words += "subscription has ended. Give up what is left."
    return words


def given_up(count: int) -> str:
    """What became of an order to give them up."""
    return f"{events(count)} given up." if count else "Nothing was left to give up."
