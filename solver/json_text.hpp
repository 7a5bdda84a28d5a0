// Reads JSON and keeps where everything stands, so that complaints about a file can point into it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "solver/source_text.hpp"

namespace warpsmith {

struct JsonMember;

struct Json {
    using List = std::vector<Json>;
    using Object = std::vector<JsonMember>;  // in the order of the file, names distinct

    // Defined below, where JsonMember is complete. A document is not copied.
    Json() noexcept;
    Json(Json&& other) noexcept;
    Json& operator=(Json&& other) noexcept;
    Json(const Json&) = delete;
    Json& operator=(const Json&) = delete;
    ~Json();

    std::size_t offset = 0;  // of its first character in the source
    std::variant<std::nullptr_t, bool, std::int64_t, double, std::string, List, Object> value;

    const Json* find(std::string_view name) const;  // a member of an object; null when there is none
    template <class T>
    const T* as() const {
        return std::get_if<T>(&value);
    }
};

struct JsonMember {
    std::string name;
    std::size_t offset = 0;  // of the name
    Json value;
};

inline Json::Json() noexcept = default;
inline Json::Json(Json&& other) noexcept = default;
inline Json& Json::operator=(Json&& other) noexcept = default;
inline Json::~Json() = default;

// "number", "text", "list" and so on: the words that complaints use.
std::string_view type_name(const Json& json);

// The whole text is one value, by RFC 8259. Complains about anything else, also about numbers beyond 64 bits, texts
// that are not UTF-8, names that are used twice in an object, nesting deeper than 64, and more than 2^22 values. (Its
// own reader because nlohmann::json keeps no places and recurses as deep as the text.)
Json parse_json(const SourceText& source);

// A text in the source, as a source of its own: complaints about its content point into the file. With escapes in it,
// a column can be too small by their length.
SourceText text_of(const SourceText& source, const Json& text);

}  // namespace warpsmith
