"""Reads enriched events, one a line, and prints what Snowplow's Analytics SDK for Python makes of each."""

import json
import sys

from snowplow_analytics_sdk.event_transformer import transform
from snowplow_analytics_sdk.snowplow_event_transformation_exception import SnowplowEventTransformationException

for line in sys.stdin.buffer.read().decode().split("\n")[:-1]:
    try:
        print(json.dumps(transform(line)))
    except SnowplowEventTransformationException as error:
        print("error:", "; ".join(error.error_messages))
