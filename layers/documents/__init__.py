"""Documents that work without a network: offline packs, and the brief."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
