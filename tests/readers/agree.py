"""Figures of agreement by scikit-learn, statsmodels and pingouin, from the units that a run of
`agree --json` wrote down.

usage: agree.py AGREEMENT.json; prints the same figures as they compute them.
"""

import json
import pathlib
import sys
import warnings

warnings.simplefilter("ignore")

import numpy
import pandas
import pingouin
from sklearn.metrics import cohen_kappa_score, f1_score
from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

agreement = json.loads(pathlib.Path(sys.argv[1]).read_text())
raters = agreement["raters"]
kinds = [[r["kind"] if r else "none" for r in unit["ratings"]] for unit in agreement["units"]]
found = {"cohen": [], "f1": [], "onset": []}
for a in range(len(raters)):
    for b in range(a + 1, len(raters)):
        pairs = [(k[a], k[b]) for k in kinds if (k[a], k[b]) != ("none", "none")]
        first, second = zip(*pairs)
        found["cohen"].append(cohen_kappa_score(first, second))
        # Who is taken for the truth does not matter to F1.
        found["f1"].append(f1_score([k != "none" for k in first], [k != "none" for k in second]))
        both = [(u["ratings"][a], u["ratings"][b]) for u in agreement["units"]]
        both = [(x["start_s"], y["start_s"]) for x, y in both if x and y]
        x, y = numpy.array(both).T
        difference = y - x
        sd = difference.std(ddof=1)
        found["onset"].append([difference.mean(), difference.mean() - 1.96 * sd, difference.mean() + 1.96 * sd])
table, _ = aggregate_raters(numpy.array(kinds))
found["fleiss"] = fleiss_kappa(table)

counts = pandas.DataFrame(
    [(t, r, v) for t, row in enumerate(json.loads(sys.argv[2]) if len(sys.argv) > 2 else []) for r, v in enumerate(row)],
    columns=["target", "rater", "count"])
if len(counts):
    icc = pingouin.intraclass_corr(counts, targets="target", raters="rater", ratings="count").set_index("Type")
    row = icc.loc[[name for name in icc.index if name in ("ICC2", "ICC(A,1)")][0]]
    low_high = row["CI95%"] if "CI95%" in row else row["CI95"]
    found["icc"] = [float(row["ICC"]), *map(float, low_high)]
print(json.dumps(found))
