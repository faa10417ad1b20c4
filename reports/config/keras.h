/* Inside reports/config only: which layers of a Keras model an operator was made of. */
#ifndef QL_CONFIG_KERAS_H
#define QL_CONFIG_KERAS_H

#include "reports/config/intent.h"

enum { QL_KERAS_LAYERS = 16 }; /* of one operator, at most; more are passed over */

typedef struct {
    int count;
    ql_str names[QL_KERAS_LAYERS]; /* each once */
    bool kernels[QL_KERAS_LAYERS]; /* the node computes what the operator does (Conv2D of a CONV_2D ..) */
} ql_keras_layers;

/* The layers of every operator of the graph: the second part of the node names in their outputs' names
 * ("conv2d" of "sequential/conv2d/Relu"), or in the model's debug metadata where the name has none ("quant_"
 * is taken off). Nothing for names of fewer than three parts. Memory of the export's arena; NOMEM. */
ql_code ql_keras_find(ql_export *c, ql_keras_layers **layers, ql_err *err);

#endif
