#include "tests/conformance/report.hpp"

#include <algorithm>
#include <iomanip>
#include <map>
#include <ostream>
#include <sstream>

#include "tests/conformance/expected.hpp"

namespace warpsmith::conformance {
namespace {

std::string hex(std::uint64_t bits, std::string_view type) {
    std::ostringstream text;
    text << "0x" << std::hex << std::setfill('0') << std::setw(static_cast<int>(2 * stored_bytes(type))) << bits;
    return text.str();
}

void print_differences(const Case& test, const Verdict& verdict, std::size_t show, std::ostream& out) {
    constexpr const char* kResults[] = {"d", "e", "f", "g"};
    const std::size_t shown = std::min(show, verdict.differences.size());
    for (std::size_t i = 0; i < shown; ++i) {
        const Difference& difference = verdict.differences[i];
        const std::string& type = test.results[difference.result];
        const Row operands = operands_of(test, difference.row);
        out << "    row " << difference.row << ":";
        for (std::size_t k = 0; k < operands.size(); ++k) {
            out << " " << hex(operands[k], test.operands[k]);
        }
        out << " -> " << kResults[difference.result] << " " << hex(difference.got, type) << ", expected "
            << hex(difference.expected, type) << "\n";
    }
}

void print_verdict(const Case& test, const Verdict& verdict, std::size_t show, std::ostream& out) {
    if (verdict.judgement == Judgement::unsupported || verdict.judgement == Judgement::failed) {
        out << test.name << ": " << name_of(verdict.judgement) << ": " << verdict.error << "\n";
    } else if (verdict.judgement == Judgement::different) {
        out << test.name << ": " << verdict.differences.size() << " of " << verdict.values
            << " results are not those of the " << (verdict.by_hardware ? "GPU" : "PTX ISA") << "\n";
        print_differences(test, verdict, show, out);
    }
}

constexpr Judgement kAll[] = {Judgement::equal,       Judgement::within, Judgement::different,
                              Judgement::unsupported, Judgement::failed, Judgement::unchecked};
using Counts = std::map<Judgement, std::size_t>;

void print_counts(const std::string& group, std::size_t cases, const Counts& counts, std::ostream& out) {
    out << std::left << std::setw(13) << group << std::right << std::setw(7) << cases;
    for (const Judgement judgement : kAll) {
        const auto found = counts.find(judgement);
        out << std::setw(14) << (found == counts.end() ? 0 : found->second);
    }
    out << "\n";
}

// What is known of the variants of one opcode.
struct Line {
    std::size_t variants = 0, supported = 0, by_hardware = 0, by_document = 0;
};

}  // namespace

bool report(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts, std::size_t show, std::ostream& out) {
    std::map<std::string, Counts> groups;
    Counts total;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        ++groups[cases[i].group][verdicts[i].judgement];
        ++total[verdicts[i].judgement];
        print_verdict(cases[i], verdicts[i], show, out);
    }
    out << "group          cases";
    for (const Judgement judgement : kAll) {
        out << std::setw(14) << name_of(judgement);
    }
    out << "\n";
    for (const auto& [group, counts] : groups) {
        std::size_t sum = 0;
        for (const auto& [judgement, count] : counts) {
            sum += count;
        }
        print_counts(group, sum, counts, out);
    }
    print_counts("all", cases.size(), total, out);
    std::size_t bits = 0, values = 0;
    for (const Verdict& verdict : verdicts) {
        bits += verdict.judgement == Judgement::within && verdict.by_hardware ? verdict.other_bits : 0;
        values += verdict.judgement == Judgement::within && verdict.by_hardware ? verdict.values : 0;
    }
    if (values != 0) {
        out << "within bound: " << bits << " of " << values << " values have other bits than on the GPU\n";
    }
    return total[Judgement::different] == 0 && total[Judgement::failed] == 0;
}

void print_table(const std::vector<Case>& cases, const std::vector<Verdict>& verdicts, std::ostream& out) {
    std::map<std::string, std::map<std::string, Line>> groups;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::string opcode = Spelling(cases[i].name).opcode();
        Line& line = groups[cases[i].group][opcode];
        const Verdict& verdict = verdicts[i];
        const bool good = verdict.judgement == Judgement::equal || verdict.judgement == Judgement::within;
        ++line.variants;
        line.supported += verdict.judgement != Judgement::unsupported && verdict.judgement != Judgement::failed ? 1 : 0;
        line.by_hardware += good && verdict.by_hardware ? 1 : 0;
        line.by_document += good && !verdict.by_hardware ? 1 : 0;
    }
    out << "| group | instruction | variants | supported | as on the GPU | as in the PTX ISA |\n"
           "| --- | --- | --: | --: | --: | --: |\n";
    for (const auto& [group, lines] : groups) {
        for (const auto& [opcode, line] : lines) {
            out << "| " << group << " | `" << opcode << "` | " << line.variants << " | " << line.supported << " | "
                << line.by_hardware << " | " << line.by_document << " |\n";
        }
    }
}

}  // namespace warpsmith::conformance
