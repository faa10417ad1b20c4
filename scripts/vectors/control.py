"""Operators that run other subgraphs or hold variables. A case is a few graphs; the first is the main one."""
from onop import Case, Graph, Node, Tensor, k, out, x


def scalar(value, kind="int32"):
    return k(value, kind)


def case(op, name, *graphs, **more):
    return Case(op, name, graphs=graphs, **more)


def condition(limit, *others):
    """n < limit, whatever else is carried."""
    return Graph({"n": out([], "int32"), **{f"v{i}": other for i, other in enumerate(others)}, "limit": scalar(limit),
                  "go": out([], "bool")}, [Node("LESS", ["n", "limit"], ["go"])], ["n", *(f"v{i}" for i in range(len(others)))], ["go"])


def loop(name, first, body_nodes, tensors, results, shape=(2, 3), out_shape=None):
    """Carries a counter and one value v; then adds the value to itself, so that something reads it."""
    shape = list(shape)
    main = Graph({"n": x([], "int32", low=first, high=first), "v": x(shape), "m": out([], "int32"), "u": out(out_shape or shape),
                  "sum": out(out_shape or shape)},
                 [Node("WHILE", ["n", "v"], ["m", "u"], dict(condSubgraphIndex=1, bodySubgraphIndex=2)), Node("ADD", ["u", "u"], ["sum"])],
                 ["n", "v"], ["m", "u", "sum"])
    body = Graph({"n": out([], "int32"), "v": out(shape), "one": scalar(1), "next": out([], "int32"), **tensors},
                 [Node("ADD", ["n", "one"], ["next"]), *body_nodes], ["n", "v"], ["next", results])
    return case("WHILE", name, main, condition(4, out(shape)), body)


def branch(node, tensors, result):
    return Graph({"v": out([2, 3]), **tensors}, [node], ["v"], [result])


def choose(name, then, otherwise):
    main = Graph({"c": x([], "bool"), "v": x([2, 3]), "u": out([2, 3]), "sum": out([2, 3])},
                 [Node("IF", ["c", "v"], ["u"], dict(thenSubgraphIndex=1, elseSubgraphIndex=2)), Node("MUL", ["u", "u"], ["sum"])],
                 ["c", "v"], ["u", "sum"])
    return case("IF", name, main, then, otherwise, samples=4)


HANDLE = dict(container="c", sharedName="v")
DOUBLE = Node("ADD", ["v", "v"], ["u"])
FLAT = Node("RESHAPE", ["v", "flat"], ["u"], dict(newShape=[6]))


def variable(op, name, id_type, held, options=HANDLE):
    """Adds what is fed to a variable that CALL_ONCE gave a first value."""
    read = Graph({"v": x([2]), "id": Tensor([], id_type), "was": held, "u": out([2])},
                 [Node("CALL_ONCE", [], [], dict(initSubgraphIndex=1)), Node("VAR_HANDLE", [], ["id"], options),
                  Node("READ_VARIABLE", ["id"], ["was"]), Node("ADD", ["was", "v"], ["u"]), Node("ASSIGN_VARIABLE", ["id", "u"], [])],
                 ["v"], ["u"])
    first = Graph({"id": Tensor([], id_type), "start": k([10, -20], "float32")},
                  [Node("VAR_HANDLE", [], ["id"], options), Node("ASSIGN_VARIABLE", ["id", "start"], [])], [], [])
    return case(op, name, read, first, samples=3)


def one(op, name, options, inner=(DOUBLE,), tensors=None, **more):
    main = Graph({"v": x([2, 3]), "u": out([2, 3])}, [Node(op, ["v"], ["u"], options)], ["v"], ["u"])
    return case(op, name, main, Graph({"v": out([2, 3]), "u": out([2, 3]), **(tensors or {})}, list(inner), ["v"], ["u"]), **more)


TWICE = Case("ADD", "twice", graphs=[Graph({"v": x([2, 3]), "u": out([2, 3])}, [DOUBLE], ["v"], ["u"])])
CASES = [
    choose("same_shapes", branch(DOUBLE, {"u": out([2, 3])}, "u"),
           branch(Node("SUB", ["v", "row"], ["u"]), {"u": out([2, 3]), "row": k([1, 2, 3], "float32")}, "u")),
    choose("other_shapes", branch(DOUBLE, {"u": out([2, 3])}, "u"), branch(FLAT, {"u": out([6]), "flat": k([6])}, "u")),
    choose("inputs_handed_on", branch(DOUBLE, {"u": out([2, 3])}, "u"), branch(DOUBLE, {"u": out([2, 3])}, "v")),
    loop("squares", 0, [Node("MUL", ["v", "v"], ["u"])], {"u": out([2, 3])}, "u"),
    loop("never", 9, [Node("MUL", ["v", "v"], ["u"])], {"u": out([2, 3])}, "u"),
    loop("grows", 1, [Node("CONCATENATION", ["v", "v"], ["u"], dict(axis=0))], {"u": out([4, 3])}, "u"),
    loop("nested", 0, [Node("IF", ["yes", "v"], ["u"], dict(thenSubgraphIndex=3, elseSubgraphIndex=3))],
         {"u": out([2, 3]), "yes": k(True, "bool")}, "u"),
    variable("VAR_HANDLE", "ranked", "resource", out([2])),
    variable("READ_VARIABLE", "unranked", "resource", out([])),
    variable("READ_VARIABLE", "id_int32", "int32", out([2]), dict(container="", sharedName="w")),
    one("STABLEHLO_COMPOSITE", "twice", dict(name="twice", decompositionSubgraphIndex=1)),
    one("CALL", "twice", dict(subgraph=1), twin=TWICE),
]
CASES[6].graphs = [*CASES[6].graphs, branch(DOUBLE, {"u": out([2, 3])}, "u")]
