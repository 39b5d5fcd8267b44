"""Detection of personal data in a cell: identity, telephone and passport numbers.

Identity numbers (NIK and family card, 16 digits) are any run of 16 digits or more, and 16 digits in
groups of an identity number. Telephone numbers are those that ``phonenumbers`` finds valid in
Indonesia. Decimal coordinates, Kemendagri codes and dates, which look alike, are removed first.
"""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from stdnum.id import nik

from geo.shelters import INVISIBLE

__all__ = ["find_personal", "personal_heading"]

_IDENTITY = "personal.identity_number"
_PHONE = "personal.telephone"
_PASSPORT = "personal.passport"

_DECIMAL = r"[-+]?(?:0|[1-9]\d{0,2})\.\d+(?:[eE]-\d{1,2})?"
_CODE = r"[1-9]\d(?:\.\d\d){1,2}(?:\.[1-3]\d{3})?"
_YMD = r"(?:19|20)\d\d[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
_DMY = r"(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.](?:19|20)\d\d"
_TIME = r"(?:[T ]\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?)?"
_INNOCENT = re.compile(rf"{_DECIMAL}|\d{{1,7}}|{_CODE}|(?:{_YMD}|{_DMY}){_TIME}|[^\W\d_]+")
_EXCUSED = re.compile(rf"(?<![\w.+-])(?:{_DECIMAL}|{_CODE}|(?:{_YMD}|{_DMY}){_TIME})(?![\w.]*\d)")

_SCIENTIFIC = re.compile(r"(?<!\d)\d[.,]?\d*[eE]\+?0?1[5-9]\b")
_RUN = re.compile(r"\d{16}")
_GROUPS = re.compile(r"\d+(?:[ .\-/_'·]{1,2}\d+)+")
_READ_AS_ONE = frozenset({(4, 4, 4, 4), (6, 6, 4), (2, 2, 2, 6, 4), (2, 2, 2, 2, 2, 2, 4)})
_PHONE_START = re.compile(r"(?<![\d.])(?:\+|\(?0|62|8)[\d ().\-/]{6,}\d")
_MOBILE = re.compile(r"(?<!\d)(?:\+?62|0)8[1-9]\d{7,10}(?!\d)")
_BOOK = re.compile(r"(?<![A-Za-z0-9])[A-Z]{1,2}[ -]?\d{6,7}(?![A-Za-z0-9])|^[a-z]\d{7}$")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+")
_LABEL = re.compile(
    r"\b(?:nik|no\.? ?(?:ktp|kk|hp|telp|paspor)|atas nama|nama (?:lengkap|korban|ibu|ayah|orang)|"
    r"tempat lahir|tgl\.? lahir|ttl)\s*[:=]",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+")

_PERSONAL_WORDS = frozenset(
    {
        *("nik", "ktp", "kk", "nokk", "noktp", "paspor", "passport", "telepon", "telp", "tlp"),
        *("phone", "telephone", "mobile", "hp", "nohp", "handphone", "wa", "whatsapp", "email"),
        *("surel", "alamat", "address", "korban", "victim", "penyintas", "survivor", "pelapor"),
        *("tersangka", "suspect", "saksi", "witness", "lahir", "birth", "birthdate", "dob"),
        *("umur", "usia", "age", "kelamin", "gender", "sex", "ibu", "ayah", "suami", "istri"),
        *("fullname", "firstname", "lastname", "surname", "person", "orang", "kontak", "contact"),
        *("visa", "identitas", "nomor_induk", "rekening", "account"),
    }
)
_NAME_WORDS = frozenset({"nama", "name", "names"})


def personal_heading(folded: str) -> str | None:
    """Kind of personal data that an unknown heading names, as a key of the catalogue, or None.

    Parameters
    ----------
    folded : str
        Heading in lower case, words joined by ``_``.
    """
    words = set(folded.split("_")) | {folded, folded.replace("_", "")}
    if words & _PERSONAL_WORDS:
        return "personal.persons"
    if words & _NAME_WORDS or folded.startswith("nama"):
        return "personal.names"
    return None


def find_personal(text: str, *, code: bool = False, money: bool = False) -> str | None:
    """Kind of personal data that a cell seems to hold, as a key of the catalogue, or None.

    Parameters
    ----------
    text : str
    code : bool
        The cell is of a column of area codes: bare digits there are a code without its dots.
    money : bool
        The cell is an amount of rupiah, whose digits may look like a telephone.
    """
    if len(text) < 6 or _INNOCENT.fullmatch(text):
        return None
    if not text.isascii():
        text = INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
        text = "".join(str(unicodedata.digit(c)) if c.isdigit() else c for c in text)
    if _LABEL.search(text) or _MAIL.search(text):
        return "personal.person"
    links = _LINK.findall(text)
    if links:
        if any(_RUN.search(link) for link in links):
            return _IDENTITY
        if any(_MOBILE.search(link) for link in links):
            return _PHONE
        text = _LINK.sub(" ; ", text)
    if not any(c.isdigit() for c in text):
        return None
    if _SCIENTIFIC.search(text):  # how a spreadsheet writes 16 digits
        return _IDENTITY
    text = _EXCUSED.sub(" ; ", text)
    if _is_identity(text):
        return _IDENTITY
    if not money and _is_phone(text, code=code):
        return _PHONE
    return _PASSPORT if _BOOK.search(text) else None


def _is_identity(text: str) -> bool:
    if _RUN.search(text):
        return True
    for match in _GROUPS.finditer(text):
        groups = re.findall(r"\d+", match.group())
        for start in range(len(groups)):
            joined, sizes = "", []
            for group in groups[start:]:
                joined += group
                sizes.append(len(group))
                if len(joined) >= 16:
                    break
            if len(joined) == 16 and _reads_as_one(groups[start : start + len(sizes)], joined):
                return True
    return False


def _reads_as_one(groups: list[str], joined: str) -> bool:
    sizes = tuple(map(len, groups))
    years = sizes == (4, 4, 4, 4) and all(g[:2] in {"19", "20"} for g in groups)
    return not years and (sizes in _READ_AS_ONE or set(sizes) == {1} or bool(nik.is_valid(joined)))


def _is_phone(text: str, *, code: bool) -> bool:
    for match in _PHONE_START.finditer(text):
        candidate = match.group()
        digits = re.sub(r"\D", "", candidate)
        if len(digits) <= 15 and _valid(candidate, digits, code=code):
            return True
        # Several numbers in one cell: each alone, then as the library splits them.
        for part in re.split(r"\s*/\s*|\s{2,}|\s-\s", candidate):
            plain = re.sub(r"\D", "", part)
            if 8 <= len(plain) <= 15 and _valid(part, plain, code=code):
                return True
        if len(digits) > 15 and any(phonenumbers.PhoneNumberMatcher(candidate, "ID")):
            return True
    return False


def _valid(candidate: str, digits: str, *, code: bool) -> bool:
    tries = []
    if candidate.lstrip("(").startswith(("0", "+")):
        tries.append(candidate)
        if digits.startswith("00"):
            tries.append(f"+{digits[2:]}")
    if digits.startswith("62"):
        tries.append(f"+{digits}")
    if re.match(r"8[1-9]", digits) and not code and 9 <= len(digits) <= 12:
        tries.append(f"0{digits}")  # a spreadsheet dropped the leading zero
    for spelling in tries:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(spelling, "ID")):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False
