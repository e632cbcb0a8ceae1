"""`python -m videos SLUG…` or `--all`."""

from __future__ import annotations

import argparse
import sys

from videos.script import ScriptError, slugs

BAR = 32


def show(slug: str, stage: str, share: float) -> None:
    """One line that grows."""
    filled = round(BAR * share)
    bar = "█" * filled + "·" * (BAR - filled)
    sys.stderr.write(f"\r{slug:<28} {stage:<9} {bar} {share:>4.0%} ")
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Make the videos that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m videos", description="Make videos of sessions from their texts.")
    parser.add_argument("slugs", nargs="*", metavar="SLUG", help="which videos")
    parser.add_argument("--all", action="store_true", help="every video there is a text for")
    parser.add_argument(
        "--sheet", type=float, metavar="SECONDS", help="only a sheet of small pictures, one every so often"
    )
    parser.add_argument(
        "--only", choices=("sound", "picture", "small"), help="make only this anew; the rest must still fit"
    )
    parser.add_argument("--texts", action="store_true", help="only captions and transcripts")
    asked = parser.parse_args(arguments)
    wanted = slugs() if asked.all else asked.slugs
    if not wanted:
        parser.error(f"say which: {', '.join(slugs())}, or --all")
    try:
        for slug in wanted:
            _one(slug, asked)
    except (ScriptError, RuntimeError) as trouble:
        sys.stderr.write(f"\n{trouble}\n")
        return 1
    return 0


def _one(slug: str, asked: argparse.Namespace) -> None:
    try:
        from videos import making
    except ModuleNotFoundError as missing:
        raise RuntimeError(f"{missing.name} is missing: `make videos` installs what making videos needs.") from None
    if asked.sheet:
        sys.stdout.write(f"{making.write_contact_sheet(slug, asked.sheet)}\n")
    elif asked.texts:
        making.write_texts(making.prepare(slug)[0])
    else:
        entry = making.make(slug, lambda stage, share: show(slug, stage, share), only=asked.only)
        sys.stderr.write(f"\n{slug}: {entry['seconds']:.0f} s, {entry['size'] / 2**20:.1f} MiB\n")


if __name__ == "__main__":
    raise SystemExit(main())
