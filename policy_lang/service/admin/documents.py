"""Updates as the API shows them and takes them: the fields of a catalog row, typed."""

from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType

from policy_lang.service.images.model import ImageLocation
from policy_lang.service.problems import Problem
from policy_lang.service.store.catalogs import StoredUpdate

Text: TypeAlias = Annotated[str, msgspec.Meta(max_length=1024)]
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Percent: TypeAlias = Annotated[float, msgspec.Meta(ge=0, le=100)]
Moment: TypeAlias = Annotated[str, msgspec.Meta(extra_json_schema={"format": "date-time"})]
PolicyText: TypeAlias = Annotated[str, msgspec.Meta(max_length=64 * 1024)]

State: TypeAlias = Literal["offered", "paused", "held", "unverified", "removed"]
"""What becomes of an update.

Devices get it as its policy and rollout say; somebody paused it; reports of failure paused it; its image is not verified; it is no
longer in the catalog.
"""


class Rollout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How an update spreads.

    Attributes:
        percent: the share of the devices.
        ramp: how long the share grows, in ISO 8601.
        start: when it is first offered.
        end: when it is offered no more.
        max_devices: how many devices get it at most.
        max_per_period: how many new ones in any `period`.
        period: how long that is, in ISO 8601.
        pause_on_failures: it is paused when more devices than that report a failure.
    """

    percent: float | None = None
    ramp: str | None = None
    start: str | None = None
    end: str | None = None
    max_devices: int | None = None
    max_per_period: int | None = None
    period: str | None = None
    pause_on_failures: int | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An update as a catalog has it."""

    id: str
    product: str
    version: str
    policy: str
    url: str
    checksum: str
    paused: bool
    downgrade: Literal["allow", "deny"]
    description: str | None = None
    channel: str | None = None
    published: str | None = None
    rollout: Rollout | None = None


class Image(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where an image lies.

    Attributes:
        store: the name of the store in the settings.
        key: `<product>/<SHA-256>`; `GET /product` says the first half.
        size: how many bytes it has.
    """

    store: Text
    key: Text
    size: Count

    def location(self) -> ImageLocation:
        """The location.

        Raises:
            Problem: 422, the key is none.
        """
        try:
            return ImageLocation(self.store, self.key, self.size)
        except ValueError as error:
            remedy = "`GET /product` says what keys begin with; the SHA-256 of the image follows"
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error), help=remedy) from error


class Update(msgspec.Struct, frozen=True, kw_only=True):
    """An update with what the service knows about it.

    Attributes:
        state: what becomes of it.
        revision: the revision of the product's catalog at which it changed last; the entity tag.
        image: where its image lies; null for an image that is not in a store of the service.
        document: the update as a catalog has it.
    """

    state: State
    revision: int
    image: Image | None
    document: Document


class NewRollout(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a new update is to spread; what is left out does not limit it."""

    percent: Percent | UnsetType = UNSET
    ramp: Text | UnsetType = UNSET
    start: Moment | UnsetType = UNSET
    end: Moment | UnsetType = UNSET
    max_devices: Count | UnsetType = UNSET
    max_per_period: Count | UnsetType = UNSET
    period: Text | UnsetType = UNSET
    pause_on_failures: Count | UnsetType = UNSET


class NewUpdate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An update that is to be added: either with `url` and `checksum`, or with an `image` that lies in a store."""

    id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)]
    version: Text
    policy: PolicyText
    url: Text | UnsetType = UNSET
    checksum: Text | UnsetType = UNSET
    image: Image | UnsetType = UNSET
    description: Annotated[str, msgspec.Meta(max_length=16 * 1024)] | UnsetType = UNSET
    channel: Text | UnsetType = UNSET
    published: Moment | UnsetType = UNSET
    paused: bool | UnsetType = UNSET
    downgrade: Literal["allow", "deny"] | UnsetType = UNSET
    rollout: NewRollout | UnsetType = UNSET

    def document(self) -> dict[str, Any]:
        """The fields of a catalog row that were sent."""
        fields: dict[str, Any] = msgspec.to_builtins(self)
        fields.pop("image", None)
        return fields


class RolloutChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to change of a rollout: a field that is left out stays as it is, one that is null goes away."""

    percent: Percent | UnsetType | None = UNSET
    ramp: Text | UnsetType | None = UNSET
    start: Moment | UnsetType | None = UNSET
    end: Moment | UnsetType | None = UNSET
    max_devices: Count | UnsetType | None = UNSET
    max_per_period: Count | UnsetType | None = UNSET
    period: Text | UnsetType | None = UNSET
    pause_on_failures: Count | UnsetType | None = UNSET

    def applied_to(self, rollout: dict[str, Any]) -> dict[str, Any]:
        """A rollout after the change, as a catalog has it."""
        after = {**rollout, **msgspec.to_builtins(self)}
        return {name: value for name, value in after.items() if value is not None}


def view(update: StoredUpdate) -> Update:
    """An update as the API shows it."""
    image = None if update.image is None else msgspec.convert(update.image, Image)
    return Update(state=state(update), revision=update.revision, image=image, document=msgspec.convert(update.effective, Document))


def state(update: StoredUpdate) -> State:
    """What becomes of an update."""
    if update.is_removed:
        return "removed"
    if not update.is_verified:
        return "unverified"
    if update.is_held:
        return "held"
    return "paused" if update.document["paused"] else "offered"
