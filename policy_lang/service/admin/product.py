"""`/product`: the product of the token, and what its devices send."""

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

import msgspec
from litestar import Controller, Response, get, put
from litestar.openapi.spec import Example
from litestar.params import BodyKwarg
from sqlalchemy import Connection

from policy_lang.service.admin.access import Caller, Calling
from policy_lang.service.admin.openapi import ETAG, problems
from policy_lang.service.admin.preconditions import IfMatch, Precondition, read_precondition, tag
from policy_lang.service.images.model import image_key
from policy_lang.service.store.products import Product as StoredProduct
from policy_lang.service.store.products import get_product
from policy_lang.service.store.updates import change_schema


class Product(msgspec.Struct, frozen=True):
    """The product of the token.

    Attributes:
        id: what devices send as `product`.
        revision: of its catalog; it grows with every change.
        created: when it was added.
        image_prefix: what the keys of its images begin with; the SHA-256 of the image follows.
        stores: the names of the stores of images.
        is_file: whether the catalog is kept in a file, so that this API does not change it.
    """

    id: str
    revision: int
    created: datetime
    image_prefix: str
    stores: list[str]
    is_file: bool


class DeviceSchema(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What devices send.

    Attributes:
        schema: JSON Schema 2020-12; null where nothing is declared.
    """

    schema: dict[str, Any] | None


_DECLARED = {"schema": {"properties": {"region": {"enum": ["eu-west", "us-east"]}, "memory": {"type": "integer"}}}}
SchemaBody = Annotated[DeviceSchema, BodyKwarg(examples=[Example(summary="two properties", value=_DECLARED)])]


class ProductController(Controller):
    """The product of the token."""

    path = "/product"
    tags = ("product",)

    @get(operation_id="getProduct", summary="Get the product", responses=problems(404), response_headers=ETAG)
    async def get_one(self, caller: Calling) -> Response[Product]:
        """The product of the token."""
        product = await caller.read(get_product)
        service = caller.service
        found = Product(
            id=product.id,
            revision=product.revision,
            created=product.created,
            image_prefix=image_key(product.id, ""),
            stores=list(service.images),
            is_file=service.settings.catalog is not None,
        )
        return Response(found, headers=dict(tag(product.revision)))

    @get("/schema", operation_id="getSchema", summary="Get the schema", responses=problems(404), response_headers=ETAG)
    async def get_schema(self, caller: Calling) -> Response[DeviceSchema]:
        """What devices of the product send."""
        return _answer(await caller.read(get_product))

    @put(
        "/schema",
        operation_id="changeSchema",
        summary="Change the schema",
        responses=problems(404, 409, 412, 422, 428),
        response_headers=ETAG,
    )
    async def change(self, caller: Calling, data: SchemaBody, if_match: IfMatch = None) -> Response[DeviceSchema]:
        """Declare anew what devices send; every policy of the catalog is checked against it."""
        caller.check_catalog_is_ours()
        return _answer(await caller.change(_change, data.schema, read_precondition(if_match), caller))


def _change(
    connection: Connection, product_id: str, schema: Mapping[str, Any] | None, wanted: Precondition, caller: Caller
) -> StoredProduct:
    wanted.check(get_product(connection, product_id, locked=True).revision)
    return change_schema(connection, product_id, schema, actor=caller.actor, now=caller.now)


def _answer(product: StoredProduct) -> Response[DeviceSchema]:
    """The schema, with the revision of the catalog as its tag."""
    schema = None if product.schema is None else dict(product.schema)
    return Response(DeviceSchema(schema), status_code=HTTPStatus.OK, headers=dict(tag(product.revision)))
