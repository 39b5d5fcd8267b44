"""Words of persons in a heading."""

from __future__ import annotations

__all__ = ["personal_heading"]

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
