"""The ledger of the service: grants in a database that all workers share.

It keeps the promises of `policy_lang.rollout.ledger`. A device that holds a grant, and one that a limit refuses, is answered from
one plain read; only a grant that is still to be made takes a lock, and looks again under it. What is answered is committed.
"""

from datetime import datetime

from policy_lang.rollout.bucket import is_device_id
from policy_lang.rollout.ledger import Grant, Limits
from policy_lang.rollout.plan import in_utc
from policy_lang.service.store.database import Database
from policy_lang.service.store.grants import count_grants, make_grant, peek_grant


class DatabaseLedger:
    """A `Ledger` over a database, safe for threads and for any number of processes.

    Its calls block while the database works, and raise `UnavailableError` where it does not answer; then nothing was granted, or
    a grant was made that the device finds again by asking again.

    Attributes:
        database: where the grants are.
    """

    def __init__(self, database: Database, *, actor: str = "device") -> None:
        """Grant from a database.

        Args:
            database: at the state of this release.
            actor: who asks, for the audit.
        """
        self.database = database
        self._actor = actor

    def grant(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """Grant an update to a device, or say why not; see `Ledger.grant`.

        Raises:
            ValueError: `now` has no zone.
            UnavailableError: the database does not answer.
        """
        answer = self.peek(update_id, device_id, limits, now)
        if answer is not Grant.NEW:
            return answer
        with self.database.changing() as connection:
            return make_grant(connection, update_id, device_id, limits, now, actor=self._actor)

    def peek(self, update_id: str, device_id: str, limits: Limits, now: datetime | None) -> Grant:
        """What `grant` would answer, recording nothing.

        Raises:
            ValueError: `now` has no zone.
            UnavailableError: the database does not answer.
        """
        moment = None if now is None else in_utc(now, "now")
        if not is_device_id(device_id):
            return Grant.NO_ID
        with self.database.asking() as connection:
            return peek_grant(connection, update_id, device_id, limits, moment)

    def granted(self, update_id: str) -> int:
        """How many devices were granted an update."""
        with self.database.asking() as connection:
            return count_grants(connection, update_id)
