"""Names the module and the short help of each command, so that `offramp --help` imports no command."""

COMMANDS = {
    "up": ("up", "Run all of Offramp on this machine, until Ctrl-C."),
    "api": ("processes", "Serve the pages, until it is stopped."),
    "worker": (
        "processes",
        "Run journeys, hand messages on and tell journeys of new facts, until it is stopped.",
    ),
    "metrics": (
        "processes",
        "Serve the database's figures to Prometheus, until it is stopped. "
        "One is enough, however many workers there are.",
    ),
    "migrate": ("processes", "Bring the database to the revision that this Offramp needs."),
    "doctor": (
        "doctor",
        "Check configuration, providers, database, relay, Temporal and the promises that must hold; changes nothing.",
    ),
    "reconcile": (
        "reconcile",
        "Start every journey and every rollout that ought to run and does not, even on an empty Temporal.",
    ),
    "restored": (
        "restored",
        "Begin another epoch of a database that was restored from a backup, before anything is started again.",
    ),
    "today": (
        "today",
        "Show what runs, what is held and why, what waits for somebody, near end dates, and yesterday's figures.",
    ),
    "report": (
        "report",
        "Write how far everybody has come, how that went day by day, and how people sign in.",
    ),
    "drill": (
        "drill",
        "Say who would still get in after a loss, by which way and after how long, and who would not; changes nothing.",
    ),
    "policies": ("policies", "Show the policies: how gently or firmly people are moved."),
    "audit": (
        "audit",
        "Write out what staff did, oldest first: one JSON object a line, with who, when, from where and why.",
    ),
    "evidence": (
        "evidence",
        "Packs of evidence for auditors: about one cohort or one account, signed, and verified without a database.",
    ),
    "crowd": (
        "crowd",
        "Play people against a running development instance, with software authenticators: a crowd for looking.",
    ),
    "accounts": ("accounts", "Accounts, as the host tells of them."),
    "account": ("account", "One account."),
    "exemptions": ("exemptions", "Exemptions: who is left alone, on which basis, and until when."),
    "journeys": ("journeys", "Journeys, the way of an account from text-message codes to passkeys."),
    "cohort": ("cohort", "Cohorts: people who are moved together, in waves that guardrails watch."),
    "stop": (
        "switches",
        "Stop nudges, prompts, retiring or launches at once, over all cohorts: for everybody, or for some people only.",
    ),
    "resume": (
        "switches",
        "End the stop that was made with the same WHAT and the same people. Stops for other people stay.",
    ),
    "stops": (
        "switches",
        "List what is stopped, for whom, since when, by whom and why. Exit code 1 if something is stopped.",
    ),
    "retiring": (
        "retiring",
        "The switch that stops retiring text-message codes for everybody, over all cohorts.",
    ),
    "guard": (
        "guard",
        "The guard: while an attack is under way, accounts are harder to take over. It ends by itself.",
    ),
    "webhooks": (
        "webhooks",
        "Webhooks: where a host hears of what happens, and what is still on its way.",
    ),
    "messages": ("messages", "Messages: the words of e-mails and text messages."),
    "clients": (
        "clients",
        "The host's pages as clients of OpenID Connect: they send people here and get them back.",
    ),
    "staff": ("staff", "Who works in the console."),
    "keys": ("keys", "Keys by which the host's own programs call the API."),
    "secrets": ("secret_keys", "The ring of secret keys, on which codes hang, and what lies sealed."),
    "transmitters": (
        "transmitters",
        "Who may send security events (CAEP and RISC), and by which keys they are recognised.",
    ),
}
"""The module of each command below `offramp.usage`, and the first paragraph of the command's help."""
