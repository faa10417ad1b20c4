/* The reports room: files and text made from the document of a comparison. */
#ifndef QL_REPORTS_H
#define QL_REPORTS_H

#include "reports/config/config.h"
#include "reports/digest/digest.h"
#include "reports/digest/figure.h"
#include "reports/digest/verdict.h"
#include "reports/text/escape.h"
#include "reports/text/text.h"
#include "reports/writer.h"

#endif
