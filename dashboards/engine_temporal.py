"""The panels of Engine that Temporal's own metrics fill: those of its client in the workers, and of its server."""

from dashboards.panels import THIRD, PanelDescription, Query, course
from dashboards.queries import or_zero, own_quantile
from dashboards.styles import Unit, limits

_INTERVAL = "[$__rate_interval]"


def workers() -> list[object]:
    """What the workers see of Temporal and of their own tasks."""
    return [
        course(
            "Activities wait for a worker",
            PanelDescription(
                shows="Within what time 95 percent of the activities were picked up, by task queue.",
                when_bad="add workers; `offramp-bulk-…` may wait by design, as its rate is limited.",
            ),
            Query(
                own_quantile(
                    0.95, "temporal_activity_schedule_to_start_latency_seconds_bucket", "task_queue"
                ),
                "{{task_queue}}",
            ),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Journeys wait for a worker",
            PanelDescription(
                shows="Within what time 95 percent of the workflow tasks were picked up.",
                when_bad="add workers.",
            ),
            Query(
                own_quantile(
                    0.95, "temporal_workflow_task_schedule_to_start_latency_seconds_bucket", "task_queue"
                ),
                "{{task_queue}}",
            ),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(bad=30),
        ),
        course(
            "Local activities",
            PanelDescription(
                shows="Within what time 95 percent of the journeys' own acts ended, by act.",
                when_bad="the database is slow: these are single short transactions.",
            ),
            Query(
                own_quantile(
                    0.95, "temporal_local_activity_execution_latency_seconds_bucket", "activity_type"
                ),
                "{{activity_type}}",
            ),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "Busy slots",
            PanelDescription(
                shows="How many tasks of each kind the workers have in hand, by task queue.",
                when_bad="at 100 a worker: add workers.",
            ),
            Query(
                "sum by (task_queue, worker_type) (temporal_worker_task_slots_used)",
                "{{task_queue}} {{worker_type}}",
            ),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        course(
            "Pollers",
            PanelDescription(
                shows="How many polls the workers keep open, by task queue.",
                when_bad="a queue without pollers is served by nobody.",
            ),
            Query("sum by (task_queue) (temporal_num_pollers)", "{{task_queue}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        course(
            "Journeys in memory",
            PanelDescription(
                shows="Journeys that the workers keep ready; others replay their history when they wake.",
                when_bad="far below the running journeys is normal; a sudden fall is a restart.",
            ),
            Query("sum (temporal_sticky_cache_size)", "journeys"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
    ]


def server() -> list[object]:
    """How Temporal answers, and how its services and its database work."""
    return [
        course(
            "Requests to Temporal",
            PanelDescription(
                shows="Within what time 95 percent of the workers' requests were answered, by operation.",
                when_bad="above a second the server or its database is too small.",
            ),
            Query(
                own_quantile(0.95, "temporal_request_latency_seconds_bucket", "operation"), "{{operation}}"
            ),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(bad=1),
        ),
        course(
            "Requests that failed",
            PanelDescription(
                shows="Failed requests a minute by status. `NOT_FOUND` is a signal to a journey that has ended.",
                when_bad="`UNAVAILABLE`, `DEADLINE_EXCEEDED`: the server is away; `RESOURCE_EXHAUSTED`: its limit.",
            ),
            Query(
                or_zero(f"sum by (status_code) (rate(temporal_request_failure_total{_INTERVAL})) * 60"),
                "{{status_code}}",
            ),
            unit=Unit.PER_MINUTE,
            width=THIRD,
        ),
        course(
            "Journeys that cannot go on",
            PanelDescription(
                shows="Workflow tasks a minute that failed: a journey's code does not fit its history.",
                when_bad="stop the deployment, and put the last version back; journeys wait unharmed.",
            ),
            Query(
                or_zero(f"sum (rate(temporal_workflow_task_execution_failed_total{_INTERVAL})) * 60"), "tasks"
            ),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            thresholds=limits(bad=1),
        ),
        course(
            "The server's answers",
            PanelDescription(
                shows="Within what time Temporal's services answered 95 percent of their calls.",
                when_bad="see its database beside.",
            ),
            Query(own_quantile(0.95, "service_latency_bucket", "service_name"), "{{service_name}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "The server's database",
            PanelDescription(
                shows="Within what time Temporal's database answered 95 percent, by operation.",
                when_bad="a slow disk, or a database that is too small.",
            ),
            Query(own_quantile(0.95, "persistence_latency_bucket", "operation"), "{{operation}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        course(
            "The server's load",
            PanelDescription(
                shows="Calls of Temporal's services a minute.",
                when_bad="far above the journeys' own pace: something loops.",
            ),
            Query(f"sum by (service_name) (rate(service_requests{_INTERVAL})) * 60", "{{service_name}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
        ),
    ]
