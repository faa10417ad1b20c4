"""The official interpreter's answers. Run by a Python that has TensorFlow."""
import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402


def interpreter(model: bytes, optimized: bool, numerics: str = "") -> "tf.lite.Interpreter":
    """One with the reference kernels, with the optimized ones and no delegate (also litert-opt), or (xnnpack) with the default delegate."""
    kind = tf.lite.experimental.OpResolverType
    resolver = kind.BUILTIN_WITHOUT_DEFAULT_DELEGATES if optimized else kind.BUILTIN_REF
    if numerics == "xnnpack":
        resolver = kind.AUTO
    elif numerics == "litert-opt":
        resolver = kind.BUILTIN_WITHOUT_DEFAULT_DELEGATES
    elif numerics:
        raise ValueError(f"no interpreter for {numerics}")
    made = tf.lite.Interpreter(model_content=model, experimental_op_resolver_type=resolver, num_threads=1)
    made.allocate_tensors()
    return made


def run(model: bytes, samples: list[list[np.ndarray]], optimized: bool = False, numerics: str = "") -> list[list[np.ndarray]]:
    """The outputs for each sample; variables keep their values from one sample to the next."""
    made = interpreter(model, optimized, numerics)
    answers = []
    for sample in samples:
        for details, values in zip(made.get_input_details(), sample, strict=True):
            made.set_tensor(details["index"], values)
        made.invoke()
        answers.append([np.array(made.get_tensor(details["index"])) for details in made.get_output_details()])
    return answers
