/* Keys and what they do: the rows of keys.def. */
#ifndef QL_KEYS_KEYS_H
#define QL_KEYS_KEYS_H

#include "reports/reports.h"
#include "tui/views/id.h"

/* A key is the Unicode character that it types, or one of these. */
enum {
    QL_KEY_NONE = 0,
    QL_KEY_TAB = '\t',
    QL_KEY_ENTER = '\r',
    QL_KEY_ESCAPE = 0x1b,
    QL_KEY_BACKSPACE = 0x7f,
    QL_KEY_UP = 0x110000,
    QL_KEY_DOWN,
    QL_KEY_LEFT,
    QL_KEY_RIGHT,
    QL_KEY_PAGE_UP,
    QL_KEY_PAGE_DOWN,
    QL_KEY_HOME,
    QL_KEY_END,
    QL_KEY_BACKTAB,
    QL_KEY_CLICK, /* with the place in the event */
    QL_KEY_WHEEL_UP,
    QL_KEY_WHEEL_DOWN,
    QL_KEY_RESIZE,
    QL_KEY_F0
};
#define QL_KEY_F(n) (QL_KEY_F0 + (n))
#define QL_CTRL(c)  ((c)&0x1f)

typedef struct {
    int key;
    int row, col; /* of a click */
} ql_event;

typedef enum {
    QL_ACTION_NONE,
#define QL_BIND(view, action, help, ...) QL_ACTION_##action,
#include "tui/keys.def"
#undef QL_BIND
    QL_ACTION_COUNT
} ql_action;

enum { QL_BIND_KEYS = 3, QL_SCOPE_ANY = -1 };

typedef struct {
    int scope; /* a view's id, or QL_SCOPE_ANY */
    ql_action action;
    const char *help;
    int keys[QL_BIND_KEYS]; /* 0: no more */
} ql_binding;

extern const ql_binding ql_bindings[];
extern const size_t ql_binding_count;

/* What the key does in that view: the view's own row before that of all views. */
ql_action ql_key_action(ql_tui_id view, int key);

/* "j", "PgDn", "F1", "Ctrl-F". Returns out. */
const char *ql_key_name(int key, char out[16]);

/* "j, Down" of a row. Appends. */
void ql_text_keys(ql_text *text, const ql_binding *binding);

/* docs/tui-keys.md. */
void ql_text_keys_page(ql_text *text);

#endif
