// Loads and stores: widths, vectors, spaces, cache hints, orders.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kMemoryGroup = "memory";

constexpr unsigned kThreads = 32;

// Thread t uses 16 bytes of its own: operands a and b lie behind each other.
const std::string kRowOfInput = "mul.wide.u32 %u, %t, 16;\nadd.u64 %u, %u, %i;\n";
const std::string kRowOfOutput = "mul.wide.u32 %v, %t, 16;\nadd.u64 %v, %v, %o;\n";

struct Vector {
    const char* name;
    unsigned count;
    const char* list;
};
constexpr Vector kVectors[] = {{"", 1, "%d"}, {".v2", 2, "{%d, %e}"}, {".v4", 4, "{%d, %e, %f, %g}"}};

std::string register_type(const std::string& type) {
    return type_of(type).bits <= 16 ? "b32" : "b" + std::to_string(type_of(type).bits);
}

// Narrow loads into wider registers show how they are extended.
void add_loads(Cases& cases, const std::string& opcode, const std::string& setup, const std::string& address) {
    for (const std::string type :
         {"b8", "u8", "s8", "b16", "u16", "s16", "b32", "u32", "s32", "f32", "b64", "u64", "s64", "f64"}) {
        for (const Vector& vector : kVectors) {
            if (vector.count * type_of(type).bits > 128) {
                continue;
            }
            const std::string name = opcode + vector.name + "." + type;
            cases.push_back(warp_case(kMemoryGroup, name, setup + name + " " + vector.list + ", [" + address + "];",
                                      std::vector<std::string>(vector.count, register_type(type)), {"b64", "b64"},
                                      kThreads));
        }
    }
}

void add_stores(Cases& cases, const std::string& opcode, const std::string& setup, const std::string& address,
                const std::string& after) {
    for (const std::string type : {"b8", "u8", "b16", "s16", "b32", "f32", "b64", "f64"}) {
        for (const Vector& vector : kVectors) {
            if (vector.count * type_of(type).bits > 128) {
                continue;
            }
            const std::string name = opcode + vector.name + "." + type;
            const std::string bits = type_of(type).bits == 64 ? "64" : "32";
            const std::string list = vector.count == 1   ? "%s0"
                                     : vector.count == 2 ? "{%s0, %s1}"
                                                         : "{%s0, %s1, %s2, %s3}";
            const std::string values = bits == "64" ? "mov.b64 %s0, %a;\nmov.b64 %s1, %b;\n"
                                                    : "mov.b64 {%s0, %s1}, %a;\nmov.b64 {%s2, %s3}, %b;\n";
            Case test = warp_case(kMemoryGroup, name,
                                  ".reg .b" + bits + " %s<4>;\n" + values + kRowOfOutput + setup + name + " [" +
                                      address + "], " + list + ";\n" + after,
                                  {"b64", "b64"}, {"b64", "b64"}, kThreads);
            test.stores = false;
            cases.push_back(test);
        }
    }
}

std::string shared_row(const std::string& space) {
    return "." + space + " .align 16 .b8 room[2048];\nmov.u64 %u, room;\n" +
           (space == "shared" ? "mul.wide.u32 %v, %t, 16;\nadd.u64 %u, %u, %v;\n" : "");
}

void add_hints(Cases& cases) {
    for (const char* hint :
         {"ca", "cg", "cs", "lu", "cv", "L1::evict_last", "L1::no_allocate", "L2::128B", "L1::evict_first.L2::64B"}) {
        const std::string text = "ld.global." + std::string(hint) + ".v4.u32";
        cases.push_back(warp_case(kMemoryGroup, text, kRowOfInput + text + " {%d, %e, %f, %g}, [%u];",
                                  {"u32", "u32", "u32", "u32"}, {"b64", "b64"}));
    }
    for (const char* order : {"volatile.global", "relaxed.gpu.global", "acquire.sys.global", "relaxed.cta.global",
                              "global.nc.L1::no_allocate", "global.nc.L2::256B"}) {
        const std::string text = "ld." + std::string(order) + ".u32";
        cases.push_back(warp_case(kMemoryGroup, text, kRowOfInput + text + " %d, [%u];", {"u32"}, {"b64", "b64"}));
    }
    for (const char* hint : {"global.wb", "global.cg", "global.cs", "global.wt", "global.L1::evict_last",
                             "volatile.global", "relaxed.gpu.global", "release.gpu.global", "release.cta.global"}) {
        const std::string text = "st." + std::string(hint) + ".b64";
        Case test = warp_case(kMemoryGroup, text, text + " [%yd], %a;", {"b64"}, {"b64"});
        test.stores = false;
        cases.push_back(test);
    }
    cases.push_back(
        warp_case(kMemoryGroup, "prefetch.global.L2", "prefetch.global.L2 [%xa];\nmov.b64 %d, %a;", {"b64"}, {"b64"}));
}

void add_addresses(Cases& cases) {
    const std::string room = ".shared .align 16 .b8 room[2048];\nmov.u32 %m, room;\nmad.lo.u32 %m, %t, 8, %m;\n";
    cases.push_back(warp_case(kMemoryGroup, "cvta.shared.u64",
                              room + "st.shared.b64 [%m], %a;\ncvt.u64.u32 %u, %m;\ncvta.shared.u64 %u, %u;\n"
                                     "ld.b64 %d, [%u];",
                              {"b64"}, {"b64"}));
    cases.push_back(warp_case(kMemoryGroup, "cvta.to.shared.u64",
                              room + "cvt.u64.u32 %u, %m;\ncvta.shared.u64 %u, %u;\nst.b64 [%u], %a;\n"
                                     "cvta.to.shared.u64 %v, %u;\ncvt.u32.u64 %n, %v;\nld.shared.b64 %d, [%n];",
                              {"b64"}, {"b64"}));
    for (const char* space : {"global", "shared", "local", "const", "shared::cta", "shared::cluster"}) {
        cases.push_back(warp_case(kMemoryGroup, std::string("isspacep.") + space,
                                  room + "cvt.u64.u32 %u, %m;\ncvta.shared.u64 %u, %u;\nisspacep." + space +
                                      " %d, %u;\nisspacep." + space + " %e, %i;",
                                  {"pred", "pred"}, {"b64"}));
    }
}

}  // namespace

void add_memory_cases(Cases& cases) {
    add_loads(cases, "ld.global", kRowOfInput, "%u");
    add_loads(cases, "ld", kRowOfInput, "%u");
    add_loads(cases, "ld.global.nc", kRowOfInput, "%u");
    add_loads(cases, "ldu.global", kRowOfInput, "%u");
    add_loads(cases, "ld.shared", shared_row("shared") + "st.shared.v2.b64 [%u], {%a, %b};\n", "%u");
    add_loads(cases, "ld.local", shared_row("local") + "st.local.v2.b64 [%u], {%a, %b};\n", "%u");
    add_stores(cases, "st.global", "", "%v", "");
    add_stores(cases, "st", "", "%v", "");
    for (const std::string space : {"shared", "local"}) {
        const std::string zero = ".reg .b64 %z<2>;\nmov.b64 %z0, 0;\n";
        const std::string row =
            "." + space + " .align 16 .b8 room[2048];\nmov.u64 %u, room;\n" +
            (space == "shared" ? ".reg .b64 %k;\nmul.wide.u32 %k, %t, 16;\nadd.u64 %u, %u, %k;\n" : "") + zero + "st." +
            space + ".v2.b64 [%u], {%z0, %z0};\n";
        add_stores(cases, "st." + space, row, "%u",
                   "ld." + space + ".v2.b64 {%z0, %z1}, [%u];\nst.global.v2.b64 [%v], {%z0, %z1};");
    }
    add_hints(cases);
    add_addresses(cases);
}

}  // namespace warpsmith::conformance
