"""Detection of identity, telephone and passport numbers in a text, however they are written.

*Identity numbers* (NIK and family card) have 16 digits: district, date (of birth, the day plus 40
for women, or of registration) and serial number. Any run of 16 digits counts as one, and so do 16
digits of this structure with whatever marks between them.

*Telephone numbers* are those that ``phonenumbers`` finds valid: in Indonesia, with a country code
anywhere, and in Malaysia as they are written there. *Passport numbers* are a letter with 7 digits
or two letters with 6.

Digits of any script count, letters written for digits too (``O`` for 0, ``x`` for a hidden one).
What only looks alike is taken out first: coordinates, dates, area codes, amounts of money, decree,
parcel and commodity numbers.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

import phonenumbers

__all__ = ["find_personal"]

_IDENTITY = "personal.identity_number"
_PHONE = "personal.telephone"
_PASSPORT = "personal.passport"

_DECIMAL = (
    r"[-+]?(?:(?:0|[1-9]\d{0,2})\.\d+(?:[eE]-\d{1,2})?|[1-9]\d{3,4}\.\d{5,}|[1-9]\d{3,6}\.\d{1,3})"
)
_CODE = r"[1-9]\d(?:\.\d\d){1,2}(?:\.[1-3]\d{3})?"
_YEAR = r"(?:19|20)\d\d"
_YMD = rf"{_YEAR}[-/.](?:0?[1-9]|1[0-2])[-/.](?:0?[1-9]|[12]\d|3[01])"
_DMY = rf"(?:0?[1-9]|[12]\d|3[01])[-/.](?:0?[1-9]|1[0-2])[-/.]{_YEAR}"
_MY = rf"(?:0?[1-9]|1[0-2])[-/.]{_YEAR}|{_YEAR}[-/.](?:0[1-9]|1[0-2])"
_TIME = r"(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?)?"
_DATE = rf"(?:{_YMD}|{_DMY}){_TIME}|{_MY}"
_THOUSANDS = r"[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3}){0,3}(?:[.,]\d{1,2})?"
_INNOCENT = re.compile(rf"{_DECIMAL}|{_THOUSANDS}|\d{{1,7}}|{_CODE}|{_DATE}|[^\W\d_]+")


def _alone(pattern: str) -> re.Pattern[str]:
    """``pattern`` where no further digits or letters adjoin it."""
    return re.compile(rf"(?<![\w.+-])(?:{pattern})(?![\w.]*\d)", re.IGNORECASE)


_STAMP = r"20\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:[01]\d|2[0-3])[0-5]\d[0-5]\d{3,7}"
_NUMBERS_FIRST = _alone(rf"{_DECIMAL}|{_DATE}|{_STAMP}")
"""Taken out before the search for identity numbers."""
_CODES = _alone(_CODE)
_IDENTIFIERS = re.compile(
    r"\b(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?=\w*[a-f])[0-9a-f]{32}(?:[0-9a-f]{8})*"
    r"|(?:node|way|relation)[ /]\d+)\b",
    re.IGNORECASE,
)
"""UUIDs, hashes and objects of OpenStreetMap."""
_ANGLE = r"\d{1,3}\s?°(?:\s?\d{1,2}(?:[.,]\d+)?\s?')?(?:\s?\d{1,2}(?:[.,]\d+)?\s?(?:\"|''))?"
_GRID = r"[xe]\W{0,3}\d{5,6}(?:[.,]\d+)?\W{1,4}[yn]\W{0,3}\d{6,8}(?:[.,]\d+)?"
_AMOUNT = (
    r"(?:(?:rp|idr|usd|us\$|myr|rm|sgd|\$)\.?\s{0,2}\d[\d.,]{0,25})"
    r"|\d[\d.,]{0,25}\s?(?:rupiah|idr|km2|km²|m2|ha|jiwa|orang|persen|%|ton|gt)\b"
)
_UNLIKE = re.compile(
    rf"{_ANGLE}|\b(?:{_GRID})\b|(?<![\w.,])(?:{_AMOUNT})|\bISBN\b[\d\s:x-]+", re.IGNORECASE
)
"""Angles, grid coordinates, amounts and books."""
_DECREE = rf"\d{{1,6}}(?:\.\d{{1,6}}){{0,4}}(?:/[\w.-]{{1,20}}){{0,5}}/{_YEAR}(?!/)"
_PARCEL = r"\d\d(?:\.\d\d){3}\.\d{5}|\d\d\.\d\d(?:\.\d{3}){3}[.-]\d{4}\.\d"
_HOURS = r"[01]\d(?:00|15|30|45) ?- ?[0-2]\d(?:00|15|30|45)(?!\s?[-\d])"
_COMMODITY = r"\d{4}\.\d\d(?:\.\d\d)?|[1-9]\d{3}(?:\.\d\d){3}"
_NUMBERS_LATER = re.compile(
    rf"(?<![\w.+/-])(?:{_THOUSANDS}|{_DECREE}|{_PARCEL}|{_HOURS}|{_COMMODITY})(?![\w.]*\d)"
)
"""Taken out before the search for telephones and passports."""

_FIVE_DIGITS = re.compile(r"\d(?:\D*\d){4}|[A-Z]{1,2}[\dOoxX*]{6}")
_SCIENTIFIC = re.compile(r"(?<![\w.])\d[.,]?\d*\s?(?:[eE]\+?0?|[x×*]\s?10\s?\^?\s?)1[5-9]\b")
_RUN = re.compile(r"\d{16}")
_LETTERED = re.compile(
    r"(?<![^\W\d_])(?=[OoXxlI*]*\d)(?:[\dOoXxlI]|\*{2,}){3,}(?![^\W\d_])|(?<!\w)[Xx*]{2,4}(?!\w)"
)
_LETTERS = str.maketrans("OolIX*", "0011xx")
_GROUP = re.compile(r"(?<![^\W_])[\dx]+(?![^\W_])")
_GAP = re.compile(r"[\W_]{1,3}")
_IN_LINE = re.compile(r"[ ().\-/]{1,3}")
"""Between the groups of any telephone; other marks only between those of a mobile one."""
_DAY = r"(?:[04x][1-9x]|[1256x][\dx]|[37x][01x])(?:[0x][1-9x]|[1x][0-2x])[\dx]{2}"
_DATED = re.compile(rf"[\dx]{{6}}{_DAY}[\dx]{{4}}")
_STRUCTURE = re.compile(
    r"(?:1[1-9x]|21|3[1-6x]|5[1-3x]|6[1-5x]|7[1-6x]|8[12x]|9[1-7x]|x[\dx]|[1-9]x)"
    rf"[0-37x][\dx][0-6x][\dx]{_DAY}[\dx]{{4}}"
)
_LEAST_DIGITS = 8
"""Fewer digits of an identity number, the others being hidden, tell nobody apart."""
_LISTING = re.compile(r"[,;/]\s|\s[,;/]")
"""Between the members of a list."""
_DATED_SIZES = frozenset({(6, 6, 4), (2, 2, 2, 6, 4), (2, 4, 6, 4), (2, 2, 2, 2, 2, 2, 4)})

_ABROAD = tuple(map(str, (62, 60, 65, 673, 852, 853, 886, 966, 971, 974, 965, 968)))
"""Codes of countries that are also written without a plus."""
_MALAYSIA = re.compile(
    r"(?<![\w.,+-])\(?0(?:1\d\)?[-. ]?\d{3,4}[-. ]?\d{4}|[3-9]\d?\)?[- ]\d{3,4}[ -]?\d{3,4})(?!\w)"
)
_NO_ZERO = frozenset({(3, 4, 3), (3, 4, 4), (3, 4, 5), (3, 3, 4)})
"""Sizes of the groups of a mobile number that lost its leading zero."""
_MOST_HIDDEN = 4
"""More hidden digits than this leave no number that can be called."""
_MOST_TRIES = 200
"""Combinations of groups that are tried, which bounds the time a long text takes."""
_PHONE_LABEL = re.compile(
    r"\b(?:hp|wa|whatsapp|telp|telepon|tel|tlp|phone|handphone|ponsel|fax)\b"
    r"[\s.:=()]{0,4}\+?\d(?:[\s.()/-]{0,3}\d){5}",
    re.IGNORECASE,
)
_LABEL_AT_DIGITS = re.compile(
    r"\b(nik|n?kk|ktp|hp|wa|telp?|tlp|no|phone|paspor|passport)(?=[+\d])", re.IGNORECASE
)

_PASSPORT_LABEL = re.compile(
    r"\b(?:paspor|pasport|passport)\b[^\d\n]{0,25}\d(?:[\W_]{0,2}\d){5}", re.IGNORECASE
)
_BOOK = re.compile(
    r"(?<![^\W_])(?:"
    r"[A-MO-PR-XZ][\W_]{0,3}\d(?:[ .-]{0,2}\d){6}"
    r"|[A-Z]{2}[\W_]{0,3}\d(?:[ .-]{0,2}\d){5}"
    r"|[A-MO-PR-XZ]\d{6}|[A-Z]{2}\d{7}"
    r"|[a-mo-ps-vxz]-?\d{7}|[a-z]{2}-?\d{6}|^[a-z]{1,2} \d{6,7}$"
    r")(?![^\W_])"
)
_NO_BOOK = re.compile(
    r"(?:ID|RP|NO|KM|HS|SK|RT|RW|HM|UU|PP|PM|PT|CV|GT|TK|SD|IM|NR|DI|KE|BT|LS|LU|BL)", re.IGNORECASE
)
"""Two letters that stand before numbers of other kinds."""
_ITEM = re.compile(r"[A-Z]+[. )]+\d{1,3}(?:\.\d{3})+")
"""An item of a list and its amount: ``A. 1.234.567``."""
_LETTERED_BOOK = re.compile(
    r"(?<![^\W_])([A-Z]{1,2}[ .:-]?)(?=.{6,7}(?![^\W_]))((?:O*\d){3}[\dOo]*[xX*]{0,4})"
)
_BOOK_LETTERS = str.maketrans("OoxX*", "00000")

_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+\.[\w.]+")
_LABEL = re.compile(
    r"\b(?:nik|no\.? ?(?:ktp|kk|hp|telp|paspor)|atas nama|nama (?:lengkap|korban|ibu|ayah|orang)|"
    r"tempat lahir|tgl\.? lahir|ttl)\s*[:=]",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://\S+")
_LINK_PHONE = re.compile(r"(?<![0-9A-Za-z])(?:\+?62|0)8[1-9]\d{7,10}(?!\w)")
_LINK_IDENTITY = re.compile(r"(?<!\d)\d{16}(?!\d)")


def find_personal(text: str, *, code: bool = False, money: bool = False) -> str | None:
    """Kind of personal data that a text seems to hold, as a key of the catalogue, or None.

    Parameters
    ----------
    text : str
    code : bool
        The cell is of a column of area codes: bare digits there are a code without its dots.
    money : bool
        The cell is an amount of rupiah, whose digits may look like a telephone.

    Examples
    --------
    >>> find_personal("hub. 0380 - 82 12 34"), find_personal("Rp 851.230.000")
    ('personal.telephone', None)
    """
    if len(text) < 6 or _INNOCENT.fullmatch(text):
        return None
    if not text.isascii():
        text = _in_ascii_digits(text)
    if _LABEL.search(text) or _MAIL.search(text):
        return "personal.person"
    if "://" in text:
        links = _LINK.findall(text)
        if any(_DATED.fullmatch(run) for link in links for run in _LINK_IDENTITY.findall(link)):
            return _IDENTITY
        if any(_LINK_PHONE.search(link) for link in links):
            return _PHONE
        text = _LINK.sub(" ; ", text)
    if not _FIVE_DIGITS.search(text):
        return None
    text = _IDENTIFIERS.sub(" ; ", _LABEL_AT_DIGITS.sub(r"\1 ", text))
    if _SCIENTIFIC.search(text):  # how a spreadsheet writes 16 digits
        return _IDENTITY
    text = _NUMBERS_FIRST.sub(" ; ", text)
    if _RUN.search(text):
        return _IDENTITY
    if not code and _PHONE_LABEL.search(text):
        return _PHONE
    text = _UNLIKE.sub(" ; ", text)
    if len(_CODES.findall(text)) > 1:
        text = _CODES.sub(" ; ", text)
    plain = _LETTERED.sub(lambda match: match.group().translate(_LETTERS), text)
    if any(_is_identity(groups, gaps) for groups, gaps in _series(plain)):
        return _IDENTITY
    text, plain = (_NUMBERS_LATER.sub(" ; ", _CODES.sub(" ; ", t)) for t in (text, plain))
    if not money and _is_phone(plain, code=code):
        return _PHONE
    return _PASSPORT if _is_passport(text) else None


_OF_CATEGORY: Mapping[str, Callable[[str], str]] = MappingProxyType(
    {
        **dict.fromkeys(("Cf", "Mn", "Me"), lambda _: ""),
        "Nd": lambda c: str(unicodedata.digit(c)),
        "Pd": lambda _: "-",
    }
)
"""What stands for a character of a Unicode category."""


def _in_ascii_digits(text: str) -> str:
    """Compatible characters (NFKC) without marks and invisible ones; digits as 0 to 9, one dash."""
    normal = unicodedata.normalize("NFKC", text).replace("\N{MINUS SIGN}", "-")
    return "".join(_OF_CATEGORY.get(unicodedata.category(c), str)(c) for c in normal)


def _series(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Groups of digits with no more than three marks between them, and the gaps before each."""
    groups: list[str] = []
    gaps: list[str] = []
    end = -1
    for match in _GROUP.finditer(text):
        gap = text[max(end, 0) : match.start()]
        if groups and not _GAP.fullmatch(gap):
            yield groups, gaps
            groups, gaps = [], []
        groups.append(match.group())
        gaps.append(gap[-3:])
        end = match.end()
    if groups:
        yield groups, gaps


def _is_identity(groups: list[str], gaps: list[str]) -> bool:
    for start in range(len(groups)):
        total = 0
        for end in range(start, len(groups)):
            total += len(groups[end])
            if total >= 16:
                if total == 16 and _reads_as_one(
                    groups[start : end + 1], gaps[start + 1 : end + 1]
                ):
                    return True
                break
    return False


def _reads_as_one(groups: list[str], gaps: list[str]) -> bool:
    """Whether groups of 16 digits in all are one identity number."""
    joined = "".join(groups)
    if len(set(joined)) < 4 or sum(c.isdigit() for c in joined) < _LEAST_DIGITS:
        return False
    sizes = tuple(map(len, groups))
    if sizes == (8, 8) and all(re.fullmatch(rf"\d{{4}}{_YEAR}", group) for group in groups):
        return False  # two dates
    if sizes not in _DATED_SIZES and any(map(_LISTING.search, gaps)):
        return False
    if _STRUCTURE.fullmatch(joined) or (sizes in _DATED_SIZES and _DATED.fullmatch(joined)):
        return True
    return (
        sizes == (4, 4, 4, 4)
        and len(set(gaps)) == 1
        and gaps[0] in {" ", "-", "."}
        and not all(group.endswith("00") or re.fullmatch(_YEAR, group) for group in groups)
    )


def _is_phone(text: str, *, code: bool) -> bool:
    if any(_valid(match.group(), "MY") for match in _MALAYSIA.finditer(text)):
        return True
    tries = 0
    for groups, gaps in _series(text):
        for start, group in enumerate(groups):
            gap = gaps[start]
            plus = gap.rstrip(" (").endswith("+")
            if start and not plus and not re.search(r"[\s;|/(:]", gap):
                continue
            if not (plus or group[0] in "0689x"):
                continue
            total = ""
            for end in range(start, len(groups)):
                total += groups[end]
                if len(total) > 15:
                    break
                if len(total) >= 8:
                    tries += 1
                    spelled = groups[start : end + 1], gaps[start + 1 : end + 1]
                    if _is_number(*spelled, plus=plus, code=code):
                        return True
            if tries > _MOST_TRIES:
                return False
    return False


def _is_number(groups: list[str], gaps: list[str], *, plus: bool, code: bool) -> bool:
    """Whether groups of digits are one telephone number."""
    digits = "".join(groups)
    if digits.count("x") > _MOST_HIDDEN:
        return False
    digits = digits.replace("x", "5")
    in_line = all(_IN_LINE.fullmatch(gap) and not _LISTING.search(gap) for gap in gaps)
    if plus:
        return _valid(f"+{digits}")
    if digits.startswith("00"):
        abroad = len(groups[0]) > 1 and digits[2:].startswith(_ABROAD)
        return abroad and _valid(f"+{digits[2:]}")
    if digits.startswith("0"):
        even = len(set(map(len, groups))) == len(set(gaps)) == 1
        mobile = digits[1] == "8"
        spelled = (len(groups[0]) > 2 or even) and (mobile or (in_line and len(digits) > 8))
        return spelled and _valid(digits, "ID")
    if len(groups) > 1:
        return in_line and _is_spaced_number(groups, dots="." in "".join(gaps), code=code)
    if code or not 10 <= len(digits) <= 13 or digits.endswith("000"):  # or an amount
        return False
    if digits[0] == "8" and len(digits) < 13 and _valid(f"0{digits}", "ID"):
        return True  # a spreadsheet dropped the leading zero
    return len(digits) > 10 and digits.startswith(_ABROAD) and _valid(f"+{digits}", mobile=True)


def _is_spaced_number(groups: list[str], *, dots: bool, code: bool) -> bool:
    """Whether groups without a leading zero or plus are one telephone number."""
    digits, sizes = "".join(groups).replace("x", "5"), tuple(map(len, groups))
    no_zero = sizes in _NO_ZERO and digits[0] == "8" and not dots and not code
    if no_zero and _valid(f"0{digits}", "ID"):
        return True
    joined_code = groups[0][:2] in {"60", "62"} and sizes[0] in {4, 5} and len(digits) > 9
    thousands = set(sizes[1:]) == {3}
    return (groups[0] in _ABROAD or joined_code) and not thousands and _valid(f"+{digits}")


@lru_cache(maxsize=1024)
def _valid(number: str, region: str | None = None, *, mobile: bool = False) -> bool:
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException:
        return False
    if mobile:
        return phonenumbers.number_type(parsed) == phonenumbers.PhoneNumberType.MOBILE
    return phonenumbers.is_valid_number(parsed)


def _is_passport(text: str) -> bool:
    if _PASSPORT_LABEL.search(text):
        return True
    text = _LETTERED_BOOK.sub(lambda match: match[1] + match[2].translate(_BOOK_LETTERS), text)
    for match in _BOOK.finditer(text):
        book = match.group()
        groups = re.findall(r"\d+", book)
        if book[1].isalpha() and (_NO_BOOK.match(book) or re.fullmatch(_YEAR, groups[-1])):
            continue  # a number of another kind, or number and year of a law
        if not _ITEM.fullmatch(book):
            return True
    return False
