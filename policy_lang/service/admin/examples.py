"""Examples of answers, by the name of the operation; a test checks each against its schema."""

from collections.abc import Mapping
from typing import Any, Final

_CHECKSUM = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_DOCUMENT: Final[dict[str, Any]] = {
    "id": "atlas-2.4.0",
    "product": "atlas",
    "version": "2.4.0",
    "policy": "device.version < update.version && device.region == 'eu-west'",
    "url": f"https://updates.example.com/images/here/atlas.7c82602500857aa6/{_CHECKSUM}",
    "checksum": _CHECKSUM,
    "paused": False,
    "downgrade": "deny",
    "rollout": {"percent": 5, "max_devices": 1000, "pause_on_failures": 3},
}
_UPDATE: Final[dict[str, Any]] = {
    "state": "offered",
    "revision": 12,
    "image": {"store": "here", "key": f"atlas.7c82602500857aa6/{_CHECKSUM}", "size": 1048576},
    "document": _DOCUMENT,
}
_PAUSED: Final = {**_UPDATE, "state": "paused", "revision": 13, "document": {**_DOCUMENT, "paused": True}}
_PREVIEW: Final = {
    "basis": "fleet",
    "source": "fleet.parquet",
    "is_complete": True,
    "devices": 4210,
    "candidates": 3977,
    "before": 1204,
    "after": 2410,
    "gained": 1206,
    "lost": 0,
    "unknown": 31,
    "samples": {"gained": ["ATL-0007", "ATL-0031"], "lost": [], "unknown": ["ATL-0016"]},
}
_TOKEN: Final[dict[str, Any]] = {
    "id": "888d6f30a33d",
    "scope": "device",
    "note": "the factory in Brno",
    "created": "2026-05-01T09:00:00Z",
    "expires": "2027-01-01T00:00:00Z",
    "revoked": None,
    "is_valid": True,
}
_MINTED: Final = {"token": _TOKEN, "secret": "5f6b…64 hex digits…"}
_SCHEMA: Final = {"schema": {"properties": {"region": {"enum": ["eu-west", "us-east"]}, "memory": {"type": "integer"}}}}
_ENTRY: Final[dict[str, Any]] = {
    "seq": 4711,
    "at": "2026-05-02T03:12:00Z",
    "kind": "decision",
    "actor": "device",
    "revision": 12,
    "device": "ATL-0007",
    "update": "atlas-2.4.0",
    "document": {"device": {"id": "ATL-0007", "version": "2.3.1"}, "update": "atlas-2.4.0", "reason": "offered"},
    "is_intact": True,
}
_CANDIDATE: Final = {
    "update": "atlas-2.4.0",
    "version": "2.4.0",
    "gate": "offered",
    "detail": "the policy matches",
    "explanation": {"result": True},
}

ANSWERS: Final[Mapping[str, Any]] = {
    "getProduct": {
        "id": "atlas",
        "revision": 12,
        "created": "2026-01-07T10:00:00Z",
        "image_prefix": "atlas.7c82602500857aa6/",
        "stores": ["here"],
        "is_file": False,
    },
    "getSchema": _SCHEMA,
    "changeSchema": _SCHEMA,
    "listUpdates": {"items": [_UPDATE], "next": None},
    "getUpdate": _UPDATE,
    "createUpdate": {"update": _UPDATE, "findings": []},
    "pauseUpdate": _PAUSED,
    "resumeUpdate": _UPDATE,
    "changeRollout": _UPDATE,
    "changePolicy": {"is_applied": False, "update": _UPDATE, "findings": [], "preview": _PREVIEW},
    "listGrants": {
        "granted": 412,
        "items": [
            {"device": "ATL-0007", "number": 1, "granted_at": "2026-05-02T03:12:00Z", "recorded_at": "2026-05-02T03:12:00Z"},
        ],
        "next": 1,
    },
    "listReports": {
        "successes": 398,
        "failures": 2,
        "items": [
            {
                "device": "ATL-0007",
                "success": True,
                "times": 1,
                "first_at": "2026-05-02T03:20:00Z",
                "last_at": "2026-05-02T03:20:00Z",
            },
        ],
        "next": "ATL-0007",
    },
    "listDeferred": {
        "deferred": 17,
        "items": [
            {
                "device": "ATL-0044",
                "gate": "max per period",
                "first_at": "2026-05-02T03:12:00Z",
                "last_at": "2026-05-03T03:09:00Z",
            },
        ],
        "next": None,
    },
    "summarizeReports": {
        "items": [
            {
                "update": "atlas-2.4.0",
                "version": "2.4.0",
                "state": "offered",
                "granted": 412,
                "deferred": 17,
                "successes": 398,
                "failures": 2,
                "pause_on_failures": 3,
            },
        ],
        "next": None,
    },
    "listTokens": {"items": [_TOKEN], "next": None},
    "createToken": _MINTED,
    "rotateToken": _MINTED,
    "revokeToken": {**_TOKEN, "revoked": "2026-06-01T09:00:00Z", "is_valid": False},
    "listAudit": {"items": [_ENTRY], "next": 4711},
    "getAuditEntry": {
        "entry": _ENTRY,
        "explanation": {
            "update": "atlas-2.4.0",
            "reason": "offered",
            "detail": "`atlas-2.4.0` is the newest update that admits the device",
            "candidates": [_CANDIDATE],
        },
    },
    "replayDecision": {"agrees": True, "differences": [], "update": "atlas-2.4.0", "reason": "offered"},
}
"""An answer of each operation that has one."""
