// What the checker knows of asynchronous reads of shared memory: by bulk copies and by wgmma.
#include <algorithm>
#include <string>

#include "device/emulator/checker.hpp"
#include "device/emulator/worker.hpp"

namespace warpsmith::emulator {

std::string place_text(const Program& program, std::uint32_t pc) {
    const Instruction& instruction = program.code[pc];
    const syntax::Location& at = instruction.location;
    const std::string file = at.file < program.files.size() ? program.files[at.file] : std::string();
    const std::string name = file.substr(file.find_last_of('/') + 1);
    return "'" + program.texts[instruction.text] + "'" +
           (at.line != 0 ? " at " + name + ":" + std::to_string(at.line) : std::string());
}

void Checker::fence_proxy(Cluster& cluster) const {
    cluster.proxy_fenced = ordering_.now();
}

void Checker::check_asynchronous(const Span& span, const Touch& how) {
    const Block& owner = *span.region.owner;
    if (how.by_proxy) {
        check_proxy(span, how);
    }
    if (how.use == Use::read || how.ends_copy) {
        return;
    }
    if (!owner.outgoing.empty()) {
        check_outgoing(span, how);
    }
    if (!owner.products.empty()) {
        check_products(span, how);
    }
}

// Stores to what a bulk copy out of shared memory has yet to read.
void Checker::check_outgoing(const Span& span, const Touch& how) {
    for (const OutgoingCopy& copy : span.region.owner->outgoing) {
        for_each_lane(copy.data.empty() ? span.lanes : 0, [&](unsigned lane) {
            const std::uint64_t offset = span.offset(lane);
            if (offset < copy.source + copy.bytes && copy.source < offset + how.bytes &&
                !reported(span.warp, span.instruction, FindingKind::race)) {
                report(span.warp, span.instruction, lane, FindingKind::race, span.access.address[lane],
                       "writes shared memory, " + std::to_string(offset) +
                           " bytes from its start, that an asynchronous copy may have yet to read (" +
                           place_text(grid_.program, copy.pc) + "), for cp.async.bulk.wait_group.read is missing,");
            }
        });
    }
}

// Stores to what a wgmma has yet to read.
void Checker::check_products(const Span& span, const Touch& how) {
    std::uint64_t first = ~std::uint64_t{0}, last = 0;
    for_each_lane(span.lanes, [&](unsigned lane) {
        first = std::min(first, span.offset(lane));
        last = std::max(last, span.offset(lane) + how.bytes);
    });
    for (WarpProducts& products : span.region.owner->products) {
        for (ProductInput& input : products.inputs) {
            for_each_lane(input.overlaps(first, last) ? span.lanes : 0, [&](unsigned lane) {
                const std::uint64_t offset = span.offset(lane);
                if (!input.overlaps(offset, offset + how.bytes)) {
                    return;
                }
                input.overwritten = true;
                if (!reported(span.warp, span.instruction, FindingKind::race)) {
                    report(span.warp, span.instruction, lane, FindingKind::race, span.access.address[lane],
                           "writes shared memory, " + std::to_string(offset) + " bytes from its start, that " +
                               place_text(grid_.program, input.pc) + " of warp " +
                               std::to_string(&products - span.region.owner->products.data()) +
                               " may have yet to read, for " +
                               (input.group >= products.committed ? "wgmma.commit_group and its wait are"
                                                                  : "wgmma.wait_group is") +
                               " missing,");
                }
            });
        }
    }
}

// Reads by the asynchronous proxy of what an ordinary store wrote after the last proxy fence of any thread. Where there
// was one since, it may have been another's, and nothing is said.
void Checker::check_proxy(const Span& span, const Touch& how) {
    const Shadow& shadow = span.region.owner->shadow;
    const Time fenced = span.region.owner->cluster->proxy_fenced;
    for_each_lane(span.lanes, [&](unsigned lane) {
        const std::size_t begin = span.offset(lane) >> shadow.granule_shift();
        const std::size_t end = (span.offset(lane) + how.bytes - 1) >> shadow.granule_shift();
        for (std::size_t index = begin; index <= end; ++index) {
            const AccessRecord write = shadow.get(Last::write, index);
            if (write.time <= fenced || write.time == kUnderWay) {
                continue;
            }
            const std::uint32_t pc = write.place & ~kStrong;
            const Class kind = grid_.program.code[pc].count_as;
            const bool ordinary = kind == Class::store_shared || kind == Class::store_global || kind == Class::atomic;
            if (ordinary && !reported(span.warp, span.instruction, FindingKind::race)) {
                report(span.warp, span.instruction, lane, FindingKind::race, span.access.address[lane],
                       "reads shared memory, " + std::to_string(span.offset(lane)) +
                           " bytes from its start, through the asynchronous proxy, for which " +
                           place_text(grid_.program, pc) + " wrote it without fence.proxy.async behind,");
            }
        }
    });
}

}  // namespace warpsmith::emulator
