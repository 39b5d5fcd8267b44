"""Disclosure control of counts, as this room uses it: the rounding itself is :mod:`geo.protect`.

It lies in ``geo`` because scores are made from rounded counts too, and ``routes`` makes them.
"""

from geo.protect import BASE, KEY_FILE, protect_cells, protect_count, release_secret

__all__ = ["BASE", "KEY_FILE", "protect_cells", "protect_count", "release_secret"]
