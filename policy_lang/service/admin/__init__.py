"""The admin API: one file a subject, each with a Litestar controller; `create_app` mounts `ROUTES` below `/api/v1`.

A controller finds the live parts of the service in the state of the application: `request.app.state.service` is a
`policy_lang.service.service.Service` (settings, database, registry, recorder, images, clock). Whoever changes a catalog or a token
awaits `service.registry.refresh()` before it answers, so that the change holds in this process at once.
"""

from litestar.types import ControllerRouterHandler

ROUTES: tuple[ControllerRouterHandler, ...] = ()
"""The controllers, in the order in which OpenAPI lists them; `create_app` puts `/api/v1` before their paths."""
