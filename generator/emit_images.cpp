#include "generator/emit_images.hpp"

#include <fmt/format.h>

#include "generator/cpp_string.hpp"
#include "solver/error.hpp"

namespace warpsmith {

std::string EmittedImages::kernel(const std::string& bytes, const std::string& name, const std::string& workload) {
    if (bytes.empty()) {
        throw Error("emitting a header: " + workload + " has no compiled image");
    }
    const auto [image, new_image] = images_.try_emplace(bytes, images_.size());
    if (new_image) {
        text_ += fmt::format("alignas(16) inline constexpr char image_{}[] =\n{};\n\n", image->second,
                             cpp_string_lines(bytes));
    }
    const auto [entry, new_entry] = entries_.try_emplace(std::pair(image->second, name), entries_.size());
    if (new_entry) {
        text_ += fmt::format(
            "inline const LoadedKernel& kernel_{}() {{\n    static const LoadedKernel loaded(image_{}, {});\n"
            "    return loaded;\n}}\n\n",
            entry->second, image->second, cpp_string(name));
    }
    return fmt::format("kernel_{}()", entry->second);
}

std::string image_gpu(const Target& target, ImageKind kind) {
    const std::string& architecture = target.architecture;  // sm_90a
    const std::size_t digits = architecture.find_first_of("0123456789");
    if (digits == std::string::npos) {
        throw Error("emitting a header: the architecture of " + target.name + ", " + architecture + ", has no number");
    }
    const std::size_t end = architecture.find_first_not_of("0123456789", digits);
    const char* reach = kind == ImageKind::ptx ? "later" : "same_major";
    return fmt::format("{{{}, {}, {}}},\n     Reach::{}", cpp_string(target.product),
                       architecture.substr(digits, end - digits), target.sms,
                       end == std::string::npos ? reach : "one_capability");
}

}  // namespace warpsmith
