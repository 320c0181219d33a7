"""The admin API: one file a subject, each with a Litestar controller; `create_app` mounts `ROUTES` below `/api/v1`.

A controller finds the live parts of the service in the state of the application: `request.app.state.service` is a
`policy_lang.service.service.Service` (settings, database, registry, recorder, images, clock). Whoever changes a catalog or a token
awaits `service.registry.refresh()` before it answers, so that the change holds in this process at once; `access.Caller` does.

The guard stands before all of it. Without an admin token nothing is read, not even the body.

Source: docs/admin-api.md.
"""

from litestar import Router
from litestar.di import Provide
from litestar.types import ControllerRouterHandler

from policy_lang.service.admin.access import provide_caller, require_admin
from policy_lang.service.admin.audit import AuditController
from policy_lang.service.admin.devices import DeviceController
from policy_lang.service.admin.failures import FAILURES
from policy_lang.service.admin.openapi import SECURITY
from policy_lang.service.admin.policies import PolicyController
from policy_lang.service.admin.product import ProductController
from policy_lang.service.admin.tokens import TokenController
from policy_lang.service.admin.updates import UpdateController

_LARGEST_BODY = 1024 * 1024

ROUTES: tuple[ControllerRouterHandler, ...] = (
    Router(
        "/",
        route_handlers=[ProductController, UpdateController, PolicyController, DeviceController, TokenController, AuditController],
        guards=[require_admin],
        dependencies={"caller": Provide(provide_caller)},
        exception_handlers=dict(FAILURES),
        security=SECURITY,
        request_max_body_size=_LARGEST_BODY,
    ),
)
"""The controllers, in the order in which OpenAPI lists them; `create_app` puts `/api/v1` before their paths."""
