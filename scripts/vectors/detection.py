"""Custom operators that read boxes off a detector's values."""
import numpy as np
from flatbuffers import flexbuffers
from onop import Case, k, out, x

GRID = [[(i % 8 + 0.5) / 8, (i // 8 + 0.5) / 4, 0.2 + 0.02 * (i % 5), 0.3 - 0.02 * (i % 3)] for i in range(32)]


def detect(name, classes, background, quantized=False, width=4, ranked=1, most=6, best=32, **more):
    """At least as many boxes pass as are asked for: TensorFlow leaves what is beyond them unwritten."""
    options = dict(num_classes=classes, max_detections=most, max_classes_per_detection=ranked, nms_score_threshold=0.01, nms_iou_threshold=0.5,
                   y_scale=10.0, x_scale=10.0, h_scale=5.0, w_scale=5.0) | more
    boxes, scores, anchors = [1, best, width], [1, best, classes + background], GRID[:best]
    if quantized:
        inputs = [x(boxes, "uint8", 0.05, 130), x(scores, "uint8", 1 / 256, 3), k(np.round(np.array(anchors) * 200), "uint8", 0.005, 0)]
    else:
        inputs = [x(boxes, low=-3.0, high=3.0), x(scores, low=0.0, high=1.0), k(anchors, "float32")]
    made = [out([1, most * ranked, 4]), out([1, most * ranked]), out([1, most * ranked]), out([1])]
    return Case("custom:TFLite_Detection_PostProcess", name, inputs, made, custom=bytes(flexbuffers.Dumps(options)), samples=3)


CASES = [detect("float32_fast", 3, 1), detect("float32_no_background", 3, 0, ranked=2), detect("float32_keypoints", 4, 1, width=9, ranked=3),
         detect("float32_by_class", 3, 1, use_regular_nms=True, nms_iou_threshold=0.3),
         detect("float32_few_a_class", 5, 1, use_regular_nms=True, detections_per_class=2, most=20),
         detect("float32_high_threshold", 2, 1, nms_score_threshold=0.97, use_regular_nms=True),
         detect("float32_one_class", 1, 0, nms_iou_threshold=1.0), detect("uint8_fast", 3, 1, quantized=True, ranked=2, best=27),
         detect("uint8_by_class", 7, 1, quantized=True, use_regular_nms=True, most=10), detect("uint8_equals", 12, 1, quantized=True, ranked=5)]
