"""Make coursekit/data/bundle/alice.xz from a copy of the Canterbury corpus; the source of the package `brotli` has one.

    pip download --no-binary :all: --no-deps brotli==1.1.0 && tar xzf [Bb]rotli-1.1.0.tar.gz
    python -m recipes.bundle_alice Brotli-1.1.0/tests/testdata/alice29.txt [--check]

Line ends become "\\n", and the mark of the end of a file of the days of CP/M goes.
"""

import argparse
import hashlib
import lzma
import sys
from pathlib import Path

ORIGINAL = "7467306ee0feed4971260f3c87421154a05be571d944e9cb021a5713700c38f0"  # 152 089 bytes


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path, help="alice29.txt")
    parser.add_argument("--check", action="store_true", help="write nothing; compare with what is bundled")
    arguments = parser.parse_args()

    from coursekit.data.text import FILE

    original = arguments.file.read_bytes()
    if hashlib.sha256(original).hexdigest() != ORIGINAL:
        sys.exit(f"{arguments.file} is not the file of the corpus: its SHA-256 is another one")
    text = original.replace(b"\r\n", b"\n").rstrip(b"\x1a")
    if not arguments.check:
        FILE.write_bytes(lzma.compress(text, preset=9 | lzma.PRESET_EXTREME))
    same = lzma.decompress(FILE.read_bytes()) == text
    print(f"{FILE.name}: {'same content' if same else 'different'}, {FILE.stat().st_size} bytes")
    sys.exit(not same)


if __name__ == "__main__":
    main()
