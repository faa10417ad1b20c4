#!/usr/bin/env python3
"""What QuantizationDebugger's model measures when LiteRT's reference kernels run it: <family>.csv for each family.

The figures that the debugger itself writes are of XNNPACK's kernels. Needs TensorFlow 2.21 and the shared zoo.

usage: make_figures.py ZOO
"""
import csv
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).resolve().parent
SAMPLES = 50


def main(zoo: pathlib.Path) -> None:
    for family in ("mnist_cnn", "mobilenet_like"):
        run = tf.lite.Interpreter(str(zoo / "debug" / family / "debug_model.tflite"), experimental_preserve_all_tensors=True,
                                  experimental_op_resolver_type=tf.lite.experimental.OpResolverType.BUILTIN_REF)
        run.allocate_tensors()
        source = run.get_input_details()[0]
        errors = [d for d in run.get_tensor_details() if d["name"].startswith("NumericVerify/")]
        sums = np.zeros(len(errors))
        for x in np.load(zoo / "data" / f"{family}_test2000.npz")["x"][:SAMPLES]:
            run.set_tensor(source["index"], x.reshape(source["shape"]).astype(np.float32))
            run.invoke()
            sums += [np.mean(run.get_tensor(d["index"]).astype(np.float64) ** 2) for d in errors]
        with open(HERE / f"{family}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["tensor_idx", "mean_squared_error"])
            for detail, total in zip(errors, sums):  # "NumericVerify/<name>:<index>"
                writer.writerow([detail["name"].rpartition(":")[2], repr(float(total / SAMPLES))])


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
