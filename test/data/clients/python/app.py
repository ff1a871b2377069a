"""What the runtime client of Python is invoked with, under test."""


def handler(event, _context):
    if event.get("fail"):
        raise ValueError("on purpose: é €")
    return event
