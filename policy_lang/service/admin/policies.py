"""`/updates/ID/policy`: another policy for an update, with what the linter says and what it changes for the devices."""

from http import HTTPStatus
from typing import Annotated

import msgspec
from litestar import Controller, Response, post
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg
from sqlalchemy import Connection

from policy_lang.service.admin.access import Caller, Calling
from policy_lang.service.admin.documents import PolicyText, Update, view
from policy_lang.service.admin.findings import Finding, findings_of
from policy_lang.service.admin.openapi import ETAG, UpdateId, problems
from policy_lang.service.admin.preconditions import IfMatch, Precondition, read_precondition, tag
from policy_lang.service.admin.preview import Preview, preview
from policy_lang.service.admin.proposals import known_update, propose
from policy_lang.service.store.catalogs import StoredUpdate
from policy_lang.service.store.updates import change_policy


class PolicyChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another policy for an update.

    Attributes:
        policy: the text.
        dry_run: say what it would do, and change nothing.
        preview: count what it changes for the devices.
        sample: how many devices of each kind are named.
    """

    policy: PolicyText
    dry_run: bool = False
    preview: bool = True
    sample: Annotated[int, msgspec.Meta(ge=0, le=100)] = 5


class PolicyOutcome(msgspec.Struct, frozen=True):
    """What another policy does.

    Attributes:
        is_applied: whether the update has it now.
        update: the update as it is now.
        findings: what the linter says; errors are refused instead.
        preview: what changes for the devices; null where it was not asked for.
    """

    is_applied: bool
    update: Update
    findings: list[Finding]
    preview: Preview | None


_CHANGE = {"policy": "device.version < update.version && device.region in ['eu-west', 'eu-central']", "dry_run": True}
PolicyBody = Annotated[PolicyChange, BodyKwarg(examples=[Example(summary="look first", value=_CHANGE)])]


class PolicyController(Controller):
    """The policies of the updates of the token's product."""

    path = "/updates/{update_id:str}/policy"
    tags = ("updates",)

    @post(
        operation_id="changePolicy",
        summary="Change a policy",
        status_code=HTTPStatus.OK,
        responses=problems(404, 409, 412, 422, 428),
        response_headers=ETAG,
    )
    async def change(
        self, caller: Calling, update_id: UpdateId, data: PolicyBody, if_match: IfMatch = None
    ) -> Response[PolicyOutcome]:
        """Give an update another policy; its grants stay. With `dry_run`, only say what that would do."""
        wanted = read_precondition(if_match, is_needed=not data.dry_run)
        if not data.dry_run:
            caller.check_catalog_is_ours()
        service = caller.service
        proposal = await caller.read(propose, update_id, data.policy, wanted)
        counted = None
        if data.preview:
            counted = await caller.run(preview, service.database, service.settings.fleet, proposal, caller.now, data.sample)
        update = proposal.known
        if not data.dry_run:
            update = await caller.change(_apply, update_id, data.policy, wanted, caller)
        outcome = PolicyOutcome(not data.dry_run, view(update), findings_of(proposal.findings), counted)
        return Response(outcome, headers=dict(tag(update.revision)))


def _apply(connection: Connection, product: str, update_id: str, policy: str, wanted: Precondition, caller: Caller) -> StoredUpdate:
    """Change the policy, if the update is still the one that was looked at."""
    known_update(connection, product, update_id, wanted)
    return change_policy(connection, product, update_id, policy, actor=caller.actor, now=caller.now)
