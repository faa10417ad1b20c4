/* Files that are written from the screen. */
#include "tui/lab/task.h"

static ql_code write_report(const ql_task *task, ql_answer *answer)
{
    const ql_question *q = &answer->question;
    ql_report_options options = {.sort = *q->sort ? q->sort : NULL};
    (void)task;
    return ql_report_write(ql_report_find(q->way), q->document, &options, q->path, &answer->err);
}

static ql_code write_plan(const ql_task *task, ql_answer *answer)
{
    (void)task;
    return ql_json_write(answer->question.document, answer->question.path, &answer->err);
}

/* The models at hand, else those that the plan names, as far as they are still there. */
static ql_code find_models(const ql_task *task, const ql_json *plan, ql_model *opened[2],
                           ql_export_source *source, ql_err *err)
{
    static const char *const sides[] = {"reference", "candidate"};
    ql_side *const to[] = {&source->reference, &source->candidate};
    if (task->options.pairing) {
        source->reference = task->options.reference;
        source->candidate = task->options.candidate;
        source->pairing = task->options.pairing;
        return QL_OK;
    }
    ql_code code = QL_OK;
    for (int i = 0; i < 2 && !code; i++) {
        code = ql_model_open(&opened[i], ql_json_get_text(plan, sides[i], ""), err);
        to[i]->model = opened[i];
    }
    return code;
}

static ql_code write_config(const ql_task *task, ql_answer *answer)
{
    const ql_question *q = &answer->question;
    ql_model *opened[2] = {NULL, NULL};
    ql_export_source source = {.plan = q->document};
    ql_code code = find_models(task, q->document, opened, &source, &answer->err);
    code =
        code ? code : ql_export_write(ql_export_find(q->way), &source, q->path, &answer->notes, &answer->err);
    ql_model_close(opened[0]);
    ql_model_close(opened[1]);
    return code;
}

ql_code ql_answer_write(ql_task *task, ql_answer *answer)
{
    static ql_code (*const kinds[])(const ql_task *, ql_answer *) = {
        [QL_WRITE_REPORT] = write_report, [QL_WRITE_PLAN] = write_plan, [QL_WRITE_CONFIG] = write_config};
    return kinds[answer->question.writing](task, answer);
}
