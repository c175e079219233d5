"""Makes the calls given as JSON on stdin with boto3, and prints what botocore understood, as JSON.

In:  [{"service": "bedrock", "operation": "list_inference_profiles", "parameters": {...}}, ...]
Out: one object per call, {"answer": ...} or {"error": {"code", "message", "status", "headers"}};
     a response stream becomes {"answer": {"events": [...], "broken": exception or null}}.
"""

import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

ONCE = Config(retries={"total_max_attempts": 1})


def plain(value):
    """Blobs become text, times become ISO 8601, everything else is JSON already."""
    if hasattr(value, "read"):
        value = value.read()
    if isinstance(value, bytes):
        return value.decode()
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def read_stream(stream):
    events, broken = [], None
    try:
        for event in stream:
            events.append(json.loads(event["chunk"]["bytes"]))
    except EventStreamError as error:
        broken = error.response["Error"]["Code"]
    except Exception as error:  # whatever urllib3 makes of a connection that ends too early
        broken = type(error).__name__
    return {"events": events, "broken": broken}


def make(call):
    try:
        client = boto3.client(call["service"], config=ONCE)
        answer = getattr(client, call["operation"])(**call.get("parameters", {}))
    except ClientError as error:
        said = error.response
        meta = said["ResponseMetadata"]
        return {"error": {
            "code": said["Error"]["Code"],
            "message": said["Error"]["Message"],
            "status": meta["HTTPStatusCode"],
            "headers": meta["HTTPHeaders"],
        }}
    except Exception as error:  # botocore's own failures, whose classes are what the tests ask for
        return {"error": {"code": type(error).__name__, "message": str(error), "status": None, "headers": {}}}
    if call["operation"] == "invoke_model_with_response_stream":
        return {"answer": read_stream(answer["body"]), "meta": answer["ResponseMetadata"]}
    return {"meta": answer.pop("ResponseMetadata"), "answer": answer}


json.dump([make(call) for call in json.load(sys.stdin)], sys.stdout, default=plain)
