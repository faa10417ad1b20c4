"""TensorFlow's QuantizationDebugger on a float model: processor time a sample. The model that it debugs is calibrated
and quantized here, once."""
import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np
import tensorflow as tf
from tensorflow.lite.python import convert
from tensorflow.lite.python.optimize import calibrator

from answers import answer


class Debugged:
    def __init__(self, path: str) -> None:
        with open(path, "rb") as file:
            model = file.read()
        shape = tf.lite.Interpreter(model_content=model).get_input_details()[0]["shape"]
        noise = np.random.default_rng(1).uniform(-1, 1, (8, *shape)).astype(np.float32)
        calibrated = calibrator.Calibrator(model).calibrate(lambda: ([x] for x in noise))
        self.samples = 1
        self.debugger = tf.lite.experimental.QuantizationDebugger(
            quant_debug_model_content=convert.mlir_quantize(calibrated, enable_numeric_verify=True),
            debug_dataset=lambda: ([noise[i % len(noise)]] for i in range(self.samples)))

    def measure(self, samples: int) -> float:
        self.samples = samples
        start = time.process_time()
        self.debugger.run()
        return 1e3 * (time.process_time() - start) / samples


answer(lambda kind, path: Debugged(path).measure)
