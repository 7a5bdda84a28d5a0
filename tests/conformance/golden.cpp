#include "tests/conformance/golden.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>

#include "solver/error.hpp"

namespace warpsmith::conformance {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::string_view kErrorMark = "error: ";

std::string hex_of(const std::vector<std::byte>& bytes) {
    std::string text;
    text.reserve(2 * bytes.size());
    for (const std::byte byte : bytes) {
        text += kDigits[std::to_integer<std::size_t>(byte >> 4)];
        text += kDigits[std::to_integer<std::size_t>(byte & std::byte{15})];
    }
    return text;
}

std::string digest_text(const Case& test) {
    std::ostringstream text;
    text << std::hex << digest(test);
    return text.str();
}

std::vector<std::byte> bytes_of(const std::string& hex, const std::string& where) {
    std::vector<std::byte> bytes;
    bytes.reserve(hex.size() / 2);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        const std::size_t high = kDigits.find(hex[i]), low = kDigits.find(hex[i + 1]);
        if (high == std::string_view::npos || low == std::string_view::npos) {
            throw Error("reading " + where + ": '" + hex.substr(i, 2) + "' is no byte; record the results again");
        }
        bytes.push_back(static_cast<std::byte>(high * 16 + low));
    }
    return bytes;
}

std::string one_line(std::string text) {
    for (char& character : text) {
        character = character == '\n' || character == '\t' ? ' ' : character;
    }
    return text;
}

// What a line must be of to count.
struct Known {
    std::string digest;
    std::size_t bytes = 0;
};

void read_file(const std::filesystem::path& path, const std::map<std::string, Known>& cases, Golden& golden) {
    const bool no_header = golden.about.empty();
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with("#")) {
            golden.about += no_header ? line + "\n" : "";
            continue;
        }
        const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
        if (second == std::string::npos) {
            throw Error("reading " + path.string() + ": '" + line.substr(0, 40) + "' is no line of results");
        }
        const std::string name = line.substr(0, first), value = line.substr(second + 1);
        const auto known = cases.find(name);
        if (known == cases.end() || known->second.digest != line.substr(first + 1, second - first - 1)) {
            continue;
        }
        Answer& answer = golden.answers[name];
        if (value.starts_with(kErrorMark)) {
            answer.error = value.substr(kErrorMark.size());
        } else {
            answer.bytes = bytes_of(value, path.string());
            if (answer.bytes.size() != known->second.bytes) {
                throw Error("reading " + path.string() + ": the results of " + name +
                            " are cut off; record them again");
            }
        }
    }
}

}  // namespace

void write_golden(const std::string& folder, const std::string& header, const std::vector<Case>& cases,
                  const std::vector<Answer>& answers) {
    std::filesystem::create_directories(folder);
    std::map<std::string, std::string> texts;
    for (std::size_t i = 0; i < cases.size(); ++i) {
        texts[cases[i].group] += cases[i].name + "\t" + digest_text(cases[i]) + "\t" +
                                 (answers[i].error.empty() ? hex_of(answers[i].bytes)
                                                           : std::string(kErrorMark) + one_line(answers[i].error)) +
                                 "\n";
    }
    for (const auto& [group, text] : texts) {
        std::ofstream file(std::filesystem::path(folder) / (group + ".txt"));
        file << header << text;
        if (!file.flush()) {
            throw Error("writing " + folder + "/" + group + ".txt failed; is the disk full?");
        }
    }
}

Golden read_golden(const std::string& folder, const std::vector<Case>& cases) {
    std::map<std::string, Known> known;
    for (const Case& test : cases) {
        known[test.name] = {digest_text(test), output_size(test)};
    }
    Golden golden;
    if (!std::filesystem::is_directory(folder)) {
        throw Error("reading recorded results: " + folder + " is no folder; record them with --on gpu --write");
    }
    for (const std::filesystem::directory_entry& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".txt") {
            read_file(entry.path(), known, golden);
        }
    }
    return golden;
}

}  // namespace warpsmith::conformance
