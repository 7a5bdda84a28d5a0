#include "solver/solution_table.hpp"

#include <algorithm>
#include <cstring>
#include <limits>

namespace warpsmith {
namespace {

std::size_t width_for(std::size_t values) {
    if (values <= 1) {
        return 0;
    }
    if (values <= std::size_t{std::numeric_limits<std::uint8_t>::max()} + 1) {
        return 1;
    }
    return values <= std::size_t{std::numeric_limits<std::uint16_t>::max()} + 1 ? 2 : 4;
}

template <class Code>
void fill_codes(std::byte* bytes, std::size_t first, std::size_t count, std::uint32_t code) {
    auto narrow = static_cast<Code>(code);
    for (std::size_t row = first; row < first + count; ++row) {
        std::memcpy(bytes + row * sizeof(Code), &narrow, sizeof(Code));
    }
}

}  // namespace

SolutionTable::SolutionTable(std::shared_ptr<const Scope> scope, std::size_t rows)
    : scope_(std::move(scope)), rows_(rows) {
    for (const Variable& variable : scope_->variables) {
        std::size_t width = width_for(variable.values.size());
        columns_.push_back({width, std::make_unique_for_overwrite<std::byte[]>(width * rows)});
    }
}

std::size_t SolutionTable::bytes() const {
    std::size_t per_row = 0;
    for (const Column& column : columns_) {
        per_row += column.width;
    }
    return per_row * rows_;
}

std::uint32_t SolutionTable::code(std::size_t row, std::size_t variable) const {
    const Column& column = columns_[variable];
    std::uint32_t code = 0;  // codes are stored with the least byte first
    std::memcpy(&code, column.bytes.get() + row * column.width, column.width);
    return code;
}

Solution SolutionTable::operator[](std::size_t row) const {
    std::vector<std::uint32_t> codes(columns_.size());
    for (std::size_t variable = 0; variable < codes.size(); ++variable) {
        codes[variable] = code(row, variable);
    }
    return {scope_, std::move(codes)};
}

void SolutionTable::fill(std::size_t variable, std::size_t first, std::size_t count, std::uint32_t code) {
    std::byte* bytes = columns_[variable].bytes.get();
    switch (columns_[variable].width) {
        case 0:
            return;
        case 1:
            std::memset(bytes + first, static_cast<int>(code), count);
            return;
        case 2:
            return fill_codes<std::uint16_t>(bytes, first, count, code);
        default:
            return fill_codes<std::uint32_t>(bytes, first, count, code);
    }
}

void SolutionTable::repeat(std::size_t variable, std::size_t source, std::size_t first, std::size_t count) {
    const Column& column = columns_[variable];
    if (column.width > 0) {
        std::memcpy(column.bytes.get() + first * column.width, column.bytes.get() + source * column.width,
                    count * column.width);
    }
}

}  // namespace warpsmith
