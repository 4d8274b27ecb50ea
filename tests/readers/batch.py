"""Reads a batch's tables with pandas, polars and DuckDB, and runs the README's lines of Python.

usage: batch.py FOLDER README; FOLDER holds `cohort`, a batch's tables.
"""

import contextlib
import io
import json
import os
import re
import sys

import duckdb
import pandas
import polars

folder, readme = sys.argv[1], os.path.abspath(sys.argv[2])
os.chdir(folder)

KINDS = [("int", "integer"), ("float", "float"), ("double", "float"), ("bool", "flag"),
         ("str", "text"), ("object", "text"), ("varchar", "text")]


def kind(name):
    name = str(name).lower()
    return next((kind for part, kind in KINDS if part in name), name)


def told(rows, types, total, copies):
    return {"rows": rows, "types": types, "sum": total and round(float(total), 6), "copies": copies}


found = {}
for table in ("clips", "events", "blinks", "scores"):
    file = f"cohort/{table}.parquet"
    column = "blink_rate_per_min" if table == "clips" else None
    found[table] = {}
    # A column of whole numbers with gaps is one of floats in pandas' oldest ways; not in these.
    data = pandas.read_parquet(file, dtype_backend="numpy_nullable")
    found[table]["pandas"] = told(
        len(data), {c: kind(t) for c, t in data.dtypes.items()},
        column and data[column].sum(), table == "clips" and int(data["copy_of"].notna().sum()))
    data = polars.read_parquet(file)
    found[table]["polars"] = told(
        len(data), {c: kind(t) for c, t in data.schema.items()},
        column and data[column].sum(), table == "clips" and data["copy_of"].count())
    data = duckdb.sql(f"select * from '{file}'")
    found[table]["duckdb"] = told(
        len(data), {c: kind(t).replace("bigint", "integer") for c, t in zip(data.columns, data.types)},
        column and duckdb.sql(f"select sum({column}) from '{file}'").fetchone()[0],
        table == "clips" and duckdb.sql(f"select count(copy_of) from '{file}'").fetchone()[0])
found["clips"]["csv"] = {"sum": round(float(pandas.read_csv("cohort/clips.csv")["blink_rate_per_min"].sum()), 6)}

lines = re.findall(r"```python\n(.*?)```", open(readme, encoding="utf-8").read(), re.S)
said = io.StringIO()
with contextlib.redirect_stdout(said):
    for block in lines:
        exec(compile(block, "README.md", "exec"), {})
found["readme"] = [line for line in said.getvalue().splitlines() if line.strip()]
print(json.dumps(found))
