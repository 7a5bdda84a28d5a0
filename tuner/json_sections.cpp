#include "tuner/json_sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <istream>

#include "solver/error.hpp"
#include "tuner/gzip_stream.hpp"

namespace warpsmith {
namespace {

using Event = OrderedJson::parse_event_t;

constexpr int kMaxDepth = 64;
constexpr std::size_t kMaxValuesPerItem = 1U << 20U;  // samples, mostly

class SectionReader {
  public:
    SectionReader(const std::string& action, const std::string& path, const JsonSections& sections)
        : where_(action + " " + path), path_(path), sections_(sections) {}

    bool run() {
        GzipStream file(path_);
        std::istream stream(&file);
        stream.exceptions(std::ios::badbit);  // what the buffer throws comes through
        try {
            [[maybe_unused]] const OrderedJson rest = OrderedJson::parse(
                stream, [this](int depth, Event event, OrderedJson& parsed) { return keep(depth, event, parsed); });
        } catch (const OrderedJson::parse_error& error) {
            if (!at_end(stream, error.what())) {
                fail(fmt::format("it is no JSON: {}", error.what()));
            }
            return false;
        }
        return true;
    }

  private:
    // Whether the text is right as far as it goes: it ends between tokens, or within the last.
    static bool at_end(std::istream& stream, std::string_view error) {
        constexpr std::array<std::string_view, 3> kHalfTokens = {"missing closing quote", "invalid literal",
                                                                 "invalid number"};
        const auto says = [&](std::string_view words) { return error.find(words) != std::string_view::npos; };
        return says("unexpected end of input") ||
               (std::ranges::any_of(kHalfTokens, says) && stream.peek() == std::istream::traits_type::eof());
    }

    [[noreturn]] void fail(const std::string& what) const { throw Error(where_ + ": " + what); }

    // False for what the parser can forget.
    bool keep(int depth, Event event, OrderedJson& parsed) {
        if (depth > kMaxDepth) {
            fail(fmt::format("it is nested deeper than {}", kMaxDepth));
        }
        if (event == Event::value && ++values_ > kMaxValuesPerItem) {
            fail(fmt::format("one of its results has more than {} values", kMaxValuesPerItem));
        }
        if (event == Event::key && depth <= 2) {
            (depth == 1 ? name_ : key_) = parsed.get<std::string>();
            in_section_ = std::ranges::find(sections_.names, name_) != sections_.names.end();
        }
        const bool ends = event == Event::value || event == Event::array_end || event == Event::object_end;
        if (depth == 2 && in_section_ && event == Event::object_end) {
            values_ = 0;
            sections_.item(name_, key_, parsed);
            return false;
        }
        if (depth == 1 && !in_section_ && ends) {
            sections_.member(name_, parsed);
            return false;
        }
        return true;
    }

    std::string where_;
    const std::string& path_;
    const JsonSections& sections_;
    std::string name_, key_;  // that are being read
    bool in_section_ = false;
    std::size_t values_ = 0;  // since the last item
};

}  // namespace

bool read_json_sections(const std::string& action, const std::string& path, const JsonSections& sections) {
    return SectionReader(action, path, sections).run();
}

}  // namespace warpsmith
