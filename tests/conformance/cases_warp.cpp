// Instructions that lanes of a warp, or warps of a block, do together.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kWarpGroup = "warp";

// Lanes 0-16, and every other one of them, run the body; the others keep zero.
std::string masked(const std::string& body, const std::string& keep, const std::string& zero) {
    return zero + "\n" + keep + "\n@!%q bra SKIP;\n" + body + "\nSKIP:\n";
}
struct Lanes {
    const char* name;
    const char* mask;
    const char* choose;  // sets %q
};
constexpr Lanes kSome[] = {
    {"lanes 0-16", "0x1ffff", "setp.lt.u32 %q, %l, 17;"},
    {"odd lanes", "0xaaaaaaaa", "and.b32 %m, %l, 1;\nsetp.ne.u32 %q, %m, 0;"},
};

void add(Cases& cases, const std::string& name, const std::string& instruction, const std::string& operands,
         const std::vector<std::string>& results, const std::vector<std::string>& types) {
    const std::string zero = results[0] == "pred"  ? "setp.ne.u32 %d, 0, 0;"
                             : results[0] == "b64" ? "mov.b64 %d, 0;"
                                                   : "mov.b32 %d, 0;";
    const std::string zero_second = results.size() > 1 ? "\nsetp.ne.u32 %e, 0, 0;" : "";
    cases.push_back(warp_case(kWarpGroup, name, instruction + operands + ", 0xffffffff;", results, types));
    for (const Lanes& lanes : kSome) {
        cases.push_back(
            warp_case(kWarpGroup, name + " (" + lanes.name + ")",
                      masked(instruction + operands + ", " + lanes.mask + ";", lanes.choose, zero + zero_second),
                      results, types));
    }
}

void add_shuffles(Cases& cases) {
    for (const std::string mode : {"up", "down", "bfly", "idx"}) {
        for (const char* control : {"0", "31", "0x1c1f", "0x180c", "0x1007", "0x1000"}) {
            for (const char* amount : {"0", "1", "5", "16", "31"}) {
                cases.push_back(
                    warp_case(kWarpGroup, "shfl.sync." + mode + ".b32 (" + amount + ", " + control + ")",
                              "shfl.sync." + mode + ".b32 %d|%e, %a, " + amount + ", " + control + ", 0xffffffff;",
                              {"b32", "pred"}, {"b32"}, 32));
            }
        }
        cases.push_back(warp_case(kWarpGroup, "shfl.sync." + mode + ".b32 (amounts of lanes)",
                                  "and.b32 %b, %b, 31;\nshfl.sync." + mode + ".b32 %d|%e, %a, %b, " +
                                      (mode == "up" ? "0" : "31") + ", 0xffffffff;",
                                  {"b32", "pred"}, {"b32", "b32"}));
    }
    // Among lanes 0-16 only lanes that take part are read.
    cases.push_back(warp_case(kWarpGroup, "shfl.sync.idx.b32 (lanes 0-16)",
                              masked("and.b32 %b, %b, 15;\nshfl.sync.idx.b32 %d|%e, %a, %b, 31, 0x1ffff;",
                                     "setp.lt.u32 %q, %l, 17;", "mov.b32 %d, 0;\nsetp.ne.u32 %e, 0, 0;"),
                              {"b32", "pred"}, {"b32", "b32"}));
}

void add_votes(Cases& cases) {
    const std::string predicate = "setp.lt.s32 %p, %a, 0;\n";
    for (const char* mode : {"all", "any", "uni"}) {
        add(cases, std::string("vote.sync.") + mode + ".pred", predicate + "vote.sync." + mode + ".pred ", "%d, %p",
            {"pred"}, {"s32"});
        add(cases, std::string("vote.sync.") + mode + ".pred (true)",
            "setp.eq.u32 %p, 0, 0;\nvote.sync." + std::string(mode) + ".pred ", "%d, %p", {"pred"}, {"s32"});
    }
    add(cases, "vote.sync.ballot.b32", predicate + "vote.sync.ballot.b32 ", "%d, %p", {"b32"}, {"s32"});
    add(cases, "vote.sync.ballot.b32 (!p)", predicate + "vote.sync.ballot.b32 ", "%d, !%p", {"b32"}, {"s32"});
    for (const char* bits : {"32", "64"}) {
        const std::string type = std::string("b") + bits, narrow = "and.b" + std::string(bits) + " %a, %a, 3;\n";
        add(cases, "match.any.sync." + type, narrow + "match.any.sync." + type + " ", "%d, %a", {"b32"}, {type});
        add(cases, "match.all.sync." + type, narrow + "match.all.sync." + type + " ", "%d|%e, %a", {"b32", "pred"},
            {type});
        add(cases, "match.all.sync." + type + " (equal)",
            "and.b" + std::string(bits) + " %a, %a, 0;\nmatch.all.sync." + type + " ", "%d|%e, %a", {"b32", "pred"},
            {type});
    }
    for (const char* type : {"u32", "s32"}) {
        for (const char* op : {"add", "min", "max"}) {
            add(cases, std::string("redux.sync.") + op + "." + type, std::string("redux.sync.") + op + "." + type + " ",
                "%d, %a", {type}, {type});
        }
    }
    for (const char* op : {"and", "or", "xor"}) {
        add(cases, std::string("redux.sync.") + op + ".b32", std::string("redux.sync.") + op + ".b32 ", "%d, %a",
            {"b32"}, {"b32"});
    }
}

void add_float_reductions(Cases& cases) {
    const std::size_t first = cases.size();
    for (const std::string op : {"min", "max"}) {
        for (const char* modifiers : {"", ".abs", ".NaN", ".abs.NaN"}) {
            const std::string name = "redux.sync." + op + modifiers + ".f32";
            add(cases, name, name + " ", "%d, %a", {"f32"}, {"f32"});
        }
    }
    for (std::size_t i = first; i < cases.size(); ++i) {
        cases[i].version = "8.6";
        cases[i].target = "sm_100a";
    }
}

void add_others(Cases& cases) {
    for (const Lanes& lanes : kSome) {
        cases.push_back(warp_case(kWarpGroup, std::string("activemask.b32 (") + lanes.name + ")",
                                  masked("activemask.b32 %d;", lanes.choose, "mov.b32 %d, 0;"), {"b32"}, {"b32"}));
    }
    cases.push_back(warp_case(kWarpGroup, "activemask.b32", "activemask.b32 %d;", {"b32"}, {"b32"}));
    cases.push_back(warp_case(kWarpGroup, "elect.sync", "elect.sync %d|%e, 0xffffffff;", {"b32", "pred"}, {"b32"}));
    cases.push_back(
        warp_case(kWarpGroup, "elect.sync (odd lanes)",
                  masked("elect.sync %d|%e, 0xaaaaaaaa;", kSome[1].choose, "mov.b32 %d, 0;\nsetp.ne.u32 %e, 0, 0;"),
                  {"b32", "pred"}, {"b32"}));
    const std::string predicate = "setp.lt.s32 %p, %a, 0;\n";
    for (const std::string name : {"bar.red", "barrier.cta.red"}) {
        cases.push_back(
            warp_case(kWarpGroup, name + ".popc.u32", predicate + name + ".popc.u32 %d, 0, %p;", {"u32"}, {"s32"}));
        cases.push_back(warp_case(kWarpGroup, name + ".popc.u32 (64 threads, !p)",
                                  predicate + name + ".popc.u32 %d, 3, 64, !%p;", {"u32"}, {"s32"}));
        for (const std::string op : {"and", "or"}) {
            cases.push_back(warp_case(kWarpGroup, name + "." + op + ".pred",
                                      predicate + name + "." + op + ".pred %d, 0, %p;", {"pred"}, {"s32"}));
            cases.push_back(warp_case(kWarpGroup, name + "." + op + ".pred (true)",
                                      "setp.eq.u32 %p, 0, 0;\n" + name + "." + op + ".pred %d, 0, %p;", {"pred"},
                                      {"s32"}));
        }
    }
    for (const char* reg :
         {"tid.x", "ntid.x", "ctaid.x", "nctaid.x", "laneid", "lanemask_eq", "lanemask_lt", "lanemask_le",
          "lanemask_gt", "lanemask_ge", "cluster_ctarank", "cluster_nctarank", "is_explicit_cluster"}) {
        const bool flag = std::string(reg).starts_with("is_");
        cases.push_back(warp_case(kWarpGroup, std::string("mov (%") + reg + ")",
                                  std::string(flag ? "mov.pred" : "mov.u32") + " %d, %" + reg + ";",
                                  {flag ? "pred" : "u32"}, {"b32"}));
    }
}

}  // namespace

void add_warp_cases(Cases& cases) {
    add_shuffles(cases);
    add_votes(cases);
    add_float_reductions(cases);
    add_others(cases);
}

}  // namespace warpsmith::conformance
