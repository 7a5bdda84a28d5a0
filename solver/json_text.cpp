#include "solver/json_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <set>

namespace warpsmith {
namespace {

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValues = std::size_t{1} << 22;

class JsonReader {
  public:
    explicit JsonReader(const SourceText& source) : source_(source), text_(source.text) {}

    Json run() {
        Json result = value(0);
        skip_spaces();
        if (position_ != text_.size()) {
            expected("the end");
        }
        return result;
    }

  private:
    char peek() const { return position_ < text_.size() ? text_[position_] : '\0'; }

    [[noreturn]] void fail(std::size_t offset, std::string_view what) const {
        complain(source_, offset, fmt::format("not JSON: {}", what));
    }

    [[noreturn]] void expected(std::string_view what) const {
        fail(position_, position_ >= text_.size() ? fmt::format("expected {}, found the end of the file", what)
                                                  : fmt::format("expected {}", what));
    }

    void skip_spaces() {
        while (peek() == ' ' || peek() == '\n' || peek() == '\t' || peek() == '\r') {
            ++position_;
        }
    }

    bool accept(char character) {
        skip_spaces();
        bool found = position_ < text_.size() && text_[position_] == character;
        position_ += found ? 1 : 0;
        return found;
    }

    bool accept_word(std::string_view word) {
        bool found = text_.substr(position_).starts_with(word);
        position_ += found ? word.size() : 0;
        return found;
    }

    Json value(int depth) {
        skip_spaces();
        if (depth > kMaxDepth) {
            complain(source_, position_, fmt::format("lists and objects are nested more than {} deep", kMaxDepth));
        }
        if (++values_ > kMaxValues) {
            complain(source_, position_, fmt::format("more than {} values; split the file", kMaxValues));
        }
        Json json;
        json.offset = position_;
        if (peek() == '"') {
            json.value = text();
        } else if (accept('[')) {
            json.value = list(depth);
        } else if (accept('{')) {
            json.value = object(depth);
        } else if (accept_word("true") || accept_word("false")) {
            json.value = text_[position_ - 2] == 'u';
        } else if (!accept_word("null")) {
            number(json);
        }
        return json;
    }

    Json::List list(int depth) {
        Json::List list;
        if (accept(']')) {
            return list;
        }
        do {
            list.push_back(value(depth + 1));
        } while (accept(','));
        if (!accept(']')) {
            expected("\",\" or \"]\"");
        }
        return list;
    }

    Json::Object object(int depth) {
        Json::Object object;
        if (accept('}')) {
            return object;
        }
        do {
            skip_spaces();
            JsonMember member;
            member.offset = position_;
            if (peek() != '"') {
                expected("a name in quotes");
            }
            member.name = text();
            if (!accept(':')) {
                expected("\":\"");
            }
            member.value = value(depth + 1);
            object.push_back(std::move(member));
        } while (accept(','));
        if (!accept('}')) {
            expected("\",\" or \"}\"");
        }
        reject_repetitions(object);
        return object;
    }

    void reject_repetitions(const Json::Object& object) const {
        std::set<std::string_view> names;
        for (const JsonMember& member : object) {
            if (!names.insert(member.name).second) {
                complain(source_, member.offset, fmt::format("the name \"{}\" is used twice", member.name));
            }
        }
    }

    bool at_digit() const { return peek() >= '0' && peek() <= '9'; }

    void digits() {
        if (!at_digit()) {
            expected("a digit");
        }
        while (at_digit()) {
            ++position_;
        }
    }

    void number(Json& json) {
        std::size_t begin = position_;
        position_ += peek() == '-' ? 1 : 0;
        if (!at_digit()) {
            position_ = begin;
            expected("a value");
        }
        bool zero = peek() == '0';
        digits();
        if (zero && text_[position_ - 1] != '0') {
            fail(begin, "a number starts with 0");
        }
        bool whole = peek() != '.' && peek() != 'e' && peek() != 'E';
        if (peek() == '.') {
            ++position_;
            digits();
        }
        if (peek() == 'e' || peek() == 'E') {
            ++position_;
            position_ += peek() == '+' || peek() == '-' ? 1 : 0;
            digits();
        }
        json.value = whole ? decltype(json.value)(parsed<std::int64_t>(begin)) : parsed<double>(begin);
    }

    template <class Number>
    Number parsed(std::size_t begin) const {
        Number number{};
        auto [end, error] = std::from_chars(text_.data() + begin, text_.data() + position_, number);
        if (error != std::errc{} || end != text_.data() + position_) {
            complain(source_, begin, "expected a number within 64 bits");
        }
        return number;
    }

    std::string text() {
        std::size_t begin = position_++;
        std::string content;
        while (peek() != '"' || position_ >= text_.size()) {
            if (position_ >= text_.size()) {
                fail(begin, "this text has no closing quote");
            }
            if (static_cast<unsigned char>(peek()) < ' ') {
                fail(position_, "a control character in a text; write it as an escape");
            }
            peek() == '\\' ? escape(content) : characters(content);
        }
        ++position_;
        return content;
    }

    void escape(std::string& content) {
        constexpr std::string_view kLetters = "\"\\/bfnrt";
        constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
        std::size_t begin = position_++;
        if (std::size_t index = kLetters.find(peek()); peek() != '\0' && index != std::string_view::npos) {
            content += kMeanings[index];
            ++position_;
            return;
        }
        std::uint32_t code = code_unit(begin);
        bool high = code >= 0xD800 && code < 0xDC00;
        if (high) {
            std::uint32_t low = peek() == '\\' ? (++position_, code_unit(begin)) : 0;
            if (low < 0xDC00 || low >= 0xE000) {
                fail(begin, "half of a surrogate pair");
            }
            code = 0x10000 + ((code - 0xD800) << 10U) + (low - 0xDC00);
        } else if (code >= 0xDC00 && code < 0xE000) {
            fail(begin, "half of a surrogate pair");
        }
        append_utf8(content, code);
    }

    // u and four hexadecimal digits.
    std::uint32_t code_unit(std::size_t begin) {
        std::uint32_t code = 0;
        std::string_view hex = text_.substr(std::min(position_ + 1, text_.size()), 4);
        auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
        if (peek() != 'u' || hex.size() != 4 || error != std::errc{} || end != hex.data() + 4) {
            fail(begin, "no such escape");
        }
        position_ += 5;
        return code;
    }

    static void append_utf8(std::string& content, std::uint32_t code) {
        auto tail = [&](unsigned shift) { content += static_cast<char>(0x80U | ((code >> shift) & 0x3FU)); };
        if (code < 0x80) {
            content += static_cast<char>(code);
        } else if (code < 0x800) {
            content += static_cast<char>(0xC0U | (code >> 6U));
            tail(0);
        } else if (code < 0x10000) {
            content += static_cast<char>(0xE0U | (code >> 12U));
            tail(6);
            tail(0);
        } else {
            content += static_cast<char>(0xF0U | (code >> 18U));
            tail(12);
            tail(6);
            tail(0);
        }
    }

    static bool is_plain(char character) {
        const auto byte = static_cast<unsigned char>(character);
        return byte >= ' ' && byte < 0x80 && byte != '"' && byte != '\\';
    }

    // As many as are plain, or one that is not.
    void characters(std::string& content) {
        std::size_t end = position_;
        while (end < text_.size() && is_plain(text_[end])) {
            ++end;
        }
        if (end == position_) {
            return character(content);
        }
        content.append(text_.substr(position_, end - position_));
        position_ = end;
    }

    // One character of UTF-8: neither too long, nor a surrogate, nor beyond U+10FFFF.
    void character(std::string& content) {
        auto byte_at = [&](std::size_t index) {
            return position_ + index < text_.size() ? static_cast<unsigned char>(text_[position_ + index]) : 0U;
        };
        unsigned first = byte_at(0);
        std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
        bool valid = length != 0;
        for (std::size_t i = 1; i < length; ++i) {
            valid = valid && (byte_at(i) & 0xC0U) == 0x80;
        }
        unsigned second = byte_at(1);
        valid = valid && !(first == 0xE0 && second < 0xA0) && !(first == 0xED && second >= 0xA0) &&
                !(first == 0xF0 && second < 0x90) && !(first == 0xF4 && second >= 0x90);
        if (!valid) {
            fail(position_, "a text is not UTF-8");
        }
        content.append(text_.substr(position_, length));
        position_ += length;
    }

    const SourceText& source_;
    std::string_view text_;
    std::size_t position_ = 0;
    std::size_t values_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view name) const {
    const auto* object = as<Object>();
    if (object == nullptr) {
        return nullptr;
    }
    auto found = std::ranges::find(*object, name, &JsonMember::name);
    return found == object->end() ? nullptr : &found->value;
}

std::string_view type_name(const Json& json) {
    constexpr std::string_view kNames[] = {"null", "truth value", "number", "number", "text", "list", "object"};
    return kNames[json.value.index()];
}

Json parse_json(const SourceText& source) {
    return JsonReader(source).run();
}

SourceText text_of(const SourceText& source, const Json& text) {
    return part_of(source, text.offset + 1, std::get<std::string>(text.value));
}

}  // namespace warpsmith
