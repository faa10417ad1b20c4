"""A Keras model with a layer from another file and a loop, converted with its debug metadata.

usage: python make_debug_model.py OUT.tflite       needs TensorFlow 2.21
"""
import sys

import tensorflow as tf

from layers import Gate


def main() -> None:
    x = tf.keras.Input((4,), batch_size=1, name="x")
    y = tf.keras.layers.Dense(4, activation="relu", name="first")(x)
    y = Gate(name="gate")(y)
    y = tf.keras.layers.Dense(2, name="last")(y)
    model = tf.keras.Model(x, y)

    @tf.function(input_signature=[tf.TensorSpec((1, 4), tf.float32, name="x")])
    def repeat(value):
        for _ in tf.range(3):
            value = tf.concat([model(value), model(value)], 1)
        return value

    converter = tf.lite.TFLiteConverter.from_concrete_functions([repeat.get_concrete_function()], model)
    converter.serialize_debug_metadata = True
    with open(sys.argv[1], "wb") as file:
        file.write(converter.convert())


main()
