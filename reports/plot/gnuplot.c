#include "reports/plot/gnuplot.h"

#include "reports/plot/svg.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WORKERS = 2, MAX_OUTPUT = 16 << 20 };
#define MARK "@@plot "

/* One gnuplot process. Its end of the socket is both its standard input and output: a socket, because a write
 * to a dead process's pipe would raise a signal that is not ours to handle. */
typedef struct {
    pid_t pid; /* 0: none */
    int fd;
    ql_text in, out;
    size_t sent;
    bool done;
} worker;

static long long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A page replaces the colours that a script names; a picture has those of a light page. */
static void put_coloured(ql_text *in, const char *script, ql_draw_format format)
{
    static const char *const light[] = {"#57606a", "#d8dee4", "#0072b2", "#d55e00", "#a8005c",
                                        "#8c959f", "#57606a", "#f3b6d8", "#4a90c2", "#d9b300",
                                        "#f28e2b", "#b2182b", "#8c959f"};
    static const char digits[] = "123456789abcd";
    for (const char *at = script; *at; at++) {
        bool colour = format == QL_DRAW_PNG && at[0] == '#' && at[1] == '0' && at[2] && at[3] == '0';
        const char *digit = colour ? strchr(digits, at[2]) : NULL;
        if (digit && strlen(at) >= 7) {
            ql_text_put(in, light[digit - digits]);
            at += 6;
        } else {
            ql_text_put_bytes(in, at, 1);
        }
    }
}

static void put_plot(ql_text *in, const ql_plot *plot, int number, ql_draw_format format)
{
    ql_text_format(in, "reset\nprint '" MARK "%d'\n", number);
    ql_text_format(in,
                   format == QL_DRAW_SVG
                       ? "set terminal svg size %d,%d dynamic rounded font 'sans-serif,11' linewidth 1\n"
                       : "set terminal pngcairo rounded size %d,%d font 'sans-serif,11' linewidth 1\n",
                   plot->width, plot->height);
    static const char style[] =
        "set border 3 linecolor rgb '#010101' linewidth 0.5\n"
        "set tics nomirror out scale 0.5 textcolor rgb '#010101'\n"
        "set grid ytics linecolor rgb '#020202' linewidth 0.5 dashtype 1\nunset key\n";
    put_coloured(in, style, format);
    put_coloured(in, ql_text_bytes(&plot->script), format);
    ql_text_put(in, "\nset output\n");
}

static bool spawn(worker *w, const char *program, int ends[2])
{
    char locale[] = "LC_ALL=C", path[] = "PATH=/usr/local/bin:/usr/bin:/bin", home[] = "HOME=/";
    char *const environment[] = {locale, path, home, NULL};
    char name[] = "gnuplot", defaults[] = "-d"; /* no start-up file of the user's */
    char *const arguments[] = {name, defaults, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    if (posix_spawn_file_actions_init(&actions)) {
        return false;
    }
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return false;
    }
    int refused = posix_spawn_file_actions_adddup2(&actions, ends[1], 0) ||
                  posix_spawn_file_actions_adddup2(&actions, ends[1], 1) ||
                  posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0) ||
                  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP) ||
                  posix_spawnp(&w->pid, program, &actions, &attributes, arguments, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return !refused;
}

static bool start(worker *w, const char *program)
{
    int ends[2];
    if (w->in.failed || socketpair(AF_UNIX, SOCK_STREAM, 0, ends)) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    }
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    bool started = spawn(w, program, ends);
    close(ends[1]);
    if (!started) {
        w->pid = 0;
        close(ends[0]);
        return false;
    }
    w->fd = ends[0];
    return true;
}

static void send_some(worker *w)
{
    ssize_t count = send(w->fd, w->in.bytes + w->sent, w->in.length - w->sent, MSG_NOSIGNAL);
    if (count >= 0) {
        w->sent += (size_t)count;
    } else if (errno != EAGAIN && errno != EINTR) {
        w->sent = w->in.length; /* it has gone: what it said before still counts */
    }
    if (w->sent == w->in.length) {
        shutdown(w->fd, SHUT_WR);
    }
}

static void receive_some(worker *w)
{
    char buffer[16384];
    ssize_t count = recv(w->fd, buffer, sizeof buffer, 0);
    if (count > 0 && w->out.length < MAX_OUTPUT) {
        ql_text_put_bytes(&w->out, buffer, (size_t)count);
    } else if (count >= 0 || (errno != EAGAIN && errno != EINTR)) {
        w->done = true;
    }
}

/* Moves bytes until every worker has finished or time is up. */
static void converse(worker *workers, long long deadline)
{
    for (;;) {
        struct pollfd polls[WORKERS];
        worker *polled[WORKERS];
        nfds_t count = 0;
        for (int i = 0; i < WORKERS; i++) {
            worker *w = &workers[i];
            if (w->pid && !w->done) {
                short events = w->sent < w->in.length ? POLLIN | POLLOUT : POLLIN;
                polled[count] = w;
                polls[count++] = (struct pollfd){w->fd, events, 0};
            }
        }
        long long left = deadline - now_ms();
        if (!count || left <= 0) {
            return;
        }
        poll(polls, count, (int)left);
        for (nfds_t i = 0; i < count; i++) {
            if (polls[i].revents & POLLOUT && polled[i]->sent < polled[i]->in.length) {
                send_some(polled[i]);
            }
            if (polls[i].revents & (POLLIN | POLLHUP | POLLERR)) {
                receive_some(polled[i]);
            }
        }
    }
}

/* Waits for it until the deadline, then ends it and whatever it started. Was it in time? */
static bool reap(worker *w, long long deadline)
{
    const struct timespec pause = {0, 2000000};
    pid_t gone = 0;
    while (!(gone = waitpid(w->pid, NULL, WNOHANG)) && w->done && now_ms() < deadline) {
        nanosleep(&pause, NULL);
    }
    if (!gone) {
        kill(-w->pid, SIGKILL);
        waitpid(w->pid, NULL, 0);
    }
    close(w->fd);
    return gone != 0;
}

/* The pieces of the output after each mark are the plots that the marks name. */
static void distribute(const worker *w, ql_plot *plots, int count, ql_draw_format format)
{
    const char *bytes = ql_text_bytes(&w->out), *end = bytes + w->out.length;
    const char *at = ql_plot_find(bytes, w->out.length, MARK);
    while (at) {
        const char *body = at + sizeof MARK - 1;
        const char *next = ql_plot_find(body, (size_t)(end - body), MARK);
        long number = strtol(body, NULL, 10);
        if (number >= 0 && number < count && !plots[number].body.length) {
            (format == QL_DRAW_SVG ? ql_plot_take_svg : ql_plot_take_png)(
                &plots[number].body, body, (size_t)((next ? next : end) - body));
        }
        at = next;
    }
}

static const char *why_missing(const ql_plot *plots, int count, bool started, bool late)
{
    for (int i = 0; i < count; i++) {
        if (plots[i].script.length && !plots[i].body.length) {
            return !started ? "gnuplot could not be started"
                   : late   ? "gnuplot took too long"
                            : "gnuplot did not draw all of them";
        }
    }
    return NULL;
}

const char *ql_plot_draw(ql_plot *plots, int count, ql_draw_format format, const char *program, int seconds)
{
    worker workers[WORKERS] = {0};
    long long deadline = now_ms() + 1000LL * seconds;
    for (int i = 0, k = 0; i < count; i++) {
        ql_text *in = &workers[k % WORKERS].in;
        if (plots[i].script.length) {
            ql_text_put(in, in->length ? "" : "set encoding utf8\nset print '-'\n");
            put_plot(in, &plots[i], i, format);
            k++;
        }
    }
    bool started = true, late = false;
    for (int i = 0; i < WORKERS; i++) {
        started &= !workers[i].in.length || start(&workers[i], program ? program : "gnuplot");
    }
    converse(workers, deadline);
    for (int i = 0; i < WORKERS; i++) {
        worker *w = &workers[i];
        late |= w->pid && !reap(w, deadline);
        distribute(w, plots, count, format);
        ql_text_free(&w->in);
        ql_text_free(&w->out);
    }
    return why_missing(plots, count, started, late);
}

void ql_plot_free(ql_plot *plots, int count)
{
    for (int i = 0; i < count; i++) {
        ql_text_free(&plots[i].script);
        ql_text_free(&plots[i].body);
    }
}
