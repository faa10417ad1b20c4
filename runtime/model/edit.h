/* Making a model from another one, in memory. ql_edit_start gives a model that says the same as its base and
 * has lists of its own, so everything reached from it through ql_model may be changed in place: tensors,
 * operators, opcodes, buffers, graph inputs and outputs, signatures. What those lists point at (names,
 * shapes, constants, options) still is the base's, which must outlive the copy; put a pointer to something
 * new there rather than write through it.
 *
 * The functions below append and replace; what they take is copied into the new model unless it says
 * "borrowed". They are for models of ql_edit_start only. Indices stay as they are, so what nobody uses any
 * more stays too. When done, ql_verify_model says whether the result is a model, and ql_model_write asks it.
 * NOMEM is the only failure.
 *
 *     ql_model *m;
 *     ql_edit_start(&m, base, err);
 *     ql_edit_opcode(m, 114, 1, &quantize, err);
 *     ql_tensor t = ...;  ql_edit_tensor(m, 0, &t, &index, err);
 *     ql_edit_operators(m, 0, list, count, err);
 *     ql_model_close(m);
 */
#ifndef QL_MODEL_EDIT_H
#define QL_MODEL_EDIT_H

#include "runtime/model/model.h"

/* The new model, to be released with ql_model_close before `base` is. It has no file: `bytes` is NULL, `path`
 * is the base's. */
ql_code ql_edit_start(ql_model **model, const ql_model *base, ql_err *err);

/* The operator code of a builtin in that version: an existing one or a new one. */
ql_code ql_edit_opcode(ql_model *model, int code, int version, int *index, ql_err *err);

/* A new buffer; the bytes are borrowed (ql_edit_copy makes ones that the model owns). */
ql_code ql_edit_buffer(ql_model *model, const void *data, size_t bytes, int *index, ql_err *err);

/* A new buffer with those borrowed bytes becomes the tensor's constant; other tensors keep theirs. */
ql_code ql_edit_constant(ql_model *model, ql_tensor *tensor, const void *data, size_t bytes, ql_err *err);

/* Appends a tensor. Earlier pointers into the subgraph's tensors are void after it, indices are not. */
ql_code ql_edit_tensor(ql_model *model, int subgraph, const ql_tensor *tensor, int *index, ql_err *err);

/* Replaces the list of operators. It may hold operators of the list it replaces. */
ql_code ql_edit_operators(ql_model *model, int subgraph, const ql_operator *operators, int count,
                          ql_err *err);

/* Lets the subgraph's inputs or outputs, and the signatures over it, name tensor `to` where they name `from`.
 */
void ql_edit_input(ql_model *model, int subgraph, int from, int to);
void ql_edit_output(ql_model *model, int subgraph, int from, int to);

/* Options of a kind with every slot at its default, in *values for changing; *values may be NULL. */
ql_code ql_edit_options(ql_model *model, int union_id, bool second, ql_options *options, ql_option **values,
                        ql_err *err);

/* A metadata entry, in place of the first of that name if there is one. The bytes are borrowed. */
ql_code ql_edit_metadata(ql_model *model, const char *name, const void *data, size_t bytes, ql_err *err);

/* A copy that lives as long as the model, 64-byte aligned. */
ql_code ql_edit_copy(ql_model *model, const void *from, size_t bytes, const void **copy, ql_err *err);
ql_code ql_edit_ints(ql_model *model, const int32_t *from, int count, const int32_t **copy, ql_err *err);
ql_code ql_edit_str(ql_model *model, const char *text, size_t length, ql_str *str, ql_err *err);

#endif
