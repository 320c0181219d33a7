"""The account of a decision: its reason in words, and its trace, both made when somebody asks.

The trace replays the decision through the same gates. The one thing that could differ the second time is the ledger, so its answers
are recorded during the decision and read here.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import partial
from typing import Any, TypeAlias

from policy_lang.catalog.update import Update
from policy_lang.options import Options
from policy_lang.rollout.ledger import Grant
from policy_lang.selection.candidates import Group
from policy_lang.selection.checkin import CheckIn, device_id_of
from policy_lang.selection.gates import gate_of, stopped_by
from policy_lang.selection.model import Reason, Step
from policy_lang.selection.sentences import gate_sentence, reason_sentence

Given: TypeAlias = tuple[Mapping[str, Any], datetime | None, Mapping[str, Any] | None, Group | None, str, dict[str, Grant] | None]
"""What a decision was made from: the device, the time, the host's roots, the updates of its product (None where there are none),
the key of its version, and what the ledger answered by the id of the update, if it was asked. These stand at the end of the
decision itself."""


class Accountant:
    """Accounts for the decisions of one selector."""

    def __init__(self, options: Options) -> None:
        """Read devices with the host's options."""
        self._options = options

    def steps(self, offered: Update | None, given: Given) -> tuple[Step, ...]:
        """The candidates that were tried, ending with the one that was offered."""
        return tuple(self._tried(offered, given))

    def detail(self, reason: Reason, offered: Update | None, given: Given) -> str:
        """The reason in a sentence."""
        return reason_sentence(reason, offered, CheckIn(*given[:3]), self._options)

    def _tried(self, offered: Update | None, given: Given) -> Iterator[Step]:
        device, now, roots, group, key, grants = given
        checkin, device_id = CheckIn(device, now, roots), device_id_of(device, self._options)
        for update in () if group is None else group.of(key):
            gate = stopped_by(update, checkin, device_id) or gate_of(None if grants is None else grants.get(update.id))
            yield Step(update, gate, checkin, partial(gate_sentence, gate, update, checkin, device_id))
            if update is offered:
                return
