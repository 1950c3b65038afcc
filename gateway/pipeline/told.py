"""A verdict for whoever asks for nothing else: which rules fire, where and why, and never on which words."""

from __future__ import annotations

import orjson

from gateway.exchange import Exchange


def told(exchange: Exchange) -> bytes:
    """Return the verdict on a question as JSON."""
    verdict = exchange.request
    hits = [
        {"rule": hit.rule, "action": hit.action, "risk": hit.risk, "score": round(hit.score, 6), "slot": hit.slot}
        for hit in verdict.hits
    ]
    body = {
        "object": "sluice.verdict",
        "request_id": exchange.id,
        "policy": f"{exchange.policy}@{exchange.plan[:12]}",
        "action": verdict.action,
        "rule": verdict.rule,
        "reply": exchange.reply.kind if exchange.reply else None,
        "hits": hits,
        "scores": verdict.scores,
        "changed": len(exchange.rewritten),
        "unjudged": verdict.unjudged,
        "errors": verdict.errors,
    }
    return orjson.dumps(body)
