"""`/updates`: list, get, create, pause, resume, remove, and the limits of the rollout."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, delete, get, post
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg, QueryParameter
from sqlalchemy import Connection

from policy_lang.documents.problems import quote
from policy_lang.service.admin.access import Caller, Calling
from policy_lang.service.admin.documents import NewUpdate, RolloutChange, State, Update, state, view
from policy_lang.service.admin.findings import Finding, findings_of
from policy_lang.service.admin.openapi import ETAG, After, Limit, UpdateId, problems
from policy_lang.service.admin.paging import page_of
from policy_lang.service.admin.preconditions import IfMatch, Precondition, read_precondition, tag
from policy_lang.service.admin.proposals import check_policy, known_update
from policy_lang.service.images.model import ImageLocation, ImageStore
from policy_lang.service.problems import Problem
from policy_lang.service.store.catalogs import StoredUpdate, get_update
from policy_lang.service.store.changes import Change, find_updates, put_documents, write
from policy_lang.service.store.changes import NewUpdate as NewRow
from policy_lang.service.store.errors import ConflictError
from policy_lang.service.store.products import get_product
from policy_lang.service.store.updates import pause_update, put_update, remove_update, resume_update


class UpdatePage(msgspec.Struct, frozen=True):
    """Some updates, the newest version first.

    Attributes:
        items: the updates.
        next: what to send as `after` for the next page; null on the last one.
    """

    items: list[Update]
    next: str | None


class CreatedUpdate(msgspec.Struct, frozen=True):
    """An update that was added, and what the linter says about its policy."""

    update: Update
    findings: list[Finding]


_NEW = {
    "id": "atlas-2.4.0",
    "version": "2.4.0",
    "policy": "device.version < update.version && device.region == 'eu-west'",
    "url": "https://updates.example.com/atlas-2.4.0.bin",
    "checksum": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "rollout": {"percent": 5, "max_devices": 1000, "pause_on_failures": 3},
}
NewBody = Annotated[NewUpdate, BodyKwarg(examples=[Example(summary="a canary", value=_NEW)])]
RolloutBody = Annotated[
    RolloutChange, BodyKwarg(examples=[Example(summary="half of the fleet", value={"percent": 50, "max_devices": None})])
]
StateFilter = Annotated[State | None, QueryParameter(name="state", description="Updates in this state only.")]
ChannelFilter = Annotated[str | None, QueryParameter(max_length=1024, description="Updates of this channel only.")]


class UpdateController(Controller):
    """The updates of the token's product."""

    path = "/updates"
    tags = ("updates",)

    @get(operation_id="listUpdates", summary="List updates", responses=problems(404))
    async def list_all(
        self,
        caller: Calling,
        in_state: StateFilter = None,
        channel: ChannelFilter = None,
        after: After = None,
        limit: Limit = 100,
    ) -> UpdatePage:
        """The updates of the product, the newest version first; removed ones where `state` asks for them."""
        return await caller.read(_page, in_state, channel, after, limit)

    @get("/{update_id:str}", operation_id="getUpdate", summary="Get an update", responses=problems(404), response_headers=ETAG)
    async def get_one(self, caller: Calling, update_id: UpdateId) -> Response[Update]:
        """One update, a removed one too."""
        return answer(await caller.read(get_update, update_id))

    @post(operation_id="createUpdate", summary="Create an update", responses=problems(404, 409, 422), response_headers=ETAG)
    async def create(self, caller: Calling, data: NewBody) -> Response[CreatedUpdate]:
        """Add an update. An image of a store is read back first, so nothing is offered that is not complete."""
        caller.check_catalog_is_ours()
        _, findings = await caller.read(check_policy, data.policy)
        location = None if isinstance(data.image, msgspec.UnsetType) else data.image.location()
        document = data.document()
        if location is not None:
            document |= await caller.run(_verified, caller.service.images, caller.product, location, document)
        created = await caller.change(_create, document, location, caller)
        return Response(
            CreatedUpdate(view(created), findings_of(findings)), status_code=HTTPStatus.CREATED, headers=dict(tag(created.revision))
        )

    @post(
        "/{update_id:str}/pause",
        operation_id="pauseUpdate",
        summary="Pause an update",
        status_code=HTTPStatus.OK,
        responses=problems(404, 409, 412),
        response_headers=ETAG,
    )
    async def pause(self, caller: Calling, update_id: UpdateId, if_match: IfMatch = None) -> Response[Update]:
        """Offer an update to nobody until it is resumed; pausing it again changes nothing."""
        caller.check_catalog_is_ours()
        wanted = read_precondition(if_match, is_needed=False)
        return answer(await caller.change(_pause, update_id, wanted, caller))

    @post(
        "/{update_id:str}/resume",
        operation_id="resumeUpdate",
        summary="Resume an update",
        status_code=HTTPStatus.OK,
        responses=problems(404, 409, 412),
        response_headers=ETAG,
    )
    async def resume(self, caller: Calling, update_id: UpdateId, if_match: IfMatch = None) -> Response[Update]:
        """Offer an update again, whoever paused it; the failures that were reported so far pause it no more."""
        caller.check_catalog_is_ours()
        wanted = read_precondition(if_match, is_needed=False)
        return answer(await caller.change(_resume, update_id, wanted, caller))

    @post(
        "/{update_id:str}/rollout",
        operation_id="changeRollout",
        summary="Change a rollout",
        status_code=HTTPStatus.OK,
        responses=problems(404, 409, 412, 422, 428),
        response_headers=ETAG,
    )
    async def change_rollout(
        self, caller: Calling, update_id: UpdateId, data: RolloutBody, if_match: IfMatch = None
    ) -> Response[Update]:
        """Change the percent, the times or the limits of an update; a limit holds from then on, for earlier grants too."""
        caller.check_catalog_is_ours()
        wanted = read_precondition(if_match)
        return answer(await caller.change(_change_rollout, update_id, data, wanted, caller))

    @delete("/{update_id:str}", operation_id="removeUpdate", summary="Remove an update", responses=problems(404, 409, 412, 428))
    async def remove(self, caller: Calling, update_id: UpdateId, if_match: IfMatch = None) -> None:
        """Take an update out of the catalog; its id stays taken, and its grants and reports stay."""
        caller.check_catalog_is_ours()
        await caller.change(_remove, update_id, read_precondition(if_match), caller)


def answer(update: StoredUpdate) -> Response[Update]:
    """An update with its entity tag."""
    return Response(view(update), headers=dict(tag(update.revision)))


def _page(
    connection: Connection, product: str, wanted: State | None, channel: str | None, after: str | None, limit: int
) -> UpdatePage:
    """One page of the list."""

    def accepts(update: StoredUpdate) -> bool:
        return wanted in {None, state(update)} and channel in {None, update.document.get("channel")}

    found = page_of(connection, product, after, limit, removed=wanted == "removed", accepts=accepts)
    return UpdatePage([view(each) for each in found.updates], found.next)


def _verified(
    images: Mapping[str, ImageStore], product: str, location: ImageLocation, document: Mapping[str, Any]
) -> dict[str, Any]:
    """What an image that lies in a store says about its update, after it was read back.

    Raises:
        Problem: 422, it is not an image of the product, or the update has another one too.
        ImageError: it is not there, or not complete.
    """
    store = images.get(location.store)
    if store is None:
        names = ", ".join(f"`{name}`" for name in images) or "none"
        raise _unprocessable(f"the settings have no images {quote(location.store)}", f"the stores are {names}")
    if not location.belongs_to(product):
        raise _unprocessable("the image is not one of this product", "publish it for this product")
    if {"url", "checksum"} & document.keys():
        raise _unprocessable("an image of a store says its URL and checksum", "leave `url` and `checksum` out")
    store.verify(location)
    return {"url": store.address(location), "checksum": location.checksum}


def _unprocessable(detail: str, remedy: str) -> Problem:
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail, help=remedy)


def _create(
    connection: Connection, product: str, document: Mapping[str, Any], location: ImageLocation | None, caller: Caller
) -> StoredUpdate:
    """Add an update; an id that was given away once stays with its image for ever."""
    get_product(connection, product, locked=True)
    known = find_updates(connection, [document["id"]]).get(document["id"])
    if known is not None and not (known.is_removed and known.document["checksum"] == document.get("checksum")):
        raise ConflictError(f"the id {quote(document['id'])} is taken", "choose another id")
    image = None if location is None else location.to_plain()
    return put_update(connection, product, document, image=image, actor=caller.actor, now=caller.now)


def _pause(connection: Connection, product: str, update_id: str, wanted: Precondition, caller: Caller) -> StoredUpdate:
    known_update(connection, product, update_id, wanted)
    return pause_update(connection, product, update_id, actor=caller.actor, now=caller.now)


def _resume(connection: Connection, product: str, update_id: str, wanted: Precondition, caller: Caller) -> StoredUpdate:
    known_update(connection, product, update_id, wanted)
    return resume_update(connection, product, update_id, actor=caller.actor, now=caller.now)


def _remove(connection: Connection, product: str, update_id: str, wanted: Precondition, caller: Caller) -> StoredUpdate:
    known_update(connection, product, update_id, wanted)
    return remove_update(connection, product, update_id, actor=caller.actor, now=caller.now)


def _change_rollout(
    connection: Connection, product_id: str, update_id: str, change: RolloutChange, wanted: Precondition, caller: Caller
) -> StoredUpdate:
    """Give an update another rollout, checked with the whole catalog."""
    product, known = known_update(connection, product_id, update_id, wanted)
    rollout = change.applied_to(known.document.get("rollout", {}))
    others = {name: value for name, value in known.document.items() if name != "rollout"}
    document = {**others, "rollout": rollout} if rollout else others
    changed = put_documents(connection, product, [NewRow(document, known.image, known.is_verified)])
    write(connection, product, changed, Change("rollout", caller.actor, caller.now))
    return get_update(connection, product_id, update_id)
