#include "analyzer/gates/nearest.h"

#include <string.h>

enum { LONGEST = 63, FAR = 1000 };

static int least(int a, int b, int c)
{
    int ab = a < b ? a : b;
    return ab < c ? ab : c;
}

int ql_name_distance(const char *a, size_t length, const char *b)
{
    int row[LONGEST + 1];
    size_t width = strlen(b);
    if (width > LONGEST || length > LONGEST) {
        return FAR;
    }
    for (size_t i = 0; i <= width; i++) {
        row[i] = (int)i;
    }
    for (size_t k = 0; k < length; k++) {
        int diagonal = row[0];
        row[0] = (int)k + 1;
        for (size_t i = 1; i <= width; i++) {
            int above = row[i];
            row[i] = least(above + 1, row[i - 1] + 1, diagonal + (a[k] != b[i - 1]));
            diagonal = above;
        }
    }
    return row[width];
}
