"""Vector files: an .npz whose arrays are, for each case,

    <op>.<case>/model          the .tflite file, uint8
    <op>.<case>/ulps           float32: how far float outputs may be off, in ulps of their peak
    <op>.<case>/optimized      uint8: the answers come from the optimized kernels, the reference ones lacking it
    <op>.<case>/numerics       uint8: the profile's name, when its answers are asked for otherwise
    <op>.<case>/s<k>/in/<i>    what input i is fed in sample k (variables keep their values between samples)
    <op>.<case>/s<k>/out/<o>   what output o then is

The same arrays give the same bytes.
"""
import io
import pathlib
import zipfile

import numpy as np


def arrays_of(name: str, model: bytes, ulps: float, optimized: bool, numerics: str, samples: list[list[np.ndarray]],
              answers: list[list[np.ndarray]]) -> dict[str, np.ndarray]:
    arrays = {f"{name}/model": np.frombuffer(model, np.uint8), f"{name}/ulps": np.float32(ulps),
              f"{name}/optimized": np.uint8(optimized)}
    if numerics:
        arrays[f"{name}/numerics"] = np.frombuffer(numerics.encode(), np.uint8)
    for s, (sample, answer) in enumerate(zip(samples, answers, strict=True)):
        arrays |= {f"{name}/s{s}/in/{i}": values for i, values in enumerate(sample)}
        arrays |= {f"{name}/s{s}/out/{o}": values for o, values in enumerate(answer)}
    return arrays


def write(path: pathlib.Path, arrays: dict[str, np.ndarray]) -> None:
    beside = path.with_name(path.name + ".new")
    with zipfile.ZipFile(beside, "w") as archive:
        for name, values in arrays.items():
            raw = io.BytesIO()
            np.lib.format.write_array(raw, np.asarray(values), version=(1, 0), allow_pickle=False)
            member = zipfile.ZipInfo(name + ".npy", (1980, 1, 1, 0, 0, 0))
            archive.writestr(member, raw.getvalue(), zipfile.ZIP_DEFLATED, 9)
    beside.replace(path)
