#include "tui/term/rescue.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static const int fatal[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT, SIGSEGV, SIGBUS,
                            SIGABRT, SIGFPE,  SIGILL, SIGXCPU, SIGPIPE};
enum { FATAL = sizeof fatal / sizeof *fatal, STACK = 65536 }; /* a stack of its own: the other may be full */

static struct {
    volatile sig_atomic_t armed;
    char reset[500];
    size_t length;
    struct termios modes;
    bool has_modes;
    int errors, stderr_was;
    void *stack;
    struct sigaction before[FATAL];
} rescue;

static void put(int file, const char *bytes, size_t count)
{
    while (count) {
        ssize_t written = write(file, bytes, count);
        if (written < 0 && errno != EINTR) {
            return;
        }
        bytes += written > 0 ? written : 0;
        count -= written > 0 ? (size_t)written : 0;
    }
}

void ql_rescue_copy(int from, int to)
{
    char block[1024];
    ssize_t got;
    if (from < 0 || lseek(from, 0, SEEK_SET) < 0) {
        return;
    }
    while ((got = read(from, block, sizeof block)) > 0) {
        put(to, block, (size_t)got);
    }
}

static void restore(void)
{
    put(STDOUT_FILENO, rescue.reset, rescue.length);
    if (rescue.has_modes) {
        tcsetattr(STDIN_FILENO, TCSANOW, &rescue.modes);
    }
    if (rescue.stderr_was >= 0) {
        dup2(rescue.stderr_was, STDERR_FILENO);
        ql_rescue_copy(rescue.errors, STDERR_FILENO);
    }
}

static void on_fatal(int number)
{
    if (rescue.armed) {
        rescue.armed = 0;
        restore();
    }
    signal(number, SIG_DFL);
    raise(number);
}

void ql_rescue_start(const char *reset, int errors, int stderr_was)
{
    size_t length = strlen(reset);
    rescue.length = length < sizeof rescue.reset ? length : 0;
    memcpy(rescue.reset, reset, rescue.length);
    rescue.has_modes = !tcgetattr(STDIN_FILENO, &rescue.modes);
    rescue.errors = errors;
    rescue.stderr_was = stderr_was;
    rescue.armed = 1;
    rescue.stack = malloc(STACK);
    if (rescue.stack) {
        sigaltstack(&(stack_t){.ss_sp = rescue.stack, .ss_size = STACK}, NULL);
    }
    struct sigaction action = {.sa_handler = on_fatal, .sa_flags = rescue.stack ? SA_ONSTACK : 0};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL; i++) {
        sigaction(fatal[i], &action, &rescue.before[i]);
    }
}

void ql_rescue_end(void)
{
    rescue.armed = 0;
    for (int i = 0; i < FATAL; i++) {
        sigaction(fatal[i], &rescue.before[i], NULL);
    }
    sigaltstack(&(stack_t){.ss_flags = SS_DISABLE}, NULL);
    free(rescue.stack);
    rescue.stack = NULL;
}
