"""The service: HTTP, accounts, audit, command line and the map page.

It opens only the files of a release and the register; the dataset and the model stay outside.
"""

from __future__ import annotations
