/* Reading a command line by a command's option rows. */
#include "cli/command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int find_name(const ql_command *command, const char *name, size_t length)
{
    ql_option_row row;
    for (int i = 0; ql_command_option(command, i, &row); i++) {
        if (strlen(row.name) == length && !memcmp(row.name, name, length)) {
            return i;
        }
    }
    return -1;
}

static int find_letter(const ql_command *command, char letter)
{
    ql_option_row row;
    for (int i = 0; ql_command_option(command, i, &row); i++) {
        if (row.letter == letter) {
            return i;
        }
    }
    return -1;
}

/* The option whose name shares the longest beginning, two letters at least. */
static const char *nearest(const ql_command *command, const char *name, size_t length)
{
    const char *best = NULL;
    size_t most = 1;
    ql_option_row row;
    for (int i = 0; ql_command_option(command, i, &row); i++) {
        size_t same = 0;
        while (same < length && row.name[same] && row.name[same] == name[same]) {
            same++;
        }
        if (same > most) {
            most = same;
            best = row.name;
        }
    }
    return best;
}

static ql_code unknown(const ql_command *command, const char *given, const char *name, size_t length,
                       ql_err *err)
{
    char shown[64];
    const char *near = nearest(command, name, length);
    ql_escape(shown, sizeof shown, given, strlen(given));
    return near ? ql_fail(err, QL_E_USAGE, "%s: '%s' is not an option: did you mean --%s?", command->name,
                          shown, near)
                : ql_fail(err, QL_E_USAGE, "%s: '%s' is not an option: see qloupe %s --help", command->name,
                          shown, command->name);
}

static ql_code store(ql_line *line, int i, const char *value, ql_err *err)
{
    ql_option_row row;
    ql_command_option(line->command, i, &row);
    if (row.repeats && line->counts[i] == QL_MAX_REPEATS) {
        return ql_fail(err, QL_E_USAGE, "%s: --%s more than %d times", line->command->name, row.name,
                       QL_MAX_REPEATS);
    }
    if (row.repeats) {
        line->repeated[i][line->counts[i]] = value;
    }
    line->counts[i]++;
    line->values[i] = value;
    return QL_OK;
}

static ql_code take_option(ql_line *line, int *at, ql_err *err)
{
    const char *given = line->argv[*at];
    bool is_long = given[1] == '-';
    const char *name = given + 1 + is_long, *equals = is_long ? strchr(name, '=') : NULL;
    size_t length = equals ? (size_t)(equals - name) : strlen(name);
    int i = is_long ? find_name(line->command, name, length) : find_letter(line->command, given[1]);
    if (i < 0 || (!is_long && !given[1])) {
        return unknown(line->command, given, name, length, err);
    }
    ql_option_row row;
    ql_command_option(line->command, i, &row);
    const char *value = equals ? equals + 1 : !is_long && given[2] ? given + 2 : NULL;
    if (!row.argument) {
        return value ? ql_fail(err, QL_E_USAGE, "%s: --%s takes no value", line->command->name, row.name)
                     : store(line, i, "", err);
    }
    if (!value && *at + 1 < line->argc) {
        value = line->argv[++*at];
    }
    return value ? store(line, i, value, err)
                 : ql_fail(err, QL_E_USAGE, "%s: --%s needs a value: %s", line->command->name, row.name,
                           row.argument);
}

static ql_code check_operands(const ql_line *line, ql_err *err)
{
    const ql_command *command = line->command;
    int count = line->operand_count, help = find_name(command, "help", 4);
    if (line->counts[help]) {
        return QL_OK;
    }
    if (count < command->min_operands) {
        return ql_fail(err, QL_E_USAGE, "%s needs %s: see qloupe %s --help", command->name, command->operands,
                       command->name);
    }
    if (command->max_operands >= 0 && count > command->max_operands) {
        char shown[64];
        const char *extra = line->operands[command->max_operands];
        return ql_fail(err, QL_E_USAGE, "%s: '%s' is one argument too many: see qloupe %s --help",
                       command->name, ql_escape(shown, sizeof shown, extra, strlen(extra)), command->name);
    }
    return QL_OK;
}

ql_code ql_line_parse(ql_line *line, const ql_command *command, int argc, char **argv, ql_err *err)
{
    *line = (ql_line){.command = command, .argc = argc, .argv = argv};
    bool options = true;
    for (int at = 2; at < argc; at++) {
        const char *given = argv[at];
        if (options && !strcmp(given, "--")) {
            options = false;
        } else if (options && given[0] == '-' && given[1]) {
            ql_code code = take_option(line, &at, err);
            if (code) {
                return code;
            }
        } else if (line->operand_count == QL_MAX_OPERANDS) {
            return ql_fail(err, QL_E_USAGE, "%s: more than %d arguments", command->name, QL_MAX_OPERANDS);
        } else {
            line->operands[line->operand_count++] = given;
        }
    }
    return check_operands(line, err);
}

const char *ql_line_value(const ql_line *line, const char *name)
{
    int i = find_name(line->command, name, strlen(name));
    return i >= 0 && line->counts[i] ? line->values[i] : NULL;
}

bool ql_line_has(const ql_line *line, const char *name)
{
    return ql_line_value(line, name) != NULL;
}

int ql_line_values(const ql_line *line, const char *name, const char *const **values)
{
    int i = find_name(line->command, name, strlen(name));
    *values = i >= 0 ? line->repeated[i] : NULL;
    return i >= 0 ? line->counts[i] : 0;
}

ql_code ql_line_int(const ql_line *line, const char *name, int64_t lowest, int64_t highest, int64_t fallback,
                    int64_t *value, ql_err *err)
{
    const char *text = ql_line_value(line, name);
    *value = fallback;
    if (!text) {
        return QL_OK;
    }
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < lowest || number > highest) {
        return ql_fail(err, QL_E_USAGE, "%s: --%s '%.40s': a whole number from %lld to %lld is required",
                       line->command->name, name, text, (long long)lowest, (long long)highest);
    }
    *value = number;
    return QL_OK;
}

ql_code ql_line_size(const ql_line *line, const char *name, size_t *bytes, ql_err *err)
{
    static const char units[] = "KMGT";
    const char *text = ql_line_value(line, name);
    *bytes = 0;
    if (!text) {
        return QL_OK;
    }
    char *end;
    errno = 0;
    unsigned long long number = strtoull(text, &end, 10);
    const char *unit = *end ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    bool whole = end != text && text[0] != '-' && !*(unit ? end + 1 : end);
    if (errno || !whole || !number || number > SIZE_MAX >> shift) {
        return ql_fail(err, QL_E_USAGE, "%s: --%s '%.40s': a size such as 512M or 2G is required",
                       line->command->name, name, text);
    }
    *bytes = (size_t)number << shift;
    return QL_OK;
}

ql_code ql_line_numerics(const ql_line *line, const char *name, const ql_numerics **numerics, ql_err *err)
{
    const char *text = ql_line_value(line, name);
    *numerics = text ? ql_numerics_named(text) : NULL;
    if (text && !*numerics) {
        char names[120] = "";
        for (int i = 0; ql_numerics_at(i); i++) {
            size_t used = strlen(names);
            strncat(names, i ? ", " : "", sizeof names - used - 1);
            strncat(names, ql_numerics_at(i)->name, sizeof names - strlen(names) - 1);
        }
        return ql_fail(err, QL_E_USAGE, "%s: --%s '%.40s': one of %s is required", line->command->name, name,
                       text, names);
    }
    return QL_OK;
}
