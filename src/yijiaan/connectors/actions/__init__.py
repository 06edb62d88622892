from yijiaan.connectors.actions.connections import (
    change_connection,
    make_connection,
    play_hotline,
    remember_layout,
    renew_secret,
)
from yijiaan.connectors.actions.inbound import Taken, take_message
from yijiaan.connectors.actions.open311 import Filing, add_update, change_key, file_request, make_key
from yijiaan.connectors.actions.outbound import acknowledge, owe_message, push_due, retry_message
from yijiaan.connectors.actions.sms import GatewayFacts, send_messages, set_gateway, take_reports, try_gateway
from yijiaan.connectors.actions.webhooks import (
    change_webhook,
    make_webhook,
    push_webhooks,
    renew_webhook_secret,
    retry_call,
    try_webhook,
)

__all__ = [
    "Filing",
    "GatewayFacts",
    "Taken",
    "acknowledge",
    "add_update",
    "change_connection",
    "change_key",
    "change_webhook",
    "file_request",
    "make_connection",
    "make_key",
    "make_webhook",
    "owe_message",
    "play_hotline",
    "push_due",
    "push_webhooks",
    "remember_layout",
    "renew_secret",
    "renew_webhook_secret",
    "retry_call",
    "retry_message",
    "send_messages",
    "set_gateway",
    "take_message",
    "take_reports",
    "try_gateway",
    "try_webhook",
]
