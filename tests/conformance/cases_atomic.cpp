// Atomics and reductions, on memory of one's own (old and new values) and on memory that all threads use (the sum).
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kAtomicGroup = "atomic";

struct Operation {
    const char* op;
    std::vector<std::string> types;
    std::string version = "8.0";
    bool red = true;
};

const std::vector<Operation>& operations() {
    static const std::vector<Operation> all = {
        {"and", {"b32", "b64"}},
        {"or", {"b32", "b64"}},
        {"xor", {"b32", "b64"}},
        {"add", {"u32", "s32", "u64", "f32", "f64"}},
        {"min", {"u32", "s32", "u64", "s64"}},
        {"max", {"u32", "s32", "u64", "s64"}},
        {"inc", {"u32"}},
        {"dec", {"u32"}},
        {"exch", {"b32", "b64"}, "8.0", false},
        {"add.noftz", {"f16", "bf16", "f16x2", "bf16x2"}},
    };
    return all;
}

std::string room(const std::string& type, bool shared) {
    const std::string bytes = std::to_string(stored_bytes(type));
    return shared ? ".shared .align 16 .b8 room[2048];\n.reg .b32 %cell;\nmov.u32 %cell, %tid.x;\nmov.u32 %n, room;\n"
                    "mad.lo.u32 %cell, %cell, " +
                        bytes + ", %n;\nst.shared.b" + std::to_string(type_of(type).bits) + " [%cell], %a;\n"
                  : "";
}

// %a in memory, %b combined with it: %d is the old value, %e the new one.
void add_own(Cases& cases, const Operation& operation, const std::string& type, bool shared) {
    const std::string space = shared ? "shared" : "global", at = shared ? "[%cell]" : "[%xa]";
    const std::string bits = ".b" + std::to_string(type_of(type).bits);
    const std::string suffix = std::string(operation.op) + "." + type;
    const std::string reload = "\nld." + space + bits + " %e, " + at + ";";
    Case atom = with_body(kAtomicGroup, "atom." + space + "." + suffix,
                          room(type, shared) + "atom." + space + "." + suffix + " %d, " + at + ", %b;" + reload,
                          {type, type}, {type, type});
    atom.version = operation.version;
    cases.push_back(atom);
    if (operation.red) {
        cases.push_back(with_body(kAtomicGroup, "red." + space + "." + suffix,
                                  room(type, shared) + "red." + space + "." + suffix + " " + at + ", %b;" + reload +
                                      "\nmov" + bits + " %d, %a;",
                                  {type, type}, {type, type}));
    }
}

void add_compare_and_swap(Cases& cases, const std::string& type, bool shared) {
    const std::string space = shared ? "shared" : "global", at = shared ? "[%cell]" : "[%xa]";
    const std::string name = "atom." + space + ".cas." + type;
    cases.push_back(
        with_body(kAtomicGroup, name,
                  room(type, shared) + name + " %d, " + at + ", %b, %c;\nld." + space + "." + type + " %e, " + at + ";",
                  {type, type}, {type, type, type}));
}

// 128 threads at one cell; which came first does not change the end.
void add_contended(Cases& cases) {
    for (const std::string op : {"add.u32", "min.s32", "max.u32", "and.b32", "or.b32", "xor.b32", "add.u64", "max.s64",
                                 "inc.u32", "dec.u32"}) {
        const std::string type = op.substr(op.find('.') + 1);
        const std::string bits = "b" + std::to_string(type_of(type).bits);
        const std::string first = "setp.eq.u32 %p, %t, 0;\n";
        for (const char* instruction : {"atom", "red"}) {
            const std::string name = std::string(instruction) + ".shared." + op;
            const std::string ignore = instruction[0] == 'a' ? " %d, [room], %a;" : " [room], %a;";
            const std::string bound = op.starts_with("inc") || op.starts_with("dec") ? "mov.u32 %a, 9;\n" : "";
            cases.push_back(warp_case(kAtomicGroup, name + " (one cell)",
                                      ".shared .align 8 .b64 room;\n" + first + "@%p st.shared." + bits +
                                          " [room], %a;\nbar.sync 0;\n" + bound + name + ignore +
                                          "\nbar.sync 0;\nld.shared." + bits + " %d, [room];",
                                      {type}, {type}));
        }
    }
}

void add_orders(Cases& cases) {
    for (const char* order : {"relaxed.gpu", "acquire.gpu", "release.gpu", "acq_rel.gpu", "relaxed.cta", "acq_rel.sys",
                              "relaxed.cluster"}) {
        const std::string name = "atom." + std::string(order) + ".global.add.u32";
        cases.push_back(with_body(kAtomicGroup, name, name + " %d, [%xa], %b;", {"u32"}, {"u32", "u32"}));
        const std::string reduce = "red." + std::string(order) + ".global.add.u32";
        if (std::string(order).find("acq") == std::string::npos) {
            cases.push_back(with_body(kAtomicGroup, reduce, reduce + " [%xa], %b;\nld.global.u32 %d, [%xa];", {"u32"},
                                      {"u32", "u32"}));
        }
    }
    cases.push_back(
        with_body(kAtomicGroup, "atom.add.u32 (generic)", "atom.add.u32 %d, [%xa], %b;", {"u32"}, {"u32", "u32"}));
    for (const std::string type : {"f32", "f16", "bf16"}) {  // vectors; %a is both elements
        const std::string pair = type == "f32" ? "b64" : type + "x2";
        const std::string red = "red.global.add" + std::string(type == "f32" ? "" : ".noftz") + ".v2." + type;
        const std::string bits = std::to_string(type_of(type).bits);
        Case test = with_body(kAtomicGroup, red, red + " [%xa], {%b, %c};\nld.global.v2.b" + bits + " {%d, %e}, [%xa];",
                              {type, type}, {pair, type, type});
        test.version = "8.1";
        cases.push_back(test);
    }
}

}  // namespace

void add_atomic_cases(Cases& cases) {
    for (const bool shared : {false, true}) {
        for (const Operation& operation : operations()) {
            for (const std::string& type : operation.types) {
                add_own(cases, operation, type, shared);
            }
        }
        for (const char* type : {"b16", "b32", "b64"}) {
            add_compare_and_swap(cases, type, shared);
        }
    }
    add_orders(cases);
    for (Case& test : cases) {
        if (test.group == kAtomicGroup) {
            keep_rows(test, 96);
        }
    }
    add_contended(cases);
}

}  // namespace warpsmith::conformance
