#include "solver/json_reader.hpp"

#include <fmt/format.h>

namespace warpsmith {
namespace {

template <class T>
const T& expect(const SourceText& source, const Json& json, std::string_view what, std::string_view type) {
    const T* found = json.as<T>();
    if (found == nullptr) {
        complain(source, json.offset, fmt::format("{} is a {}; expected a {}", what, type_name(json), type));
    }
    return *found;
}

}  // namespace

const Json::List& expect_list(const SourceText& source, const Json& json, std::string_view what) {
    return expect<Json::List>(source, json, what, "list");
}

const Json::Object& expect_object(const SourceText& source, const Json& json, std::string_view what) {
    return expect<Json::Object>(source, json, what, "object");
}

const std::string& expect_text(const SourceText& source, const Json& json, std::string_view what) {
    return expect<std::string>(source, json, what, "text");
}

const Json& require_member(const SourceText& source, const Json& object, std::string_view name,
                           std::string_view expected) {
    const Json* found = object.find(name);
    if (found == nullptr) {
        complain(source, object.offset, fmt::format("there is no \"{}\" here; expected {}", name, expected));
    }
    return *found;
}

Value parameter_value(const SourceText& source, const Json& json, std::string_view parameter) {
    if (const auto* truth = json.as<bool>()) {
        return std::int64_t{*truth ? 1 : 0};
    }
    if (const auto* integer = json.as<std::int64_t>()) {
        return *integer;
    }
    if (const auto* real = json.as<double>()) {
        return *real;
    }
    if (const auto* text = json.as<std::string>()) {
        return *text;
    }
    complain(source, json.offset,
             fmt::format("the parameter \"{}\" has a value that is a {}; expected a number within 64 bits, a text or a "
                         "truth value",
                         parameter, type_name(json)));
}

std::vector<Value> parameter_values(const SourceText& source, const Json& list, std::string_view parameter) {
    std::vector<Value> values;
    for (const Json& element : expect_list(source, list, fmt::format("the parameter \"{}\"", parameter))) {
        values.push_back(parameter_value(source, element, parameter));
    }
    return values;
}

}  // namespace warpsmith
