"""Papers of the project: who may use it and how; links between documents lead somewhere."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

from layers.exports.data_package import _LICENCE_ID
from layers.release.attribution import ATTRIBUTION

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LICENCES = (ROOT / "docs" / "LICENCES.md").read_text("utf-8")
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)


def documents() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return [ROOT / name for name in listed.stdout.split("\0") if name]


def anchors(text: str) -> set[str]:
    """Anchors of the headings of a document, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text), re.MULTILINE)
    plain = (re.sub(r"\[([^]]*)\]\([^)]*\)|[`*]", r"\1", heading) for heading in headings)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in plain}


def test_an_anchor_is_the_heading_without_signs() -> None:
    text = "## May I publish `this` map?\n```\n# none\n```\n### 6. Protection, [of](x) it\n"
    assert anchors(text) == {"may-i-publish-this-map", "6-protection-of-it"}


def test_every_link_between_documents_leads_somewhere() -> None:
    lost = []
    for document in documents():
        for link in _LINK.findall(_FENCE.sub("", document.read_text("utf-8"))):
            name, _, anchor = link.partition("#")
            if ":" in name:
                continue
            target = (document.parent / name).resolve() if name else document
            is_text = target.suffix == ".md" and target.is_file()
            if not target.exists() or (
                anchor and is_text and anchor not in anchors(target.read_text("utf-8"))
            ):
                lost.append(f"{document.relative_to(ROOT)}: {link}")
    assert not lost


def test_the_citation_is_of_this_version_and_licence() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= cited.keys()
    assert (cited["version"], cited["license"]) == (PROJECT["version"], PROJECT["license"])


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_notice_to_copy_is_that_of_a_release(language: str) -> None:
    notice = " ".join(message.in_language(language) for message in ATTRIBUTION)
    assert f"\n> {notice}\n" in LICENCES


def test_files_of_data_are_given_out_as_the_licences_say() -> None:
    assert _LICENCE_ID == "odc-odbl"
    row = next(line for line in LICENCES.splitlines() if line.startswith("| a file of the public"))
    assert "under ODbL 1.0" in row


def test_others_files_in_the_checkout_have_their_licence_beside_them() -> None:
    for folder in (ROOT / "api" / "web" / "vendor").iterdir():
        assert (folder / "LICENSE.txt").is_file()
        assert str(folder.relative_to(ROOT)) in LICENCES


def test_the_readme_leads_to_the_papers() -> None:
    linked = set(_LINK.findall((ROOT / "README.md").read_text("utf-8")))
    assert {"LICENSE", "docs/LICENCES.md", "CITATION.cff", "CODE_OF_CONDUCT.md"} <= linked
