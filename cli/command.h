/* A command is one file ending in one descriptor, and one line of commands.def. Help, the parser and the list
 * of commands are made from the descriptors. */
#ifndef QL_CLI_COMMAND_H
#define QL_CLI_COMMAND_H

#include "runtime/runtime.h"

#include <stdbool.h>

enum { QL_MAX_OPTIONS = 64, QL_MAX_REPEATS = 64, QL_MAX_OPERANDS = 4096 };

typedef struct {
    const char *name;     /* "json" for --json; NULL ends the list */
    char letter;          /* 'j' for -j; 0 = none */
    const char *argument; /* "FILE"; NULL: a switch */
    const char *help;
    bool repeats; /* may be given several times */
} ql_option_row;

/* What a command line said. */
typedef struct {
    const struct ql_command *command;
    int argc; /* the whole line, for records of the run */
    char **argv;
    const char *values[QL_MAX_OPTIONS]; /* of each row, the last one given; "" for a switch */
    const char *repeated[QL_MAX_OPTIONS][QL_MAX_REPEATS]; /* of rows that repeat */
    int counts[QL_MAX_OPTIONS];                           /* how often each was given */
    int operand_count;
    const char *operands[QL_MAX_OPERANDS];
    struct ql_ranks *ranks; /* that this process shares its work with; NULL: alone */
} ql_line;

typedef struct ql_command {
    const char *name;
    const char *operands;           /* "FLOAT QUANT" */
    const char *summary;            /* one line */
    const char *text;               /* more, for its --help; may be NULL */
    int min_operands, max_operands; /* max -1: any number */
    const ql_option_row *options;   /* rows, ended by one without a name */
    bool ranks;                     /* shares its work with other ranks, where there are any */
    bool outputs;                   /* takes an option for every report format too (outputs.h) */
    ql_code (*run)(const ql_line *line, ql_err *err);
} ql_command;

/* Option row i of a command: its own, then the report formats' where it has outputs, then --help; false past
 * the last. */
bool ql_command_option(const ql_command *command, int i, ql_option_row *row);

/* The i-th command, NULL past the last; the command of that name, NULL when there is none. */
const ql_command *ql_command_at(int i);
const ql_command *ql_command_named(const char *name);

/* Reads the arguments after the command's name. USAGE with a sentence that names what is wrong, and the
 * nearest name where one is misspelt. */
ql_code ql_line_parse(ql_line *line, const ql_command *command, int argc, char **argv, ql_err *err);

/* The value of --name, NULL when it was not given. */
const char *ql_line_value(const ql_line *line, const char *name);
bool ql_line_has(const ql_line *line, const char *name);

/* All values of a repeating option; returns how many. */
int ql_line_values(const ql_line *line, const char *name, const char *const **values);

/* The value as a number within lowest .. highest, `fallback` when not given; USAGE otherwise. */
ql_code ql_line_int(const ql_line *line, const char *name, int64_t lowest, int64_t highest, int64_t fallback,
                    int64_t *value, ql_err *err);

/* "64M", "1G", "4096": bytes; 0 when not given. */
ql_code ql_line_size(const ql_line *line, const char *name, size_t *bytes, ql_err *err);

/* --numerics (or whatever `name` is): a profile; NULL when not given. */
ql_code ql_line_numerics(const ql_line *line, const char *name, const ql_numerics **numerics, ql_err *err);

/* Prints the help of a command, or of the whole program, to standard output. */
void ql_help_command(const ql_command *command);
void ql_help_program(void);

/* Is standard output (1) or error (2) a terminal that a user looks at? */
bool ql_terminal(int file);

/* May standard output (1) or error (2) be coloured? A terminal, and NO_COLOR unset or empty. */
bool ql_colour(int file);

#endif
