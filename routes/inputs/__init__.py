"""What the model is fitted to: protected counts, and how far few records pull an estimate."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
