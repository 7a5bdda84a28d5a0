// A workload in a few integers, for looking it up without text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "templates/family.hpp"

namespace warpsmith {

inline constexpr std::size_t kMaxDimensions = 8;

// Equal codes mean equal workloads, among the families that they were made with.
struct WorkloadCode {
    std::uint64_t kind = 0;  // family, dtype and options; 0 is none
    std::uint32_t count = 0;
    std::array<std::int64_t, kMaxDimensions> sizes{};  // in the order of the family's dimensions; the rest is 0

    std::span<const std::int64_t> used() const { return std::span(sizes).first(count); }
    bool operator==(const WorkloadCode& other) const {
        bool equal = kind == other.kind && count == other.count;
        for (std::size_t i = 0; equal && i < count; ++i) {
            equal = sizes[i] == other.sizes[i];
        }
        return equal;
    }
};

std::uint64_t hash_of(const WorkloadCode& code);

// Turns workloads into codes and back. Keeps a view of the families.
class WorkloadCoder {
  public:
    // Throws Error when a family has more than kMaxDimensions dimensions, or too many options to be numbered.
    explicit WorkloadCoder(std::span<const Family> families);

    // Throws Error when the workload's family is not one of these.
    WorkloadCode code(const Workload& workload) const;

    // Of canonical text, as Workload::key() writes it; allocates nothing. Nothing when it is no workload of these
    // families.
    std::optional<WorkloadCode> read(std::string_view key) const;

    // What was found in the key before, which is to live as long.
    struct Before {
        std::string_view family, ending;  // from dtype on
        std::size_t number = 0;           // of the family
        std::uint64_t kind = 0;           // with that ending
    };
    // The same for one key after another: most are of the family of the one before, and end as it does.
    std::optional<WorkloadCode> read(std::string_view key, Before& before) const;

    Workload workload(const WorkloadCode& code) const;

    // The family of a kind; null where there is none.
    const Family* family(std::uint64_t kind) const;

    // Of a kind that has a family: which of its dimensions are runtime ones, in their order.
    std::span<const std::uint8_t> runtime_dimensions(std::uint64_t kind) const;

    // The same for all workloads that one kernel is for: 0 in place of the runtime dimensions.
    WorkloadCode fixed_part(WorkloadCode code) const;

    // Whether a code has this fixed part.
    bool is_of(const WorkloadCode& code, const WorkloadCode& fixed) const;

  private:
    // A word of canonical text.
    struct Word {
        enum class What : std::uint8_t { dimension, dtype, option };
        std::string start;  // " name="
        What what = What::dimension;
        std::size_t position = 0;  // of a dimension
        std::uint64_t stride = 0;  // of an option, in the number that all of them make
        const Option* option = nullptr;
    };
    // What is read of a family, prepared.
    struct Layout {
        std::array<std::uint8_t, kMaxDimensions> runtime_positions{};
        std::uint8_t runtime_count = 0;
        std::vector<std::uint8_t> fixed_positions;
        std::vector<Word> words;  // in the order of canonical text
    };

    static Layout layout_of(const Family& family);
    std::optional<std::size_t> family_called(std::string_view name) const;
    static bool take(const Word& word, std::string_view& rest, WorkloadCode& code);

    std::span<const Family> families_;
    std::vector<Layout> layouts_;  // of each family
};

}  // namespace warpsmith
