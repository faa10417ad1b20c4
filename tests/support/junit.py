"""Checks a JUnit file against what the schema of Jenkins' xUnit plugin and Maven Surefire's have in common."""
import re
import xml.etree.ElementTree as ElementTree

COUNT, SECONDS, TEXT = r"\d+", r"\d+(\.\d+)?", r"(?s).*"
COUNTS = {"tests": COUNT, "failures": COUNT, "errors": COUNT, "time": SECONDS}
# element: (attributes and their types, the required ones, elements that may be inside)
ELEMENTS = {
    "testsuites": ({"name": TEXT, **COUNTS}, (), ("testsuite",)),
    "testsuite": ({"name": TEXT, "skipped": COUNT, "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "hostname": TEXT, "id": TEXT,
                   "package": TEXT, **COUNTS}, ("name", "tests"),
                  ("properties", "testcase", "system-out", "system-err")),
    "properties": ({}, (), ("property",)),
    "property": ({"name": r".+", "value": TEXT}, ("name",), ()),
    "testcase": ({"name": r".+", "classname": r".+", "time": SECONDS}, ("name", "classname"),
                 ("skipped", "error", "failure", "system-out", "system-err")),
    "failure": ({"message": TEXT, "type": TEXT}, (), ()),
    "error": ({"message": TEXT, "type": TEXT}, (), ()),
    "skipped": ({"message": TEXT}, (), ()),
    "system-out": ({}, (), ()),
    "system-err": ({}, (), ()),
}
MAY_HOLD_TEXT = ("failure", "error", "skipped", "system-out", "system-err")


def element_faults(element) -> list[str]:
    if element.tag not in ELEMENTS:
        return [f"<{element.tag}> is no element"]
    attributes, required, inside = ELEMENTS[element.tag]
    found = [f"<{element.tag}> has no {name}" for name in required if name not in element.attrib]
    for name, value in element.attrib.items():
        if name not in attributes:
            found.append(f"<{element.tag}> may not have {name}")
        elif not re.fullmatch(attributes[name], value):
            found.append(f"<{element.tag} {name}={value!r}>: not of its type")
    if element.tag not in MAY_HOLD_TEXT and (element.text or "").strip():
        found.append(f"<{element.tag}> holds text")
    for child in element:
        if child.tag not in inside:
            found.append(f"<{child.tag}> may not be in <{element.tag}>")
        found += element_faults(child)
    return found


def count_faults(suite) -> list[str]:
    cases = list(suite.iter("testcase"))
    counts = {"tests": len(cases)} | {f"{kind}s": sum(case.find(kind) is not None for case in cases)
                                      for kind in ("failure", "error")}
    return [f"<{suite.tag} {name}={suite.attrib[name]!r}>: there are {count}" for name, count in counts.items()
            if name in suite.attrib and suite.attrib[name] != str(count)]


def faults(text: str) -> list[str]:
    """What is wrong with a file; [] when nothing is."""
    try:
        root = ElementTree.fromstring(text.encode("utf-8"))
    except ElementTree.ParseError as error:
        return [str(error)]
    if root.tag not in ("testsuites", "testsuite"):
        return [f"<{root.tag}> cannot be the root"]
    found = element_faults(root)
    return found or [fault for suite in root.iter() if suite.tag.startswith("testsuite") for fault in count_faults(suite)]
