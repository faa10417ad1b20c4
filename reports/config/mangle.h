/* Inside reports/config only: names as TensorFlow's converter reads them back. */
#ifndef QL_CONFIG_MANGLE_H
#define QL_CONFIG_MANGLE_H

#include "runtime/runtime.h"

/* What newer converters make of a fused name "a;b;c1;c" when they import a model: of the parts that are alike
 * up to digits at their end, only the shortest, in the place of the first. `out` is the name itself where
 * nothing changes. Memory of `arena`; NOMEM. Source: LiteRT's flatbuffer importer. */
ql_code ql_name_unmangle(ql_str name, ql_str *out, ql_arena *arena, ql_err *err);

#endif
