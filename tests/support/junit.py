"""Checks a JUnit file against what the schemas of Ant (JUnit.xsd), Jenkins' xUnit plugin (junit-10.xsd) and Maven
Surefire have in common: what one of them requires must be there, what one of them forbids must not."""
import re
import xml.etree.ElementTree as ElementTree

COUNT, SECONDS, TEXT, TOKEN = r"\d+", r"\d+(\.\d+)?", r"(?s).*", r"(?s).*\S.*"
# element: (attributes and their types, all of them required, elements that may be inside, in this order)
ELEMENTS = {
    "testsuites": ({}, ("testsuite*",)),
    "testsuite": ({"name": TOKEN, "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", "hostname": TOKEN, "id": COUNT, "package": TEXT,
                   "tests": COUNT, "failures": COUNT, "errors": COUNT, "skipped": COUNT, "time": SECONDS},
                  ("properties", "testcase*", "system-out", "system-err")),
    "properties": ({}, ("property*",)),
    "property": ({"name": TOKEN, "value": TEXT}, ()),
    "testcase": ({"name": TOKEN, "classname": TOKEN, "time": SECONDS}, ("failure?",)),
    "failure": ({"message": TEXT, "type": TEXT}, ()),
    "system-out": ({}, ()),
    "system-err": ({}, ()),
}
MAY_HOLD_TEXT = ("failure", "system-out", "system-err")


def order_fault(element, inside) -> list[str]:
    """The children as one word each, against the pattern of their order."""
    pattern = "".join(f"(<{name.rstrip('*?')}>){name[-1] if name[-1] in '*?' else ''}" for name in inside)
    children = "".join(f"<{child.tag}>" for child in element)
    return [] if re.fullmatch(pattern, children) else [f"<{element.tag}> holds {children[:200]}"]


def element_faults(element) -> list[str]:
    if element.tag not in ELEMENTS:
        return [f"<{element.tag}> is no element"]
    attributes, inside = ELEMENTS[element.tag]
    found = [f"<{element.tag}> has no {name}" for name in attributes if name not in element.attrib]
    for name, value in element.attrib.items():
        if name not in attributes:
            found.append(f"<{element.tag}> may not have {name}")
        elif not re.fullmatch(attributes[name], value):
            found.append(f"<{element.tag} {name}={value!r}>: not of its type")
    if element.tag not in MAY_HOLD_TEXT and (element.text or "").strip():
        found.append(f"<{element.tag}> holds text")
    for child in element:
        found += element_faults(child)
    return found + order_fault(element, inside)


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
    if root.tag not in ("testsuites",):
        return [f"<{root.tag}> cannot be the root"]
    found = element_faults(root)
    return found or [fault for suite in root.iter() if suite.tag.startswith("testsuite") for fault in count_faults(suite)]
