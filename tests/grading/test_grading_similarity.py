"""Pairs of submissions: what counts as common, what does not, and how the work grows."""

import random
import re
import time
from collections import Counter

import pytest
from invented import NAME
from small_assignment import HONEST, notebook
from test_grading_feedback import check_page

from coursekit import cli
from coursekit.grading import similarity
from coursekit.grading.gradebook import Gradebook
from coursekit.grading.pairs import pairs_page
from coursekit.grading.similarity import COMMON, Fingerprint, K, W, fingerprint, similar_pairs, tokens

GIVEN = "def given(x):\n" + "".join(f"    x = x * {n} + given.table[x]\n" for n in range(20)) + "    return x"
STARTER = [("cell 1", GIVEN)]


def program(seed, lines=30):
    """A program that nobody else writes."""
    rng = random.Random(seed)
    names = ["alpha", "beta", "gamma", "delta"]
    kinds = [
        "{a} = {b} + {n}", "if {a} > {b}:\n    {a} = [{b}, {n}]", "for {a} in range({n}):\n    {b} += {a} ** {n}",
        "{a}.append({b} % {n})", "{a} = {{{b}: {n}}}", "while {a} < {n}:\n    {a} -= {b} // {n}",
        "print({a}, {b}, {n})",
        "{a}, {b} = {b}, {a}", "def {a}({b}, *{a}):\n    return {b} - {n}", "{a} = lambda {b}: {b} & {n}",
    ]  # fmt: skip
    text = []
    for _ in range(lines):
        a, b = rng.sample(names, 2)
        text.append(rng.choice(kinds).format(a=a, b=b, n=rng.randrange(1000)))
    return "\n".join(text)


def renamed(source):
    for old, new in (("alpha", "x1"), ("beta", "y1"), ("gamma", "z1"), ("delta", "w1")):
        source = source.replace(old, new)
    return re.sub(r"\d\d+", "77", source).replace("\n", "  # mine\n")


def prints_of(sources):
    found = [fingerprint(name, notebook(GIVEN, source), STARTER) for name, source in sources.items()]
    return [each for each in found if each is not None]


def names_of(pairs):
    return [(pair["first"], pair["second"]) for pair in pairs]


def test_a_copy_is_found_under_other_names():
    sources = {f"s{n:02}": program(n) for n in range(30)}
    sources["copy"] = renamed(sources["s07"])
    sources["half"] = "\n".join(sources["s09"].splitlines()[:20]) + "\n" + program(1000, 15)
    pairs = similar_pairs(prints_of(sources), 0.4)
    assert names_of(pairs) == [("copy", "s07"), ("half", "s09")]
    assert pairs[0]["same"]
    assert pairs[0]["lines"] == 0  # the comments and numbers are others
    assert 0.4 <= pairs[1]["share"] < 1
    assert pairs[1]["lines"] > 5


def test_what_everybody_was_given_or_writes_does_not_count():
    common = program(999)
    sources = {f"s{n:02}": f"{common}\n{program(n)}" for n in range(COMMON[0] + 2)}
    prints = prints_of(sources)
    assert len(similar_pairs(prints[:4])) == 6  # what four have in common is no more than theirs
    assert similar_pairs(prints) == []
    assert prints_of({"anna": "", "ben": "x = 1"}) == []  # nothing of their own
    assert prints_of({"cara": GIVEN.replace("given", "mine")}) == []


def test_a_copy_that_went_round_does_not_hide_itself():
    sources = {f"s{n:02}": program(n) for n in range(10)} | {f"copy{n:02}": program(99) for n in range(COMMON[0] + 10)}
    pairs = similar_pairs(prints_of(sources))
    assert {name for pair in names_of(pairs) for name in pair} == {f"copy{n:02}" for n in range(COMMON[0] + 10)}
    assert all(pair["same"] for pair in pairs)


def test_what_winnowing_promises():
    """Two cells that share K + W - 1 tokens share a passage, wherever they stand."""
    rng = random.Random(1)
    marks = "+-*/%&|^<>@"
    for _ in range(200):
        shared = " ".join(rng.choice(marks) for _ in range(K + W - 1))
        one, two = (
            " ".join([*rng.choices(marks, k=rng.randrange(40)), shared, *rng.choices(marks, k=rng.randrange(40))])
            for _ in range(2)
        )
        first, second = (fingerprint(str(k), notebook(source)) for k, source in enumerate((one, two)))
        assert first.prints & second.prints


ODD = ["%matplotlib inline\n!ls", "def f(:\n  '''never closed", "x = 'a\\", '"' * 1001, "\ud800\x00\u202e"]


@pytest.mark.parametrize("source", [*ODD, "\u00e9 = 1" * 5000, "'\\" * 5000])
def test_whatever_is_in_a_cell_becomes_tokens(source):
    began = time.process_time()
    assert all(line >= 1 for _, line in tokens(source))
    assert time.process_time() - began < 1
    fingerprint("anna", notebook(source, program(1)))


def test_damaged_notebooks_are_nobody():
    for data in (b"", b"{", b"[]", b'{"cells": []}'):
        assert fingerprint("anna", data) is None


@pytest.mark.parametrize("number", [60, 300, 900])
def test_the_work_grows_with_the_class_and_not_with_its_pairs(monkeypatch, number):
    """Pairs are counted along lists of who has a passage, and no list is longer than a bound that ends at 50."""
    rng = random.Random(number)
    pool = range(number)  # so that each passage is in about 40 submissions
    prints = [
        Fingerprint(f"s{k}", [], frozenset(rng.sample(pool, 40)), {}, frozenset(), str(k).encode())
        for k in range(number)
    ]
    lists = Counter()
    real = similarity._overlaps
    monkeypatch.setattr(similarity, "_overlaps", lambda sets: lists.update(v for s in sets for v in s) or real(sets))
    similar_pairs(prints)
    assert max(lists.values(), default=0) <= min(max(COMMON[0], number // 10), COMMON[1]) <= 50


def test_the_page_shows_both_sides(tmp_path):
    sources = {"<b>anna": program(1), "ben": renamed(program(1)) + "\nprint('<script>')", "cara": program(2)}
    prints = prints_of(sources)
    pairs = similar_pairs(prints)
    assert names_of(pairs) == [("<b>anna", "ben")]
    page = pairs_page("T <x>", pairs, prints)
    words = check_page(page)
    assert "no more than that" in words
    assert "# mine" in words
    assert page.count("<mark>") > 20
    assert "cara" not in words
    check_page(pairs_page("T", [], prints))


def test_the_command(own_folder, class_folder, tmp_path, capsys):
    for student in ("anna", "ben"):
        class_folder(student, notebook(*HONEST, program(1)))
    class_folder("cara", notebook(*HONEST, program(2)))
    class_folder("damaged", b"{")
    arguments = ["similar", str(class_folder.folder), "--assignment", "01", "--solutions", str(own_folder.parent)]
    arguments += ["--out", str(tmp_path / "grades")]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "anna  ben  the same, token for token" in said
    assert "1 pairs of 3 submissions to look at, 1 had nothing to compare" in said
    with Gradebook(tmp_path / "grades") as book:
        pairs, number = book.similar(NAME)
    assert (names_of(pairs), number) == ([("anna", "ben")], 3)
    check_page((tmp_path / "grades" / "similar-01-small.html").read_text())
    with pytest.raises(SystemExit):
        cli.main([*arguments, "--least", "0"])
