#include "device/emulator/printf_format.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>

namespace warpsmith::emulator {
namespace {

using namespace short_names;

constexpr int kWidest = 1024;  // of a conversion; more is cut

// One conversion after another, each with its argument.
class Formatter {
  public:
    Formatter(std::string_view format, const PrintfSource& source) : rest_(format), source_(source) {}

    std::string run() {
        while (!rest_.empty()) {
            const std::size_t percent = std::min(rest_.find('%'), rest_.size());
            text_ += rest_.substr(0, percent);
            rest_.remove_prefix(percent);
            if (!rest_.empty()) {
                convert();
            }
        }
        return text_;
    }

  private:
    u64 next(unsigned bytes) {
        offset_ = (offset_ + bytes - 1) / bytes * bytes;
        const u64 value = source_.argument(offset_, bytes);
        offset_ += bytes;
        return value;
    }

    char peek() const { return rest_.empty() ? '\0' : rest_.front(); }
    bool accept(std::string_view any) {
        if (rest_.empty() || any.find(rest_.front()) == std::string_view::npos) {
            return false;
        }
        rest_.remove_prefix(1);
        return true;
    }

    // A number, or * for one that is an argument.
    int number() {
        if (accept("*")) {
            return std::clamp(static_cast<int>(static_cast<s32>(next(4))), -kWidest, kWidest);
        }
        int value = 0;
        while (peek() >= '0' && peek() <= '9') {
            value = std::min(10 * value + (peek() - '0'), kWidest);
            rest_.remove_prefix(1);
        }
        return value;
    }

    void convert() {
        const std::string_view whole = rest_;
        rest_.remove_prefix(1);
        std::string flags = "%";
        while (flags.size() < 8 && std::string_view("-+ #0").find(peek()) != std::string_view::npos && peek() != '\0') {
            flags += peek();
            rest_.remove_prefix(1);
        }
        const int width = number(), precision = accept(".") ? number() : -1;
        bool wide = false;
        while (peek() != '\0' && std::string_view("hlzjtL").find(peek()) != std::string_view::npos) {
            wide = wide || peek() != 'h';
            rest_.remove_prefix(1);
        }
        const char kind = peek();
        if (kind == '\0' || !put(flags + "*.*", width, precision, wide)) {
            text_ += whole.substr(0, whole.size() - rest_.size());
            return;
        }
        rest_.remove_prefix(1);
    }

    template <class T>
    void print(const std::string& spec, int width, int precision, T value) {
        std::array<char, 4 * kWidest> buffer;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        const int length = std::snprintf(buffer.data(), buffer.size(), spec.c_str(), width, precision, value);
#pragma GCC diagnostic pop
        text_.append(buffer.data(), static_cast<std::size_t>(std::clamp(length, 0, int{4 * kWidest - 1})));
    }

    bool put(const std::string& spec, int width, int precision, bool wide) {
        const char kind = peek();
        if (kind == '%') {
            text_ += '%';
        } else if (kind == 'd' || kind == 'i') {
            const u64 bits = next(wide ? 8 : 4);
            print(spec + "lld", width, precision,
                  static_cast<long long>(wide ? static_cast<s64>(bits) : s64{static_cast<s32>(bits)}));
        } else if (kind == 'u' || kind == 'o' || kind == 'x' || kind == 'X') {
            print(spec + "ll" + kind, width, precision, static_cast<unsigned long long>(next(wide ? 8 : 4)));
        } else if (std::string_view("eEfFgGaA").find(kind) != std::string_view::npos) {
            print(spec + kind, width, precision, std::bit_cast<double>(next(8)));
        } else if (kind == 'c') {
            text_ += static_cast<char>(next(4));
        } else if (kind == 's') {
            print(spec + "s", width, precision, source_.text(next(8)).substr(0, 2 * std::size_t{kWidest}).c_str());
        } else if (kind == 'p') {
            print("%*.*llx", width, precision, static_cast<unsigned long long>(next(8)));
        } else {
            return false;
        }
        return true;
    }

    std::string_view rest_;
    const PrintfSource& source_;
    std::string text_;
    u64 offset_ = 0;
};

}  // namespace

std::string format_printf(std::string_view format, const PrintfSource& source) {
    return Formatter(format, source).run();
}

}  // namespace warpsmith::emulator
