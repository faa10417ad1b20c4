/* The runtime room: reading a .tflite file into a model, and running it with the reference kernels' bits. */
#ifndef QL_RUNTIME_H
#define QL_RUNTIME_H

#include "runtime/base/arena.h"
#include "runtime/base/error.h"
#include "runtime/base/file.h"
#include "runtime/base/sha256.h"
#include "runtime/exec/exec.h"
#include "runtime/model/debug.h"
#include "runtime/model/edit.h"
#include "runtime/model/model.h"
#include "runtime/model/verify.h"
#include "runtime/model/write.h"
#include "runtime/ops/op.h"
#include "runtime/tensor/fixed.h"
#include "runtime/tensor/half.h"
#include "runtime/tensor/numerics.h"
#include "runtime/tensor/type.h"

#endif
