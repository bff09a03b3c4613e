"""What can go wrong while storing. The docstring is the message."""

from bot.sop.records import Lock


class StorageError(Exception):
    """The database could not do what was asked."""

    def __str__(self) -> str:
        return super().__str__() or str(self.__doc__)


class LockTaken(StorageError):
    """Another release holds the lock of this repository and branch."""

    def __init__(self, held: Lock) -> None:
        super().__init__(f"{held.key} is held by R-{held.release}")
        self.held = held


class Replayed(StorageError):
    """This attestation has been received before."""


class LeaseLost(StorageError):
    """The lease of this row ended and somebody else has taken it since."""


class NotParked(StorageError):
    """No parked effect has this key."""


class UnsuitableDatabase(StorageError):
    """This database cannot keep Slipway's state."""


class DatabaseNewer(StorageError):
    """The database was migrated by a newer version of Slipway."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"the database is at revision {revision}, which this version of Slipway does not know: "
            "run the version that made it, or a newer one, or restore the backup from before its upgrade"
        )
        self.revision = revision
