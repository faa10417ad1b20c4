/* A few threads that share out the parts of a piece of work. They belong to whoever opened them, and sleep
 * while there is nothing to do. */
#ifndef QL_BASE_TEAM_H
#define QL_BASE_TEAM_H

typedef struct ql_team ql_team;

/* `threads` in all, the caller's own among them. NULL: they are refused, or there is only that one. */
ql_team *ql_team_open(int threads);
void ql_team_close(ql_team *team); /* NULL is allowed */

/* Does parts 0 .. parts-1, each once and in any order, and returns when all are done; `team` NULL: here, one
 * after the other. For one caller at a time; a part may not ask for more. */
typedef void (*ql_team_work)(void *user, int part);
void ql_team_run(ql_team *team, int parts, ql_team_work work, void *user);

#endif
