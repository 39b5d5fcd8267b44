"""Queries of a release: conditions, the SQL of a tier, names of areas, GeoJSON."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
