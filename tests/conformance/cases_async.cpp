// mbarrier, asynchronous copies and clusters.
#include "tests/conformance/catalogue.hpp"

namespace warpsmith::conformance {
namespace {

const std::string kAsyncGroup = "async";

// A barrier that thread 0 makes for `count` arrivals; all wait for its first phase.
std::string barrier(const std::string& count) {
    return ".shared .align 8 .b64 bar;\n.shared .align 128 .b8 room[4096];\nsetp.eq.u32 %p, %t, 0;\n"
           "mov.u32 %n, bar;\n@%p mbarrier.init.shared.b64 [%n], " +
           count +
           ";\n"
           "@%p fence.mbarrier_init.release.cluster;\nbar.sync 0;\n";
}
const std::string kWait = "WAIT:\nmbarrier.try_wait.parity.shared::cta.b64 %q, [%n], 0;\n@!%q bra WAIT;\n";

void add(Cases& cases, const std::string& name, const std::string& body, const std::vector<std::string>& results,
         const std::vector<std::string>& operands, unsigned rows = 128) {
    cases.push_back(warp_case(kAsyncGroup, name, body, results, operands, rows));
}

void add_barriers(Cases& cases) {
    add(cases, "mbarrier.arrive.shared.b64",
        barrier("128") + "st.shared.u32 [room], %a;\nmbarrier.arrive.shared.b64 %u, [%n];\n" + kWait + "mov.u32 %d, 1;",
        {"u32"}, {"u32"});
    add(cases, "mbarrier.arrive.shared.b64 (values pass)",
        barrier("128") +
            ".reg .b32 %at;\nmov.u32 %at, room;\nmad.lo.u32 %at, %t, 4, %at;\nst.shared.u32 [%at], %a;\n"
            "mbarrier.arrive.shared.b64 %u, [%n];\n" +
            kWait + "xor.b32 %m, %t, 127;\nmov.u32 %at, room;\nmad.lo.u32 %at, %m, 4, %at;\nld.shared.u32 %d, [%at];",
        {"u32"}, {"u32"});
    add(cases, "mbarrier.test_wait.parity.shared.b64",
        barrier("1") +
            "mbarrier.test_wait.parity.shared.b64 %d, [%n], 0;\n"
            "mbarrier.test_wait.parity.shared.b64 %e, [%n], 1;\nbar.sync 0;\n@%p mbarrier.arrive.shared.b64 %u, [%n];\n"
            "bar.sync 0;\nmbarrier.test_wait.parity.shared.b64 %f, [%n], 0;\n"
            "mbarrier.test_wait.parity.shared.b64 %g, [%n], 1;",
        {"pred", "pred", "pred", "pred"}, {"u32"});
    add(cases, "mbarrier.test_wait.shared.b64",
        barrier("128") +
            "mbarrier.arrive.shared.b64 %u, [%n];\nbar.sync 0;\n"
            "mbarrier.test_wait.shared.b64 %d, [%n], %u;",
        {"pred"}, {"u32"});
    add(cases, "mbarrier.pending_count.b64",
        barrier("5") +
            "mov.u32 %d, 0;\n@!%p bra SKIP;\nmbarrier.arrive.noComplete.shared.b64 %u, [%n], 2;\n"
            "mbarrier.pending_count.b64 %d, %u;\nSKIP:\n",
        {"u32"}, {"u32"}, 32);
    add(cases, "mbarrier.arrive.shared.b64 (count)",
        barrier("5") +
            "@%p mbarrier.arrive.shared::cta.b64 %u, [%n], 4;\nbar.sync 0;\n"
            "mbarrier.test_wait.parity.shared.b64 %d, [%n], 0;\nbar.sync 0;\n@%p mbarrier.arrive.shared::cta.b64 %u, "
            "[%n];\n"
            "bar.sync 0;\nmbarrier.test_wait.parity.shared.b64 %e, [%n], 0;",
        {"pred", "pred"}, {"u32"});
    add(cases, "mbarrier.arrive_drop.shared.b64",
        barrier("2") +
            "@%p mbarrier.arrive_drop.shared.b64 %u, [%n];\n@%p mbarrier.arrive.shared.b64 %u, [%n];\n"
            "bar.sync 0;\nmbarrier.test_wait.parity.shared.b64 %d, [%n], 0;\nbar.sync 0;\n"
            "@%p mbarrier.arrive.shared.b64 %u, [%n];\nbar.sync 0;\nmbarrier.test_wait.parity.shared.b64 %e, [%n], 1;",
        {"pred", "pred"}, {"u32"});
    add(cases, "mbarrier.expect_tx.shared::cta.b64",
        barrier("1") +
            "@%p mbarrier.expect_tx.relaxed.cta.shared::cta.b64 [%n], 64;\n"
            "@%p mbarrier.arrive.shared.b64 %u, [%n];\nbar.sync 0;\nmbarrier.test_wait.parity.shared.b64 %d, [%n], 0;\n"
            "bar.sync 0;\n@%p mbarrier.complete_tx.relaxed.cta.shared::cta.b64 [%n], 64;\nbar.sync 0;\n"
            "mbarrier.test_wait.parity.shared.b64 %e, [%n], 0;",
        {"pred", "pred"}, {"u32"});
}

void add_copies(Cases& cases) {
    for (const char* size : {"4", "8", "16"}) {
        const std::string copy = std::string("cp.async.ca.shared.global [%n], [%u], ") + size;
        const std::string setup =
            ".shared .align 16 .b8 room[2048];\n.reg .b64 %z;\nmov.b64 %z, 0;\nmov.u32 %n, room;\n"
            "mad.lo.u32 %n, %t, 16, %n;\nst.shared.v2.b64 [%n], {%z, %z};\n"
            "mul.wide.u32 %u, %t, 16;\nadd.u64 %u, %u, %i;\n";
        const std::string end = "ld.shared.v2.b64 {%d, %e}, [%n];";
        add(cases, std::string("cp.async.ca.shared.global ") + size, setup + copy + ";\ncp.async.wait_all;\n" + end,
            {"b64", "b64"}, {"b64", "b64"});
        add(cases, std::string("cp.async.ca.shared.global ") + size + " (2 bytes of source)",
            setup + copy + ", 2;\ncp.async.commit_group;\ncp.async.wait_group 0;\n" + end, {"b64", "b64"},
            {"b64", "b64"});
    }
    add(cases, "cp.async.mbarrier.arrive.noinc.shared.b64",
        barrier("128") +
            ".reg .b32 %at;\nmov.u32 %at, room;\nmad.lo.u32 %at, %t, 8, %at;\n"
            "cp.async.ca.shared.global [%at], [%xa], 8;\ncp.async.mbarrier.arrive.noinc.shared.b64 [%n];\n" +
            kWait + "mov.u32 %at, room;\nxor.b32 %m, %t, 127;\nmad.lo.u32 %at, %m, 8, %at;\nld.shared.b64 %d, [%at];",
        {"b64"}, {"b64"});
    add(cases, "cp.async.bulk.shared::cluster.global",
        barrier("1") +
            ".reg .b32 %at;\nmov.u32 %at, room;\n"
            "@%p mbarrier.arrive.expect_tx.shared.b64 %u, [%n], 1024;\n"
            "@%p cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [%at], [%i], 1024, [%n];\n" +
            kWait + "mad.lo.u32 %at, %t, 8, %at;\nld.shared.b64 %d, [%at];",
        {"b64"}, {"b64"});
    const std::string fill =
        ".shared .align 128 .b8 room[2048];\n.reg .b32 %at, %own;\nmov.u32 %at, room;\n"
        "mad.lo.u32 %own, %t, 8, %at;\nst.shared.b64 [%own], %a;\n"
        "fence.proxy.async.shared::cta;\nbar.sync 0;\nsetp.eq.u32 %p, %t, 0;\n@!%p bra SKIP;\n";
    const std::string finish = "cp.async.bulk.commit_group;\ncp.async.bulk.wait_group 0;\nSKIP:\n";
    const auto bulk = [&](const std::string& name, const std::string& type) {
        Case test =
            warp_case(kAsyncGroup, name,
                      fill + name + " [%o], [%at], " + std::to_string(128 * stored_bytes(type)) + ";\n" + finish,
                      {type}, {type}, 128);
        if (type_of(type).bits != 64) {
            const std::size_t at = test.body.find("%t, 8"), store = test.body.find("st.shared.b64");
            test.body.replace(store, 13, "st.shared.b" + std::to_string(type_of(type).bits));
            test.body.replace(at, 5, "%t, " + std::to_string(stored_bytes(type)));
        }
        test.stores = false;
        cases.push_back(test);
    };
    bulk("cp.async.bulk.global.shared::cta.bulk_group", "b64");
    for (const std::string op :
         {"add.u32", "add.s32", "add.u64", "min.s32", "max.u32", "and.b32", "or.b32", "xor.b32", "inc.u32", "dec.u32",
          "add.f32", "add.f64", "add.noftz.f16", "add.noftz.bf16", "min.f16", "max.bf16"}) {
        const std::string type = op.substr(op.rfind('.') + 1);
        bulk("cp.reduce.async.bulk.global.shared::cta.bulk_group." + op, type);
    }
}

void add_clusters(Cases& cases) {
    // Two blocks: each reads or writes the other's shared memory.
    const std::string setup =
        ".shared .align 16 .b8 room[2048];\n.reg .b32 %at, %own, %rank, %other, %far;\n"
        "mov.u32 %at, room;\nmov.u32 %own, %tid.x;\nmad.lo.u32 %own, %own, 4, %at;\n"
        "mov.u32 %rank, %cluster_ctarank;\nxor.b32 %other, %rank, 1;\n"
        "mapa.shared::cluster.u32 %far, %own, %other;\n";
    const std::string meet = "barrier.cluster.arrive.aligned;\nbarrier.cluster.wait.aligned;\n";
    const auto pair = [&](const std::string& name, const std::string& body, const std::vector<std::string>& results) {
        Case test = warp_case(kAsyncGroup, name, setup + body, results, {"b32"}, 128);
        test.block = 64;
        test.grid = test.cluster = 2;
        cases.push_back(test);
    };
    pair("mapa.shared::cluster.u32 ld.shared::cluster",
         "st.shared.b32 [%own], %a;\n" + meet + "ld.shared::cluster.b32 %d, [%far];\n" + meet, {"b32"});
    pair("st.shared::cluster", "st.shared::cluster.b32 [%far], %a;\n" + meet + "ld.shared.b32 %d, [%own];\n", {"b32"});
    pair("mapa.u64 ld",
         "st.shared.b32 [%own], %a;\n" + meet +
             "cvt.u64.u32 %u, %own;\ncvta.shared.u64 %u, %u;\n"
             "mapa.u64 %v, %u, %other;\nld.b32 %d, [%v];\n" +
             meet,
         {"b32"});
    pair("getctarank.shared::cluster.u32",
         "getctarank.shared::cluster.u32 %d, %far;\ngetctarank.shared::cluster.u32 %e, %own;\n", {"u32", "u32"});
    pair("atom.shared::cluster.add.u32",
         "st.shared.b32 [%own], %t;\n" + meet + "atom.shared::cluster.add.u32 %d, [%far], %a;\n" + meet +
             "ld.shared.b32 %e, [%own];\n",
         {"b32", "b32"});
    pair("mov (%cluster_ctarank) in a cluster of 2",
         "mov.u32 %d, %cluster_ctarank;\nmov.u32 %e, %cluster_nctarank;\nmov.u32 %f, %cluster_ctaid.x;\n"
         "mov.u32 %g, %nclusterid.x;\n",
         {"u32", "u32", "u32", "u32"});
    const std::string remote =
        ".shared .align 8 .b64 bar;\n.reg .b32 %bar, %barfar;\nmov.u32 %bar, bar;\n"
        "mapa.shared::cluster.u32 %barfar, %bar, %other;\nmov.u32 %m, %tid.x;\n"
        "setp.eq.u32 %p, %m, 0;\nmov.u32 %n, bar;\n";
    pair("mbarrier.arrive.release.cluster.shared::cluster.b64",
         remote + "@%p mbarrier.init.shared.b64 [%n], 64;\n@%p fence.mbarrier_init.release.cluster;\n" + meet +
             "st.shared::cluster.b32 [%far], %a;\n"
             "mbarrier.arrive.release.cluster.shared::cluster.b64 _, [%barfar];\n"
             "WAIT:\nmbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 %q, [%n], 0;\n@!%q bra WAIT;\n"
             "ld.shared.b32 %d, [%own];\n" +
             meet,
         {"b32"});
    pair("st.async.shared::cluster.mbarrier::complete_tx::bytes.b32",
         remote +
             "@%p mbarrier.init.shared.b64 [%n], 1;\n@%p mbarrier.arrive.expect_tx.shared.b64 %u, [%n], 256;\n"
             "@%p fence.mbarrier_init.release.cluster;\n" +
             meet + "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.b32 [%far], %a, [%barfar];\n" + kWait +
             "ld.shared.b32 %d, [%own];\n" + meet,
         {"b32"});
    cases.back().version = "8.1";
    pair("cp.async.bulk.shared::cluster.shared::cta",
         remote +
             "@%p mbarrier.init.shared.b64 [%n], 1;\n@%p mbarrier.arrive.expect_tx.shared.b64 %u, [%n], 256;\n"
             "@%p fence.mbarrier_init.release.cluster;\nst.shared.b32 [%own+256], %a;\n"
             "fence.proxy.async.shared::cta;\n" +
             meet +
             "add.u32 %own, %at, 256;\n"
             "@%p cp.async.bulk.shared::cluster.shared::cta.mbarrier::complete_tx::bytes [%far], [%own], 256, "
             "[%barfar];\n" +
             kWait + "mov.u32 %m, %tid.x;\nmad.lo.u32 %own, %m, 4, %at;\nld.shared.b32 %d, [%own];\n" + meet,
         {"b32"});
    pair("cp.async.bulk.shared::cluster.global (multicast)",
         remote +
             "@%p mbarrier.init.shared.b64 [%n], 1;\n@%p mbarrier.arrive.expect_tx.shared.b64 %u, [%n], 256;\n"
             "@%p fence.mbarrier_init.release.cluster;\n" +
             meet +
             "setp.eq.u32 %r, %rank, 0;\nand.pred %r, %r, %p;\n"
             ".reg .b16 %all;\nmov.u16 %all, 3;\n"
             "@%r cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [%at], [%i], "
             "256, [%n], %all;\n" +
             kWait + "ld.shared.b32 %d, [%own];\n" + meet,
         {"b32"});
}

}  // namespace

void add_async_cases(Cases& cases) {
    add_barriers(cases);
    add_copies(cases);
    add_clusters(cases);
}

}  // namespace warpsmith::conformance
