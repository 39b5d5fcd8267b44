"""What posts and patrols would see: roles of terminals, rates of interception, exits."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
