"""Manners that every estimator shares: parameters, a short print, and saying when it is not fitted.

They are those of scikit-learn, so that its ``clone`` works on them without depending on it.
"""

from __future__ import annotations

import inspect
from typing import Any, Self

from geo.errors import NotFittedError

__all__ = ["Estimator"]


class Estimator:
    """Base of estimators whose ``__init__`` keeps its parameters under their own names.

    Attributes that ``fit`` sets are annotated in the class.

    Examples
    --------
    >>> from routes.flow import FlowModel
    >>> model = FlowModel(theta=0.2)
    >>> model.get_params()
    {'theta': 0.2}
    >>> model
    FlowModel(theta=0.2)
    >>> model.set_params(theta=0.1).theta
    0.1
    >>> model.load_
    Traceback (most recent call last):
    geo.errors.NotFittedError: FlowModel is not fitted yet; call fit first
    """

    @classmethod
    def _parameter_names(cls) -> tuple[str, ...]:
        return tuple(inspect.signature(cls).parameters)

    def get_params(self, *, deep: bool = True) -> dict[str, Any]:
        """Parameters given to the constructor."""
        del deep  # no parameter is an estimator
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters: Any) -> Self:
        """Change parameters; :class:`ValueError` for a name the constructor does not have."""
        unknown = set(parameters) - set(self._parameter_names())
        if unknown:
            raise ValueError(f"{type(self).__name__} has no parameter {', '.join(sorted(unknown))}")
        for name, value in parameters.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        parameters = (f"{name}={_short(value)}" for name, value in self.get_params().items())
        return f"{type(self).__name__}({', '.join(parameters)})"

    def __getattr__(self, name: str) -> Any:
        # Called only for what is missing: what fit sets, or a property that reads it.
        cls = type(self)
        if name in cls.__annotations__ or isinstance(getattr(cls, name, None), property):
            raise NotFittedError("model.not_fitted", estimator=cls.__name__)
        raise AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"<{type(value).__name__}>"
