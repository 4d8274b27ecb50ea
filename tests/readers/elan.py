"""Edits an exported ELAN file with pympi, as a rater's script would.

usage: elan.py IN.eaf OUT.eaf; takes the first event and the first blink out, moves the end of the
second event by 100 ms with its regions, makes the third a spasm, adds an event and a blink at 0.2 s.
"""

import json
import sys

import pympi

eaf = pympi.Elan.Eaf(sys.argv[1])
events = sorted(eaf.get_annotation_data_for_tier("events"))
print([list(e) for e in events], file=sys.stderr)
first, second, third = events[:3]


def remove(tier, start, end):
    eaf.remove_annotation(tier, (start + end) // 2)


def of(number):
    for tier in eaf.get_tier_names():
        if tier in ("events", "blinks", "tasks", "not measured"):
            continue
        for start, end, text in list(eaf.get_annotation_data_for_tier(tier)):
            if text.split()[0] == number:
                yield tier, start, end, text


for tier, start, end, _ in list(of(first[2].split()[0])):
    remove(tier, start, end)
remove("events", first[0], first[1])

last = max(end for _, _, end, _ in of(second[2].split()[0]))
for tier, start, end, text in list(of(second[2].split()[0])):
    if end == last:
        remove(tier, start, end)
        eaf.add_annotation(tier, start, end + 100, text)
remove("events", second[0], second[1])
eaf.add_annotation("events", second[0], second[1] + 100, second[2])

remove("events", third[0], third[1])
words = third[2].split()
words[1] = "spasm"
eaf.add_annotation("events", third[0], third[1], " ".join(words))

blinks = sorted(eaf.get_annotation_data_for_tier("blinks")) if "blinks" in eaf.get_tier_names() else []
if blinks:
    remove("blinks", blinks[0][0], blinks[0][1])
else:
    eaf.add_tier("blinks")
eaf.add_annotation("events", 200, 500, "twitch left cheek")
eaf.add_annotation("blinks", 200, 420, "blink")
eaf.to_file(sys.argv[2])
print(json.dumps({"events": len(events), "blinks": len(blinks)}))
