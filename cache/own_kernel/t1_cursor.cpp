#include "cache/own_kernel/t1_cursor.hpp"

#include <fmt/format.h>

#include <charconv>

#include "solver/parser.hpp"

namespace warpsmith {

void T1Cursor::complain(std::string_view complaint) const {
    warpsmith::complain(*source_, json_->offset, fmt::format("{}: {}", path_, complaint));
}

std::optional<T1Cursor> T1Cursor::find(std::string name) const {
    if (json_->as<Json::Object>() == nullptr) {
        complain(fmt::format("this is a {}; write an object", type_name(*json_)));
    }
    const std::string path = path_.empty() ? name : path_ + "." + name;
    const Json* found = json_->find(name);
    if (found == nullptr) {
        name[0] = static_cast<char>(name[0] >= 'A' && name[0] <= 'Z' ? name[0] - 'A' + 'a' : name[0]);
        found = json_->find(name);
    }
    if (found == nullptr || found->as<std::nullptr_t>() != nullptr) {
        return std::nullopt;
    }
    return T1Cursor(*source_, *found, path);
}

T1Cursor T1Cursor::at(const std::string& name, std::string_view expected) const {
    std::optional<T1Cursor> found = find(name);
    if (!found) {
        complain(fmt::format("{} is missing; add {}", name, expected));
    }
    return *found;
}

std::vector<T1Cursor> T1Cursor::items(std::string_view expected) const {
    const auto* list = json_->as<Json::List>();
    if (list == nullptr) {
        complain(fmt::format("this is a {}; write {}", type_name(*json_), expected));
    }
    std::vector<T1Cursor> items;
    for (const Json& item : *list) {
        items.emplace_back(*source_, item, fmt::format("{}[{}]", path_, items.size()));
    }
    return items;
}

const std::string& T1Cursor::text(std::string_view expected) const {
    const auto* text = json_->as<std::string>();
    if (text == nullptr) {
        complain(fmt::format("this is a {}; write {}", type_name(*json_), expected));
    }
    return *text;
}

std::string T1Cursor::number_text() const {
    if (const auto* integer = json_->as<std::int64_t>()) {
        return std::to_string(*integer);
    }
    if (const auto* real = json_->as<double>()) {
        return fmt::format("{}", *real);
    }
    if (const auto* truth = json_->as<bool>()) {
        return *truth ? "1" : "0";
    }
    return text("a number");
}

double T1Cursor::number() const {
    const std::string text = number_text();
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) {
        complain(fmt::format("\"{}\" is no number", text));
    }
    return value;
}

Expr T1Cursor::expression(const Model& model) const {
    if (const auto* integer = json_->as<std::int64_t>()) {
        return *integer;
    }
    text("a whole number, or an expression between quotes");
    return parse_expression(text_of(*source_, *json_), model, Language::python_and_c);
}

}  // namespace warpsmith
