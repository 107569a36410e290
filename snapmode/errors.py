"""Errors that say who does what next.

Anything that is raised and is not one of these is a bug and crashes loudly.
"""


class SnapModeError(Exception):
    """Root of the errors a user can do something about; a command exits with `exit_code`."""

    exit_code = 1


class TransientError(SnapModeError):
    """An engine or a host is away: the same input is tried again later, nothing is lost."""


class RejectedError(SnapModeError):
    """What came in can never be processed: it becomes a dead letter, and the stream goes on."""


class ConfigError(SnapModeError):
    """A setting, an argument or a user's file is wrong: stop at once, name file, table and key."""

    exit_code = 2
