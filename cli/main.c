#include "cli/command.h"
#include "cli/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const ql_err *err)
{
    char text[1200];
    fprintf(stderr, "qloupe: %s\n", ql_err_text(err, text, sizeof text));
    return ql_exit_status(err->code);
}

static int run(const ql_command *command, int argc, char **argv)
{
    ql_err err;
    ql_err_clear(&err);
    ql_line *line = calloc(1, sizeof *line);
    if (!line) {
        ql_fail_memory(&err, sizeof *line);
        return fail(&err);
    }
    ql_code code = ql_line_parse(line, command, argc, argv, &err);
    bool help = !code && ql_line_has(line, "help");
    if (help) {
        ql_help_command(command);
    } else if (!code) {
        code = ql_ranks_join(&line->ranks, line, &err);
        code = code ? code : command->run(line, &err);
    }
    if (fflush(stdout) || ferror(stdout)) {
        code = code ? code : ql_fail(&err, QL_E_IO, "standard output cannot be written");
    }
    bool speaks = ql_ranks_leave(line->ranks, &code, &err);
    free(line);
    if (!speaks) {
        return ql_exit_status(code);
    }
    /* a gate that did not hold has said so itself */
    return code == QL_E_GATE && !err.text[0] ? ql_exit_status(code) : code ? fail(&err) : 0;
}

static int unknown(const char *name)
{
    ql_err err;
    char shown[64];
    ql_fail(&err, QL_E_USAGE, "'%s' is not a command: see qloupe --help",
            ql_escape(shown, sizeof shown, name, strlen(name)));
    return fail(&err);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        ql_help_program();
        return ql_exit_status(QL_E_USAGE);
    }
    if (!strcmp(argv[1], "-h") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        const ql_command *command = argc > 2 ? ql_command_named(argv[2]) : NULL;
        if (command) {
            ql_help_command(command);
        } else {
            ql_help_program();
        }
        return fflush(stdout) ? ql_exit_status(QL_E_IO) : 0;
    }
    if (!strcmp(argv[1], "--version")) {
        puts("qloupe " QL_VERSION);
        return fflush(stdout) ? ql_exit_status(QL_E_IO) : 0;
    }
    const ql_command *command = ql_command_named(argv[1]);
    return command ? run(command, argc, argv) : unknown(argv[1]);
}
