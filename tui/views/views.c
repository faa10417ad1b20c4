#include "tui/views/view.h"

#define QL_VIEW(name) extern const ql_tui_view ql_tui_view_##name;
#include "tui/views.def"
#undef QL_VIEW

const ql_tui_view *const ql_tui_views[QL_TUI_COUNT] = {
#define QL_VIEW(name) [QL_TUI_##name] = &ql_tui_view_##name,
#include "tui/views.def"
#undef QL_VIEW
};
