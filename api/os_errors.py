"""What the operating system refuses, as texts of the catalogue (``os.<symbol>``)."""

from __future__ import annotations

import errno

from geo.i18n import Message, has

__all__ = ["os_reason"]

_ALIKE = {errno.EPERM: errno.EACCES, errno.EEXIST: errno.ENOTDIR}


def os_reason(error: OSError) -> Message:
    """Why the system refused, and how to mend it, by the error's number.

    Examples
    --------
    >>> str(os_reason(OSError(errno.ENOSPC, "")))
    'the disk is full; free some space'
    """
    number = _ALIKE.get(error.errno or 0, error.errno or 0)
    symbol = errno.errorcode.get(number, type(error).__name__)
    code = f"os.{symbol.lower()}"
    return Message(code) if has(code) else Message("os.other", {"symbol": symbol})
