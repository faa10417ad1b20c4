#include "analyzer/result/result.h"

#include <unistd.h>

ql_code ql_result_sign(ql_json *result, const ql_run_facts *facts, ql_err *err)
{
    ql_doc d = {0};
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    ql_json *run = ql_put_object(&d, result, "run");
    ql_json *command = ql_put_array(&d, run, "command");
    for (int i = 0; i < facts->argc; i++) {
        ql_put_text(&d, command, NULL, facts->argv[i]);
    }
    ql_put_text(&d, run, "version", QL_VERSION);
    ql_put_text(&d, run, "started", facts->started);
    ql_put_number(&d, run, "seconds", facts->seconds);
    ql_put_int(&d, run, "threads", facts->threads);
    ql_put_int(&d, run, "shard", facts->shard + 1);
    ql_put_int(&d, run, "shards", facts->shards);
    ql_put_int(&d, run, "ranks", facts->ranks > 1 ? facts->ranks : 1);
    ql_put_text(&d, run, "host", host);
    return ql_doc_check(&d, err);
}
