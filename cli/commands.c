#include "cli/command.h"
#include "cli/outputs.h"
#include "cli/ranks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define QL_COMMAND(name) extern const ql_command ql_command_##name;
#include "cli/commands.def"
#undef QL_COMMAND

static const ql_command *const commands[] = {
#define QL_COMMAND(name) &ql_command_##name,
#include "cli/commands.def"
#undef QL_COMMAND
};
enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

const ql_command *ql_command_at(int i)
{
    return i >= 0 && i < COMMAND_COUNT ? commands[i] : NULL;
}

const ql_command *ql_command_named(const char *name)
{
    for (int i = 0; i < COMMAND_COUNT; i++) {
        if (!strcmp(commands[i]->name, name)) {
            return commands[i];
        }
    }
    return NULL;
}

bool ql_command_option(const ql_command *command, int i, ql_option_row *row)
{
    for (const ql_option_row *own = command->options; own->name; own++, i--) {
        if (!i) {
            *row = *own;
            return true;
        }
    }
    int outputs = command->outputs ? ql_output_count() : 0;
    if (i < outputs) {
        *row = ql_output_option(i);
        return true;
    }
    *row = (ql_option_row){"help", 'h', NULL, "print this help", false};
    return i == outputs;
}

void ql_help_program(void)
{
    puts("qloupe finds where a quantized TFLite model went wrong, and why.\n\nUsage: qloupe COMMAND "
         "[OPTIONS] ...\n");
    for (int i = 0; i < COMMAND_COUNT; i++) {
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    }
    puts("\nqloupe COMMAND --help tells about one command; qloupe --version prints the version.");
}

static void help_option(const ql_option_row *row)
{
    char left[64];
    snprintf(left, sizeof left, "%c%c%s--%s%s%s", row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
             row->letter ? ", " : "  ", row->name, row->argument ? " " : "",
             row->argument ? row->argument : "");
    printf("  %-30s %s%s\n", left, row->help, row->repeats ? " (may be repeated)" : "");
}

void ql_help_command(const ql_command *command)
{
    printf("%s\n\nUsage: qloupe %s %s%s[OPTIONS]\n", command->summary, command->name, command->operands,
           *command->operands ? " " : "");
    if (command->text) {
        printf("\n%s\n", command->text);
    }
    puts("\nOptions:");
    ql_option_row row;
    for (int i = 0; ql_command_option(command, i, &row); i++) {
        help_option(&row);
    }
}

/* What starts ranks may give them terminals of its own, whatever its output goes to. */
bool ql_terminal(int file)
{
    int rank;
    return isatty(file) && !ql_launched(&rank);
}

bool ql_colour(int file)
{
    const char *refused = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return ql_terminal(file) && !(refused && *refused) && !(terminal && !strcmp(terminal, "dumb"));
}
