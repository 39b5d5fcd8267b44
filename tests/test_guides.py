"""What the guides tell is so: commands give what is shown, references name what there is.

``pytest tests/test_guides.py -m long --pictures`` makes the pictures of printed files
(``docs/images/paper``) from the files that the commands of the guides write; needs ``pdftoppm``,
and LibreOffice for those of Word.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from api.http.metrics import Metrics
from tests.guide import ROOT, Command, follow, parts, runner

DOCS = ROOT / "docs"
DEPLOY = ROOT / "deploy"
GUIDES = (
    "administrator", "import", "ngo", "operations", "plan", "planner", "police", "steward",
)  # fmt: skip
LANGUAGES = ("en", "id")
both = pytest.mark.parametrize("language", LANGUAGES)
PAPER = DOCS / "images" / "paper"
PAPER_DOTS_PER_INCH = 90


def guide(name: str, language: str) -> str:
    return (DOCS / f"{name}-guide.{language}.md").read_text("utf-8")


@pytest.mark.long
@pytest.mark.parametrize("name", GUIDES)
@both
def test_commands_give_what_the_guide_shows(
    built_home: Path, tmp_path: Path, pytestconfig: pytest.Config, name: str, language: str
) -> None:
    home = shutil.copytree(built_home, tmp_path / "home")
    folder = tmp_path / "desk"
    folder.mkdir()
    assert follow(guide(name, language), folder, runner(folder, home, language)) == []
    for picture, file in papers(name, language):
        written = folder / file
        assert written.is_file()
        if pytestconfig.getoption("pictures"):
            first_page(written).save(PAPER / picture, quality=72, method=6)


def papers(name: str, language: str) -> list[tuple[str, str]]:
    """Pictures of printed files in a guide, ``GUIDE-FILE.LANGUAGE.webp``, and the file of each."""
    commands = [part for part in parts(guide(name, language)) if isinstance(part, Command)]
    written = {Path(word).stem: word for command in commands for word in command.words}
    named = re.findall(r"images/paper/([\w.-]+)\)", guide(name, language))
    return [
        (picture, written[picture.removeprefix(f"{name}-").removesuffix(f".{language}.webp")])
        for picture in named
    ]


def first_page(file: Path) -> Image.Image:
    if file.suffix == ".docx":
        office = ["soffice", "--headless", "--convert-to", "pdf", "--outdir", str(file.parent)]
        subprocess.run([*office, str(file)], check=True, capture_output=True)
        file = file.with_suffix(".pdf")
    dots = str(PAPER_DOTS_PER_INCH)
    page = subprocess.run(
        ["pdftoppm", "-f", "1", "-l", "1", "-r", dots, "-png", str(file)],
        check=True, capture_output=True,
    )  # fmt: skip
    return Image.open(io.BytesIO(page.stdout)).convert("RGB")


def test_pictures_of_printed_files_are_of_files_that_a_command_writes() -> None:
    named = [
        picture
        for name in GUIDES
        for language in LANGUAGES
        for picture, _ in papers(name, language)
    ]
    assert len(named) > 5
    assert sorted(named) == sorted(path.name for path in PAPER.iterdir())


@pytest.mark.parametrize("name", GUIDES)
def test_both_languages_give_the_same_commands_and_files(name: str) -> None:
    told = [
        [part.words if isinstance(part, Command) else part for part in parts(guide(name, language))]
        for language in LANGUAGES
    ]
    assert told[0] == told[1]
    assert len(told[0]) > 5


@both
def test_every_line_of_the_log_is_in_the_reference(language: str) -> None:
    said = {
        match[1].split("%")[0].rstrip(": ")
        for path in (ROOT / "api").rglob("*.py")
        for match in re.finditer(
            r"\blog\.(?:warning|error|exception)\(\s*\"([^\"]+)\"", path.read_text("utf-8")
        )
    } - {""}  # "%s": an error of its own
    assert len(said) > 8
    table = guide("operations", language)
    missing = {line for line in said if f"`{line}`" not in table}
    assert not missing


@both
def test_every_metric_is_in_the_reference(language: str) -> None:
    metrics = Metrics()
    metrics.answered("GET", "/", 200, 0.1)
    text = metrics.exposition({}).decode()
    names = set(re.findall(r"^# TYPE (\S+)", text, re.MULTILINE))
    named = set(re.findall(r"`((?:petajaga|process)_\w+)`", guide("operations", language)))
    assert named == {name for name in names if not name.endswith("_created")}


@both
def test_the_settings_a_guide_names_are_settings(language: str) -> None:
    from api.settings import Settings

    known = {f"PETAJAGA_{name.upper()}" for name in Settings.model_fields} | {"PETAJAGA_LANG"}
    texts = [guide("operations", language), *(p.read_text("utf-8") for p in DEPLOY.iterdir())]
    named = {name for text in texts for name in re.findall(r"PETAJAGA_[A-Z_]+", text)}
    assert named <= known


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
def test_systemd_understands_the_units(tmp_path: Path) -> None:
    units = [path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"}]
    assert len(units) == 3
    for unit in units:  # the program is not in /opt here
        text = unit.read_text("utf-8").replace("/opt/petajaga/.venv/bin/petajaga", "/bin/true")
        (tmp_path / unit.name).write_text(text, "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")


def test_commands_of_units_and_container_are_commands() -> None:
    from api.cli.application import COMMANDS

    known = set(COMMANDS)
    texts = "\n".join(path.read_text("utf-8") for path in DEPLOY.iterdir())
    used = set(re.findall(r"bin/petajaga (\w+)", texts)) | {
        re.search(r'^CMD \["(\w+)"', texts, re.MULTILINE)[1]  # type: ignore[index]
    }
    assert {"serve", "backup"} <= used <= known


@both
def test_the_administrators_table_has_every_setting(language: str) -> None:
    from api.settings import Settings

    table = guide("administrator", language).partition("\n## 7. ")[2].partition("\n## 8. ")[0]
    named = re.findall(r"PETAJAGA_[A-Z_]+", table)
    assert sorted(named) == sorted(f"PETAJAGA_{name.upper()}" for name in Settings.model_fields)


@both
def test_what_a_refusal_is_quoted_as_is_what_is_said(language: str) -> None:
    table = guide("steward", language).partition("\n## 2. ")[2].partition("\n## 3. ")[0]
    quoted = re.findall(r"^\| ([^|`]+?) \| [^|]+ \|$", table, re.MULTILINE)[2:]
    assert len(quoted) == 7
    said = (ROOT / "geo" / "i18n" / f"{language}.po").read_text("utf-8")
    assert [words for words in quoted if f"{words}" not in said] == []


@pytest.mark.parametrize("name", [*GUIDES, "province"])
@both
def test_links_within_the_guides_lead_somewhere(name: str, language: str) -> None:
    for file, anchor in re.findall(r"\]\(([\w./-]*)(?:#([\w-]+))?\)", guide(name, language)):
        path = DOCS / (file or f"{name}-guide.{language}.md")
        assert path.exists(), file
        if anchor and path.suffix == ".md":
            titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)
            marks = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
            assert anchor in marks, f"{file}#{anchor}"
