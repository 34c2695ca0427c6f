"""How the command line shows things: tables, portraits, and exit codes."""
