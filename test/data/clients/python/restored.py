"""A function under SnapStart, and one whose hook fails after the restore."""

import os

from snapshot_restore_py import register_after_restore


@register_after_restore
def after_restore():
    if os.environ.get("FAIL_AFTER_RESTORE"):
        raise RuntimeError("on purpose, after the restore: é €")


def handler(event, _context):
    return event
