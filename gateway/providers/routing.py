"""Find where a model name leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gateway.errors import RequestError, SettingsError
from gateway.ports import Route

ANY: Final = "*"
_NAMED: Final = 20


class Routing:
    """The routes by the model names that clients use; its ``resolve`` is ``ports.Resolve``.

    A route named ``*`` takes every name that no other route has. A route whose own model is ``*``
    hands the client's name through to its provider.

    Args:
        routes: By the name that clients use.
        default: The route for names that nothing else takes, or None to refuse them.

    Raises:
        SettingsError: If the default is no route, or stands beside a route named ``*``.
    """

    def __init__(self, routes: Mapping[str, Route], default: str | None = None) -> None:
        if default is not None and default not in routes:
            raise SettingsError(f"The default model {default!r} is none of the models", hint=_known(routes))
        if default is not None and default != ANY and ANY in routes:
            raise SettingsError(f"The default model {default!r} and a model named '*' exclude each other")
        self._routes = dict(routes)
        self._fallback = routes.get(default if default is not None else ANY)

    def resolve(self, model: str) -> Route:
        """Return the route of ``model``.

        Raises:
            RequestError: 404 ``model_not_found``.
        """
        route = self._routes.get(model, self._fallback)
        if route is None:
            message = f"This model does not exist here; {_known(self._routes)}."
            raise RequestError(message, status=404, code="model_not_found", param="model")
        if route.model != ANY:
            return route
        prices = {model if name == route.name else name: price for name, price in route.prices.items()}
        return replace(route, name=model, model=model, prices=prices)

    def names(self) -> tuple[str, ...]:
        """Return the names that clients may use, in the order of the settings; without ``*``."""
        return tuple(name for name in self._routes if name != ANY)


def _known(routes: Mapping[str, Route]) -> str:
    names = [name for name in routes if name != ANY]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"known: {', '.join(names[:_NAMED])}{more}" if names else "no model is configured"
