#include "tuner/staging.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <variant>

#include "solver/error.hpp"

namespace warpsmith {
namespace {

// On each side of a tensor: a row of the widest tile that a kernel moves at once, and a multiple of every alignment
// that an access may need.
constexpr std::size_t kGuardBytes = 4096;

// The emulator, the device that does not measure, finds every access outside of an allocation by itself, reads
// included, and names the source line: guard zones would hide them from it.
std::size_t guard_bytes(const Device& device) {
    return device.measures() ? kGuardBytes : 0;
}

// All bits set is a NaN of every dtype, and not the one that arithmetic yields: an element that still has it was not
// written, and one that is read from a guard zone spoils the result.
constexpr std::byte kPattern{0xFF};

std::vector<std::byte> image_of(const TensorSpec& spec, const Problem& problem, std::size_t guard) {
    std::size_t bytes = static_cast<std::size_t>(spec.bytes());
    std::vector<std::byte> image(bytes + 2 * guard, kPattern);
    if (spec.role == Role::input) {
        const Tensor& input = find(problem.inputs, spec.name);
        if (std::cmp_not_equal(input.values.size(), spec.elements())) {
            throw Error(fmt::format("staging {}: the input {} has {} values, not {}; its layout is {}",
                                    problem.workload.key(), spec.name, input.values.size(), spec.elements(),
                                    spec.layout));
        }
        std::vector<std::byte> values = encode(input.values, spec.dtype);
        std::copy(values.begin(), values.end(), image.begin() + static_cast<std::ptrdiff_t>(guard));
    }
    return image;
}

std::size_t differences(std::span<const std::byte> before, std::span<const std::byte> after) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
        count += before[i] != after[i] ? 1 : 0;
    }
    return count;
}

// But for those that the reference leaves alone, NaN in it.
std::size_t unwritten_elements(std::span<const std::byte> values, const Tensor& expected) {
    const std::size_t element_bytes = size_bytes(expected.spec.dtype);
    std::size_t count = 0;
    for (std::size_t i = 0; !values.empty(); ++i, values = values.subspan(element_bytes)) {
        std::span<const std::byte> element = values.first(element_bytes);
        const bool left_alone = i < expected.values.size() && std::isnan(expected.values[i]);
        const bool unwritten = std::all_of(element.begin(), element.end(), [](std::byte b) { return b == kPattern; });
        count += unwritten && !left_alone ? 1 : 0;
    }
    return count;
}

// One line for each place outside of the outputs that was written to: the zones around a tensor, and an input itself.
void find_writes(const TensorSpec& spec, std::size_t guard, std::span<const std::byte> before,
                 std::span<const std::byte> after, std::vector<std::string>& defects) {
    std::size_t inside = before.size() - 2 * guard;
    struct Zone {
        std::size_t first, bytes;
        const char* where;
    };
    const Zone zones[] = {{0, guard, "before the first element of"},
                          {guard + inside, guard, "behind the last element of"},
                          {guard, spec.role == Role::input ? inside : 0, "in the input"}};
    for (const Zone& zone : zones) {
        if (std::size_t count =
                differences(before.subspan(zone.first, zone.bytes), after.subspan(zone.first, zone.bytes))) {
            defects.push_back(fmt::format("{} bytes {} {} were overwritten", count, zone.where, spec.name));
        }
    }
}

}  // namespace

Staging::Staging(Device& device, const Family& family, const Problem& problem)
    : device_(device), guard_(guard_bytes(device)) {
    for (const TensorSpec& spec : family.tensors(problem.workload)) {
        std::vector<std::byte> image = image_of(spec, problem, guard_);
        DeviceMemory memory(device_, image.size());
        placed_.push_back({.spec = spec, .image = std::move(image), .memory = std::move(memory)});
    }
    for (const Parameter& parameter : family.parameters(problem.workload)) {
        arguments_.push_back(argument(parameter, problem.workload));
    }
    restore();
}

KernelArgument Staging::argument(const Parameter& parameter, const Workload& workload) const {
    if (const auto* dimension = std::get_if<DimensionParameter>(&parameter)) {
        return static_cast<std::int32_t>(workload.dim(dimension->name));
    }
    if (const auto* number = std::get_if<NumberParameter>(&parameter)) {
        return number->value;
    }
    const auto& name = std::get<std::string>(parameter);
    const auto placed = std::find_if(placed_.begin(), placed_.end(),
                                     [&](const Placed& candidate) { return candidate.spec.name == name; });
    if (placed == placed_.end()) {
        throw Error(
            fmt::format("passing the kernel its parameters: {} is no tensor; this is a bug in the family", name));
    }
    Buffer whole = placed->memory.buffer();
    return Buffer{.address = whole.address + guard_, .bytes = whole.bytes - 2 * guard_};
}

void Staging::restore() {
    for (const Placed& placed : placed_) {
        device_.write(placed.memory.buffer(), placed.image);
    }
}

Readback Staging::read_back(const Tensors& expected) {
    Readback found;
    for (const Placed& placed : placed_) {
        std::vector<std::byte> after(placed.image.size());
        device_.read(placed.memory.buffer(), after);
        find_writes(placed.spec, guard_, placed.image, after, found.defects);
        if (placed.spec.role == Role::input) {
            continue;
        }
        std::span<const std::byte> values = std::span(after).subspan(guard_, after.size() - 2 * guard_);
        if (std::size_t count = unwritten_elements(values, find(expected, placed.spec.name))) {
            found.defects.push_back(fmt::format("{} of {} elements of {} were never written", count,
                                                placed.spec.elements(), placed.spec.name));
        }
        found.outputs.push_back({.spec = placed.spec, .values = decode(values, placed.spec.dtype)});
    }
    return found;
}

}  // namespace warpsmith
