"""What-ifs: changes to posts, legs, indicators, demand and services, and their effect."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
