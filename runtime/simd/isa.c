#include "runtime/simd/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool always(void)
{
    return true;
}

static const ql_isa portable = {
    .name = "portable", .meaning = "plain C, as the compiler makes it", .present = always};

static const ql_isa *const rows[] = {
    &portable,
#if defined(__x86_64__)
    &ql_isa_sse41, &ql_isa_avx2, &ql_isa_avx512, &ql_isa_avx512vnni,
#elif defined(__aarch64__)
    &ql_isa_neon,
#endif
};

enum { ROWS = sizeof rows / sizeof *rows };

const ql_isa *ql_isa_at(int i)
{
    return i >= 0 && i < ROWS ? rows[i] : NULL;
}

static const char *names(char *out, size_t size)
{
    size_t used = 0;
    for (int i = 0; i < ROWS && used < size; i++) {
        int length = snprintf(out + used, size - used, "%s%s", i ? ", " : "", rows[i]->name);
        used += length > 0 ? (size_t)length : 0;
    }
    return out;
}

ql_code ql_isa_named(const char *name, const ql_isa **isa, ql_err *err)
{
    char text[160];
    for (int i = 0; i < ROWS; i++) {
        if (strcmp(rows[i]->name, name)) {
            continue;
        }
        if (!rows[i]->present()) {
            return ql_fail(err, QL_E_UNSUPPORTED, "QLOUPE_ISA=%s: this machine cannot run it", name);
        }
        *isa = rows[i];
        return QL_OK;
    }
    return ql_fail(err, QL_E_USAGE, "QLOUPE_ISA=%.40s: must be one of %s", name, names(text, sizeof text));
}

ql_code ql_isa_choose(const ql_isa **isa, ql_err *err)
{
    const char *name = getenv("QLOUPE_ISA");
    if (name && *name) {
        return ql_isa_named(name, isa, err);
    }
    for (int i = 0; i < ROWS; i++) {
        *isa = rows[i]->present() ? rows[i] : *isa;
    }
    return QL_OK;
}
