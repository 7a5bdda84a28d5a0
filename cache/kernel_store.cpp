#include "cache/kernel_store.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <utility>

#include "cache/durable_folder.hpp"
#include "cache/file_claim.hpp"
#include "generator/digest.hpp"
#include "solver/error.hpp"

namespace warpsmith {
namespace {

using nlohmann::json;

// An entry of another format is a miss; count on when an entry changes what it holds.
constexpr int kFormat = 1;
constexpr const char* kAbout = "kernel.json";

// The files of an entry besides kernel.json, and what of a Compiled each holds.
constexpr std::array kFiles = {
    std::pair{"kernel.ptx", &Compiled::ptx},
    std::pair{"kernel.cubin", &Compiled::cubin},
    std::pair{"compiler.log", &Compiled::log},
};

std::string checksum(const json& about, const Compiled& compiled) {
    Digest digest;
    digest.add(about.dump());
    for (const auto& [name, member] : kFiles) {
        digest.add(compiled.*member);
    }
    return digest.hexadecimal();
}

json describe(const Compiled& compiled) {
    const Resources& used = compiled.resources;
    return {{"format", kFormat},
            {"digest", compiled.digest},
            {"toolkit", compiled.toolkit},
            {"lowered_name", compiled.lowered_name},
            {"compile_ms", compiled.compile_ms},
            {"registers", used.registers},
            {"spill_store_bytes", used.spill_store_bytes},
            {"spill_load_bytes", used.spill_load_bytes},
            {"stack_bytes", used.stack_bytes},
            {"static_smem_bytes", used.static_smem_bytes}};
}

// What describe() wrote; the values are trusted, because their checksum was right.
Compiled from_description(const json& about, Compiled files) {
    files.ok = true;
    files.digest = about.at("digest");
    files.toolkit = about.at("toolkit");
    files.lowered_name = about.at("lowered_name");
    files.compile_ms = about.at("compile_ms");
    files.resources = {.registers = about.at("registers"),
                       .spill_store_bytes = about.at("spill_store_bytes"),
                       .spill_load_bytes = about.at("spill_load_bytes"),
                       .stack_bytes = about.at("stack_bytes"),
                       .static_smem_bytes = about.at("static_smem_bytes")};
    return files;
}

std::string entry_folder(const std::string& folder, const std::string& digest, const std::string& toolkit) {
    return fmt::format("{}/{}-nvrtc{}", folder, digest, toolkit);
}

}  // namespace

std::optional<Compiled> load_kernel(const std::string& folder, const std::string& digest, const std::string& toolkit) {
    std::string entry = entry_folder(folder, digest, toolkit);
    std::optional<std::string> text = read_bytes(entry + "/" + kAbout);
    if (!text) {
        return std::nullopt;
    }
    json about = json::parse(*text, nullptr, false);
    if (!about.is_object() || about.value("format", json()) != json(kFormat)) {
        return std::nullopt;
    }
    Compiled files;
    for (const auto& [name, member] : kFiles) {
        std::optional<std::string> bytes = read_bytes(entry + "/" + name);
        if (!bytes) {
            return std::nullopt;
        }
        files.*member = std::move(*bytes);
    }
    json recorded = about.value("checksum", json());
    about.erase("checksum");
    if (recorded != json(checksum(about, files)) || about.at("digest") != digest || about.at("toolkit") != toolkit) {
        return std::nullopt;
    }
    return from_description(about, std::move(files));
}

bool has_entry(const std::string& folder, const std::string& digest, const std::string& toolkit) {
    std::error_code failure;
    return std::filesystem::exists(entry_folder(folder, digest, toolkit), failure);
}

KernelStore::KernelStore(std::string folder) : folder_(std::move(folder)) {
    std::error_code failure;
    std::filesystem::create_directories(folder_, failure);
    if (!failure && ::access(folder_.c_str(), R_OK | W_OK | X_OK) != 0) {
        failure = std::error_code(errno, std::generic_category());
    }
    if (failure) {
        throw Error(fmt::format("opening the kernel store {}: {}; name a folder that can be written", folder_,
                                failure.message()));
    }
    remove_abandoned(folder_);
}

KernelStore::Fetched KernelStore::load_or_compile(const std::string& digest, const std::string& toolkit,
                                                  const std::function<Compiled()>& compile) const {
    if (std::optional<Compiled> kept = load(digest, toolkit)) {
        return {.kernel = std::move(*kept)};
    }
    const FileClaim turn(fmt::format("{}/.claim-{}-nvrtc{}", folder_, digest, toolkit));
    if (std::optional<Compiled> kept = load(digest, toolkit)) {  // made by whom it was waited for
        return {.kernel = std::move(*kept)};
    }
    Compiled kernel = compile();
    if (kernel.ok) {
        save(kernel);
    }
    return {.kernel = std::move(kernel), .compiled = true};
}

void KernelStore::save(const Compiled& compiled) const {
    json about = describe(compiled);
    about["checksum"] = checksum(describe(compiled), compiled);
    std::vector<NamedBytes> files = {{kAbout, about.dump(2) + "\n"}};
    for (const auto& [name, member] : kFiles) {
        files.push_back({name, compiled.*member});
    }
    std::string entry = entry_folder(folder_, compiled.digest, compiled.toolkit);
    // Whoever saved the same first has won; only an entry that is damaged makes way.
    if (!create_durably(entry, files) && !load(compiled.digest, compiled.toolkit)) {
        remove_at_once(entry);
        create_durably(entry, files);
    }
}

}  // namespace warpsmith
