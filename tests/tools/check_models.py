#!/usr/bin/env python3
"""Compares what the reader makes of models with the <name>.meta.json beside them.

usage: check_models.py MODEL_DUMP FOLDER

MODEL_DUMP is the built tool_model_dump, FOLDER the models of the shared zoo (any depth). Every tensor's name, type,
shape, buffer and quantization and every operator's name, version, tensors and options must agree.
"""
import json
import pathlib
import re
import subprocess
import sys

TENSOR = {"buffer": "buffer", "constant": "is_const", "variable": "is_variable", "sparse": "sparse"}


def camel(name):
    return re.sub(r"_(\w)", lambda m: m[1].upper(), name)


def near(ours, theirs):
    return len(ours) == len(theirs) and all(abs(a - b) <= 1e-6 * abs(b) for a, b in zip(ours, theirs))


def tensor_faults(ours, theirs):
    if ours["name"] != (theirs["name"] or ""):
        yield "name", ours["name"], theirs["name"]
    if ours["type"].upper() != theirs["dtype"]:
        yield "type", ours["type"], theirs["dtype"]
    if ours["shape"] != (theirs["shape"] or []):
        yield "shape", ours["shape"], theirs["shape"]
    if ours.get("shape_signature") != (theirs["shape_signature"] or None):
        yield "shape_signature", ours.get("shape_signature"), theirs["shape_signature"]
    for mine, other in TENSOR.items():
        # Constants without elements have no buffer to show.
        if other in theirs and ours[mine] != theirs[other] and not (mine == "constant" and not ours["bytes"]):
            yield mine, ours[mine], theirs[other]
    points = theirs.get("zero_points", [])
    if len(points) > 1 and ours["zero_points"] != points:
        yield "zero_points", ours["zero_points"], points
    if len(points) == 1 and set(ours["zero_points"]) - set(points):
        yield "zero_points", ours["zero_points"], points
    if "scales" not in theirs:
        return
    if not near(ours["scales"], theirs["scales"]):
        yield "scales", ours["scales"], theirs["scales"]
    if ours["axis"] != theirs["quantized_dimension"] and len(ours["shape"]) != 1:
        yield "axis", ours["axis"], theirs["quantized_dimension"]


def option_faults(ours, theirs):
    have = {camel(key): value for key, value in ours.items()}
    for key, want in (theirs or {}).items():
        if key not in have:
            if want is not None:
                yield key, "absent", want
        elif isinstance(want, float):
            if not near([have[key]], [want]):
                yield key, have[key], want
        elif isinstance(want, list) and not isinstance(have[key], list):
            continue  # bytes: only their number is printed
        elif (have[key] or 0) != (want or 0):
            yield key, have[key], want


def operator_faults(ours, theirs):
    for key in ("op", "version", "inputs", "outputs", "intermediates"):
        if ours[key] != theirs[key] and (ours[key] or theirs[key]):
            yield key, ours[key], theirs[key]
    for key, have, want in option_faults(ours["options"], theirs["options"]):
        yield f"options.{key}", have, want


def pairs_of(ours, theirs, key, faults):
    if len(ours[key]) != len(theirs[key]):
        yield f"number of {key}", len(ours[key]), len(theirs[key])
    for i, (a, b) in enumerate(zip(ours[key], theirs[key])):
        for name, have, want in faults(a, b):
            yield f"{key}[{i}].{name}", have, want


def subgraph_faults(ours, theirs):
    for key in ("name", "inputs", "outputs"):
        if ours[key] != theirs[key] and (ours[key] or theirs[key]):
            yield key, ours[key], theirs[key]
    yield from pairs_of(ours, theirs, "tensors", tensor_faults)
    yield from pairs_of(ours, theirs, "operators", operator_faults)


def model_faults(ours, theirs):
    if "error" in ours:
        yield "opens", ours["error"], "no error"
        return
    if ours["buffers"] != theirs["n_buffers"]:
        yield "buffers", ours["buffers"], theirs["n_buffers"]
    if ours["signatures"] != [signature["key"] for signature in theirs["signatures"] or []]:
        yield "signatures", ours["signatures"], theirs["signatures"]
    yield from pairs_of(ours, theirs, "subgraphs", subgraph_faults)


def main(tool, folder):
    paths = sorted(str(path) for path in pathlib.Path(folder).rglob("*.tflite"))
    run = subprocess.run([tool, *paths], capture_output=True, timeout=300)
    lines = run.stdout.decode("utf-8").splitlines()
    wrong = compared = 0
    for line in lines:
        ours = json.loads(line)
        meta = pathlib.Path(ours["path"].removesuffix(".tflite") + ".meta.json")
        theirs = json.loads(meta.read_text()) if meta.exists() else None
        if theirs is None and "error" not in ours:
            continue
        compared += 1
        for what, have, want in list(model_faults(ours, theirs))[:3]:
            wrong += 1
            print(f"{ours['path']}: {what}: {str(have)[:200]}, not {str(want)[:200]}")
    print(f"{compared} models compared, {len(paths)} read, {wrong} differences")
    return 1 if wrong or len(lines) != len(paths) or not compared else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
