/* The analyzer room: data, pairing, comparing, and the results that reports are made from. */
#ifndef QL_ANALYZER_H
#define QL_ANALYZER_H

#include "analyzer/calibrate/calibrate.h"
#include "analyzer/check/check.h"
#include "analyzer/compare/elements.h"
#include "analyzer/compare/engine.h"
#include "analyzer/data/dataset.h"
#include "analyzer/data/npz.h"
#include "analyzer/findings/finding.h"
#include "analyzer/gates/diff.h"
#include "analyzer/gates/gates.h"
#include "analyzer/import/import.h"
#include "analyzer/inspect/inspect.h"
#include "analyzer/json/json.h"
#include "analyzer/modes/modes.h"
#include "analyzer/pair/pair.h"
#include "analyzer/ranks/ranks.h"
#include "analyzer/regex/regex.h"
#include "analyzer/result/joint.h"
#include "analyzer/result/result.h"
#include "analyzer/rewrite/mixed.h"
#include "analyzer/rewrite/plan.h"
#include "analyzer/rewrite/quantize.h"
#include "analyzer/rewrite/scales.h"
#include "analyzer/suggest/suggest.h"
#include "analyzer/whatif/bench.h"
#include "analyzer/whatif/whatif.h"

#endif
