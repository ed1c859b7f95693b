# SPDX-License-Identifier: MIT
"""Processors and what they get, as a table: one row each, then the texts they share."""
import json
import textwrap

from . import say

KEYS = ("cpu", "features", "copy", "sites", "changed", "text_sha256")
SHORT = 12  # digits of a digest that tell texts apart in a table


def as_json(rows, out):
    for row in rows:
        keys = KEYS if "text_sha256" in row else ("cpu", "refused")
        print(json.dumps({key: row[key] for key in keys}, separators=(",", ":")), file=out)


def _name_features(row):
    """The features but the variant's, which has a column of its own."""
    return " ".join(name for name in row["features"] if not name.startswith("COPY_")) or "-"


def table(rows, out):
    width = max([len(row["cpu"]) for row in rows] + [3])
    heading = f"{'CPU':{width}}  {'copy':9} changed  {'text':{SHORT}}  features that matter"
    print(say.paint(heading, "1", out), file=out)
    for row in rows:
        if "refused" in row:
            print(f"{row['cpu']:{width}}  {say.paint('refused', '31', out)}: {row['refused']}",
                  file=out)
            continue
        changed = f"{row['changed']}/{row['sites']}"
        print(f"{row['cpu']:{width}}  {row['copy']:9} {changed:>7}  "
              f"{row['text_sha256'][:SHORT]}  {_name_features(row)}", file=out)


def groups(rows, out):
    """Which processors end with the same text, the largest group first."""
    texts = {}
    for row in rows:
        if "text_sha256" in row:
            texts.setdefault(row["text_sha256"], []).append(row)
    count = sum(map(len, texts.values()))
    print(f"\n{len(texts)} text{'s' * (len(texts) != 1)} for {count} "
          f"processor{'s' * (count != 1)}"
          + (f", {len(rows) - count} refused" if count < len(rows) else ""), file=out)
    for digest, same in sorted(texts.items(), key=lambda item: (-len(item[1]), item[0])):
        print(f"{say.paint(digest, '1', out)}  {len(same)}, copy {same[0]['copy']}", file=out)
        print(textwrap.fill(", ".join(row["cpu"] for row in same), 100, initial_indent="    ",
                            subsequent_indent="    ", break_long_words=False,
                            break_on_hyphens=False), file=out)


def show(rows, as_lines, out):
    if as_lines:
        as_json(rows, out)
        return
    table(rows, out)
    groups(rows, out)
