#include "tui/keys/keys.h"

#include "tui/session/command.h"
#include "tui/views/view.h"

#include <stdio.h>
#include <string.h>

enum {
    QL_SCOPE_layers = QL_TUI_layers,
    QL_SCOPE_tensor = QL_TUI_tensor,
    QL_SCOPE_samples = QL_TUI_samples,
};

const ql_binding ql_bindings[] = {
#define QL_BIND(view, action, help, ...) {QL_SCOPE_##view, QL_ACTION_##action, help, {__VA_ARGS__}},
#include "tui/keys.def"
#undef QL_BIND
};
const size_t ql_binding_count = sizeof ql_bindings / sizeof *ql_bindings;

static bool has_key(const ql_binding *binding, int key)
{
    for (int i = 0; i < QL_BIND_KEYS && binding->keys[i]; i++) {
        if (binding->keys[i] == key) {
            return true;
        }
    }
    return false;
}

static ql_action find(int scope, int key)
{
    for (size_t i = 0; i < ql_binding_count; i++) {
        if (ql_bindings[i].scope == scope && has_key(&ql_bindings[i], key)) {
            return ql_bindings[i].action;
        }
    }
    return QL_ACTION_NONE;
}

ql_action ql_key_action(ql_tui_id view, int key)
{
    ql_action own = find((int)view, key);
    return own ? own : find(QL_SCOPE_ANY, key);
}

static const struct {
    int key;
    const char *name;
} names[] = {
    {QL_KEY_TAB, "Tab"},
    {QL_KEY_ENTER, "Enter"},
    {QL_KEY_ESCAPE, "Esc"},
    {QL_KEY_UP, "Up"},
    {QL_KEY_DOWN, "Down"},
    {QL_KEY_LEFT, "Left"},
    {QL_KEY_RIGHT, "Right"},
    {QL_KEY_PAGE_UP, "PgUp"},
    {QL_KEY_PAGE_DOWN, "PgDn"},
    {QL_KEY_HOME, "Home"},
    {QL_KEY_END, "End"},
    {QL_KEY_BACKTAB, "Shift-Tab"},
    {' ', "Space"},
    {QL_KEY_BACKSPACE, "Backspace"},
};

const char *ql_key_name(int key, char out[16])
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].key == key) {
            snprintf(out, 16, "%s", names[i].name);
            return out;
        }
    }
    if (key > QL_KEY_F0) {
        snprintf(out, 16, "F%d", (key - QL_KEY_F0) % 100);
    } else if (key < ' ') {
        snprintf(out, 16, "Ctrl-%c", (char)(key + '@'));
    } else {
        snprintf(out, 16, "%c", (char)(key & 0x7f));
    }
    return out;
}

void ql_text_keys(ql_text *text, const ql_binding *binding)
{
    char name[16];
    for (int i = 0; i < QL_BIND_KEYS && binding->keys[i]; i++) {
        ql_text_format(text, "%s%s", i ? ", " : "", ql_key_name(binding->keys[i], name));
    }
}

static void put_scope(ql_text *text, int scope)
{
    ql_text_put(text, "\n| key | what it does |\n| --- | --- |\n");
    for (size_t i = 0; i < ql_binding_count; i++) {
        char name[16];
        if (ql_bindings[i].scope != scope) {
            continue;
        }
        for (int k = 0; k < QL_BIND_KEYS && ql_bindings[i].keys[k]; k++) {
            ql_text_format(text, "%s`%s`", k ? ", " : "| ", ql_key_name(ql_bindings[i].keys[k], name));
        }
        ql_text_format(text, " | %s |\n", ql_bindings[i].help);
    }
}

static bool any_of(int scope)
{
    for (size_t i = 0; i < ql_binding_count; i++) {
        if (ql_bindings[i].scope == scope) {
            return true;
        }
    }
    return false;
}

void ql_text_keys_page(ql_text *text)
{
    ql_text_put(
        text,
        "# Keys of qloupe tui\n\n"
        "Made from `tui/keys.def`, as is the screen that `?` shows. `1` to `9` and `0` show the view of "
        "that number.\nThe mouse's wheel moves, a click chooses, a click on what is chosen opens it.\n"
        "\n## In every view\n");
    put_scope(text, QL_SCOPE_ANY);
    for (int view = 0; view < QL_TUI_COUNT; view++) {
        if (any_of(view)) {
            ql_text_format(text, "\n## In the view %s\n", ql_tui_views[view]->name);
            put_scope(text, view);
        }
    }
    ql_text_put(text, "\n## Commands\n\n| after `:` | what it does |\n| --- | --- |\n");
    for (int i = 0; ql_tui_command_at(i); i++) {
        const ql_tui_command *command = ql_tui_command_at(i);
        ql_text_format(text, "| `%s%s%s` | %s |\n", command->name, *command->arguments ? " " : "",
                       command->arguments, command->help);
    }
}
