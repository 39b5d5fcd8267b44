"""Watch plans: a budget of hours as a roster of shifts by sailing."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
