"""Inputs of the model: protected counts, and shrinkage of small counts towards a prior."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
