"""Settings, wiring, processes and the command line: where Offramp is put together. Nothing imports this room."""
