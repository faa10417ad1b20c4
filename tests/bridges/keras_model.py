"""A small Keras model for tests: FILE.py:model."""
import os

os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")


def model():
    import tf_keras as keras

    keras.utils.set_random_seed(8)
    layers = keras.layers
    image = keras.Input((28, 28, 1), name="image")
    x = layers.Conv2D(8, 3, strides=2, activation="relu", name="first")(image)
    x = layers.DepthwiseConv2D(3, name="second", activation="relu")(x)
    x = layers.Conv2D(8, 1, name="third")(x)
    x = layers.GlobalAveragePooling2D(name="mean")(x)
    return keras.Model(image, layers.Dense(10, name="logits")(x), name="net")
