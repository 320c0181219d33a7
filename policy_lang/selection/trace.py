"""The account of a decision: its reason in words, and its trace, both made when somebody asks.

The trace replays the decision through the same gates. The one thing that could differ the second time is the ledger, so its answers
are recorded during the decision and read here.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from policy_lang.catalog.update import Update
from policy_lang.options import Options
from policy_lang.rollout.ledger import Grant
from policy_lang.selection.candidates import Candidates
from policy_lang.selection.checkin import CheckIn, device_id_of, product_of
from policy_lang.selection.gates import gate_of, stopped_by
from policy_lang.selection.model import Reason, Step
from policy_lang.selection.sentences import gate_sentence, reason_sentence
from policy_lang.versions.version import Version


class Replay(NamedTuple):
    """What a decision needs to account for itself.

    Attributes:
        checkin: what the device sent, and when.
        options: the host's options.
        candidates: the way to the same candidates.
        version: the version of the device; None where the decision was made without it.
        grants: what the ledger answered, by the id of the update.
    """

    checkin: CheckIn
    options: Options
    candidates: Candidates
    version: Version | None
    grants: Mapping[str, Grant]

    def steps(self, offered: Update | None) -> tuple[Step, ...]:
        """The candidates that were tried, ending with the one that was offered."""
        product = product_of(self.checkin.device)
        if product is None or self.version is None:
            return ()
        return tuple(self._tried(product, self.version, offered))

    def detail(self, reason: Reason, offered: Update | None) -> str:
        """The reason in a sentence."""
        return reason_sentence(reason, offered, self.checkin, self.options)

    def _tried(self, product: str, version: Version, offered: Update | None) -> Iterator[Step]:
        device_id = device_id_of(self.checkin.device, self.options)
        for update in self.candidates.of(product, version):
            gate = stopped_by(update, self.checkin, device_id) or gate_of(self.grants.get(update.id))
            yield Step(update, gate, gate_sentence(gate, update, self.checkin, device_id), self.checkin)
            if update is offered:
                return
