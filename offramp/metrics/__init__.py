"""Every metric, what fills it, and where Prometheus finds it."""
