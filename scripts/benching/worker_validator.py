"""ai-edge-quantizer's validator on a float model and what that tool makes of it (int8, static): processor time a sample.
The model needs a signature."""
import time

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from ai_edge_quantizer import model_validator, quantizer, recipe

from answers import answer


class Validated:
    def __init__(self, path: str) -> None:
        interpreter = Interpreter(path)
        key, names = next(iter(interpreter.get_signature_list().items()))
        shape = interpreter.get_input_details()[0]["shape"]
        noise = np.random.default_rng(1).uniform(-1, 1, (8, *shape)).astype(np.float32)
        self.key, self.inputs = key, [{names["inputs"][0]: x} for x in noise]
        with open(path, "rb") as file:
            self.reference = file.read()
        maker = quantizer.Quantizer(path)
        maker.load_quantization_recipe(recipe.static_wi8_ai8())
        self.candidate = bytes(maker.quantize(maker.calibrate({key: self.inputs})).quantized_model)

    def measure(self, samples: int) -> float:
        data = {self.key: [self.inputs[i % len(self.inputs)] for i in range(samples)]}
        start = time.process_time()
        model_validator.compare_model(self.reference, self.candidate, data, num_threads=1)
        return 1e3 * (time.process_time() - start) / samples


answer(lambda kind, path: Validated(path).measure)
