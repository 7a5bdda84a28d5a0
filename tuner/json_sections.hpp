// Reads a large JSON object of which some members hold many items, one item after another: what is held of the file is
// never more than that. Plain or gzip.
#pragma once

#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>

namespace warpsmith {

using OrderedJson = nlohmann::ordered_json;

struct JsonSections {
    std::span<const std::string_view> names;  // of the members that hold items, which are objects
    // An item, by its key where the member is an object; forgotten afterwards.
    std::function<void(const std::string& section, const std::string& key, const OrderedJson& item)> item;
    std::function<void(const std::string& name, const OrderedJson& value)> member;  // every other member, when it ends
};

// False where the text ends before its closing brackets. Throws Error, which begins with `action` and the path, where
// it is no JSON or asks for more than memory should hold.
bool read_json_sections(const std::string& action, const std::string& path, const JsonSections& sections);

}  // namespace warpsmith
