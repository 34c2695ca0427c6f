"""Messages and what became of them, by channel and provider."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.delivery_lanes import lanes
from dashboards.frame import framed
from dashboards.panels import HALF, QUARTER, THIRD, PanelDescription, Query, bars, course, listing, number
from dashboards.queries import increase, once, or_zero, own_quantile, per_minute, quantile, share, total
from dashboards.styles import Unit, limits

_FAILED = 'offramp_messages_total{outcome=~"failed|bounced|undeliverable|blocked"}'
_TOLD_LATER = 'offramp_messages_total{outcome!~"sent|failed|skipped|unknown"}'
_TRIED = 'offramp_messages_total{outcome=~"sent|failed"}'
_ATTEMPTS = "offramp_webhook_duration_seconds_count"
_INTERVAL = "[$__rate_interval]"
_SENT = 'offramp_messages_total{outcome="sent"}'


def build() -> Dashboard:
    """The dashboard."""
    return framed(
        "delivery",
        "Delivery",
        "Whether messages arrive and how fast, who is in trouble, what text messages come to, and what hosts hear.",
        {
            "Now": _now(),
            "What became of messages": _fates(),
            "Providers": _providers(),
            "Text messages": _texts(),
            "Lanes": lanes(),
            "Webhooks": _webhooks(),
        },
        since="now-24h",
    )


def _now() -> list[object]:
    return [
        number(
            "Codes reach the provider within",
            PanelDescription(
                shows="Of the codes of the last hour, 95 percent were handed over within this time.",
                when_bad="people wait: see relay and workers on Engine, then the providers below.",
            ),
            quantile(0.95, 'offramp_message_delay_seconds_bucket{purpose="code"}', over="1h"),
            Unit.SECONDS,
            width=QUARTER,
            thresholds=limits(doubtful=5, bad=10),
        ),
        number(
            "Lost, last day",
            PanelDescription(
                shows="Of all messages that were tried within 24 hours, those that failed, bounced or were blocked.",
                when_bad="see by template and channel below; one provider only: its status page.",
            ),
            share(increase(_FAILED, over="1d"), increase(_TRIED, over="1d")),
            Unit.SHARE,
            width=QUARTER,
            thresholds=limits(doubtful=0.02, bad=0.05),
        ),
        number(
            "Waiting",
            PanelDescription(
                shows="Messages that are not handed on yet.",
                when_bad="`turn` grows: the relay is late, see Engine; `provider`: one is held off, see below.",
            ),
            or_zero(total("offramp_messages_queued")),
            Unit.COUNT,
            width=QUARTER,
        ),
        number(
            "Unknown, last day",
            PanelDescription(
                shows="Messages whose sender died before it could note whether they went out; never sent again.",
                when_bad="workers are killed: give them time to stop, see the runbook.",
            ),
            or_zero(increase('offramp_messages_total{outcome="unknown"}', over="1d")),
            Unit.COUNT,
            width=QUARTER,
            thresholds=limits(doubtful=1, bad=10),
        ),
    ]


def _fates() -> list[object]:
    return [
        course(
            "Sent",
            PanelDescription(
                shows="Messages taken by providers, a minute, by channel.",
                when_bad="nothing is sent although journeys run: see Waiting, and the relay on Engine.",
            ),
            Query(per_minute(_SENT, "channel"), "{{channel}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            stacked=True,
        ),
        course(
            "What providers said later",
            PanelDescription(
                shows="Fates told by providers, a minute.",
                when_bad="no `delivered` at all: callbacks do not arrive, check their address and key.",
            ),
            Query(per_minute(_TOLD_LATER, "outcome"), "{{outcome}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            stacked=True,
        ),
        course(
            "From queue to provider",
            PanelDescription(
                shows="Within what time 95 percent were handed over, by what they are for.",
                when_bad="`code` above ten seconds is an emergency; `nudge` may wait for morning by design.",
            ),
            Query(
                quantile(0.95, "offramp_message_delay_seconds_bucket", "purpose", over="1h"), "{{purpose}}"
            ),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(bad=10),
        ),
        bars(
            "Lost by template",
            PanelDescription(
                shows="Messages lost since the beginning, by template and how.",
                when_bad="one template only: its words or its link trip a filter.",
            ),
            Query(or_zero(f"{total(_FAILED, 'template', 'outcome')} > 0"), "{{template}}: {{outcome}}"),
            unit=Unit.COUNT,
        ),
        bars(
            "Waiting for what",
            PanelDescription(
                shows="Not handed on yet: for their turn, the end of quiet hours, more to gather, or their provider.",
                when_bad="codes that wait for a provider: see Providers.",
            ),
            Query(
                or_zero(total("offramp_messages_queued", "purpose", "waits_for")),
                "{{purpose}}: {{waits_for}}",
            ),
            unit=Unit.COUNT,
        ),
    ]


def _providers() -> list[object]:
    return [
        course(
            "Hand-overs",
            PanelDescription(
                shows="Attempts a minute by provider and how they ended.",
                when_bad="`put_off`: the provider is in trouble or limits us; `refused`: contacts are wrong.",
            ),
            Query(
                "sum by (provider, outcome) (rate(offramp_handover_duration_seconds_count[$__rate_interval])) * 60",
                "{{provider}}: {{outcome}}",
            ),
            unit=Unit.PER_MINUTE,
            width=HALF,
        ),
        course(
            "How long a hand-over takes",
            PanelDescription(
                shows="Within what time 95 percent of the hand-overs ended, by provider.",
                when_bad="slow: see the provider's status page; the limit of messages a second may be too high.",
            ),
            Query(own_quantile(0.95, "offramp_handover_duration_seconds_bucket", "provider"), "{{provider}}"),
            unit=Unit.SECONDS,
            width=HALF,
            thresholds=limits(bad=5),
        ),
        course(
            "Failures in a row",
            PanelDescription(
                shows="How often a provider has failed since it last worked; from five on it is held off.",
                when_bad="its status page; nudges wait by themselves, codes are tried on.",
            ),
            Query(or_zero(total("offramp_provider_failures", "provider")), "{{provider}}"),
            unit=Unit.COUNT,
            width=THIRD,
            thresholds=limits(bad=5),
        ),
        course(
            "Held off for",
            PanelDescription(
                shows="How much longer a provider is left alone before one message tries it again.",
                when_bad="five minutes again and again: it is down, tell people who wait for codes.",
            ),
            Query(or_zero(total("offramp_provider_hold_seconds", "provider")), "{{provider}}"),
            unit=Unit.SECONDS,
            width=THIRD,
        ),
        listing(
            "Callbacks",
            PanelDescription(
                shows="What providers' callbacks came to since the beginning.",
                when_bad="`no_such_message` and `not_ours`: another Offramp shares the account; `broken`: see the log.",
            ),
            Query(once("offramp_callbacks_total"), "{{provider}} {{outcome}}"),
            unit=Unit.COUNT,
            width=QUARTER - 2,
        ),
        number(
            "Last callback",
            PanelDescription(
                shows="How long ago each provider last told something.",
                when_bad="days while messages go out: check the callback's address at the provider.",
            ),
            f"time() - {once('offramp_callback_timestamp_seconds')}",
            Unit.SECONDS,
        ),
        listing(
            "Events of the host",
            PanelDescription(
                shows="What became of the events that the host told, since the beginning.",
                when_bad="`refused`: the answers say why, so look at the host's log; `ignored`: it tells of accounts "
                "that it never brought here.",
            ),
            Query(once("offramp_host_events_total"), "{{kind}} {{outcome}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
    ]


def _texts() -> list[object]:
    return [
        listing(
            "Not carried, last day",
            PanelDescription(
                shows="Messages that a provider did not carry for a reason of the account or a country, by its code.",
                when_bad="any: see OfframpMessagesWithheld in the runbook.",
            ),
            Query(or_zero(total("offramp_messages_withheld", "reason", "country")), "{{reason}} {{country}}"),
            unit=Unit.COUNT,
            width=THIRD,
        ),
        course(
            "Text messages today",
            PanelDescription(
                shows="Text messages queued since midnight UTC, by country; `ZZ` is no country's number.",
                when_bad="a country where you have nobody: somebody earns by your codes, set OFFRAMP_SMS_COUNTRIES.",
            ),
            Query(or_zero(total("offramp_texts_today", "country")), "{{country}}"),
            unit=Unit.COUNT,
            width=THIRD,
            stacked=True,
        ),
        course(
            "Ceilings used up",
            PanelDescription(
                shows="How much of each ceiling of text messages is used up today; `all` is the ceiling in all.",
                when_bad="at 100 percent codes and reminders are refused until midnight UTC: see the runbook.",
            ),
            Query(or_zero(once("offramp_text_ceiling_used_ratio")), "{{country}}"),
            unit=Unit.SHARE,
            width=THIRD,
            thresholds=limits(doubtful=0.8, bad=1),
        ),
    ]


def _webhooks() -> list[object]:
    return [
        course(
            "Oldest event on its way to a host",
            PanelDescription(
                shows="How long the oldest event has been on its way to a host's receiver.",
                when_bad="an hour: see OfframpWebhooksLate in the runbook; it is tried for three days.",
            ),
            Query(or_zero(once("offramp_webhooks_oldest_seconds")), "oldest"),
            unit=Unit.SECONDS,
            width=THIRD,
            thresholds=limits(doubtful=3600, bad=86_400),
        ),
        course(
            "Attempts to tell a host",
            PanelDescription(
                shows="Attempts a minute, and whether the receiver has `taken` the event.",
                when_bad="`not_taken`: the log's `webhook_not_taken` says why; `gone`: a subscription has ended.",
            ),
            Query(or_zero(f"sum by (outcome) (rate({_ATTEMPTS}{_INTERVAL})) * 60"), "{{outcome}}"),
            unit=Unit.PER_MINUTE,
            width=THIRD,
            stacked=True,
        ),
        number(
            "Dead events",
            PanelDescription(
                shows="Events that no receiver took in three days, and that nobody has looked at.",
                when_bad="send them again, or give them up, at `/console/webhooks`.",
            ),
            or_zero(once("offramp_webhooks_dead")),
            Unit.COUNT,
            width=THIRD,
            thresholds=limits(bad=1),
        ),
    ]
