"""Grafana dashboards as code, and Prometheus's configuration, rules and alerts beside them."""
