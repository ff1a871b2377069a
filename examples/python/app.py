"""Books orders: from a queue, from the shop's web API, or handed over directly. It knows nothing of maintenance windows."""

import json


def handler(event, context):
    if "Records" in event:
        book([json.loads(record["body"]) for record in event["Records"]])
        return {"batchItemFailures": []}
    if "requestContext" in event:
        order = json.loads(event["body"])
        book([order])
        return {
            "statusCode": 201,
            "headers": {"content-type": "application/json"},
            "body": json.dumps({"booked": order["id"]}, separators=(",", ":")),
        }
    book([event])
    return {"booked": event.get("id")}


def book(orders):
    print("booked " + ", ".join(f"{order['id']} ({order['quantity']} × {order['item']})" for order in orders))
