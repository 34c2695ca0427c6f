"""Settings read from the environment, and what follows from them: providers, logs, traces."""
