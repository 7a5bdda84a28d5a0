// PTX: whatever the text is, reading it ends in a module or in an Error, and the launches of its kernels end.
#include <algorithm>
#include <cstdint>
#include <random>
#include <sstream>

#include "tests/fuzz/exercise_ptx.hpp"

namespace {

// Changes PTX as PTX: lines, and within them words. "add.rn.f32 %f1" has the words add .rn .f32 and %f1.
class LineMutator {
  public:
    LineMutator(const std::string& text, unsigned seed) : random_(seed) {
        std::istringstream stream(text);
        for (std::string line; std::getline(stream, line);) {
            lines_.push_back(line);
        }
    }

    std::string mutated() {
        if (!lines_.empty()) {
            change();
        }
        std::string text;
        for (const std::string& line : lines_) {
            text += line + "\n";
        }
        return text;
    }

  private:
    struct Word {
        std::size_t first = 0, length = 0;
    };

    std::size_t below(std::size_t count) { return random_() % std::max<std::size_t>(count, 1); }
    std::string& any_line() { return lines_[below(lines_.size())]; }

    static std::vector<Word> words_of(const std::string& line) {
        constexpr std::string_view kBetween = " ,;[]{}()@!|+\t";
        std::vector<Word> words;
        for (std::size_t i = 0; i < line.size(); ++i) {
            const bool between = kBetween.find(line[i]) != std::string_view::npos;
            const bool begins = line[i] == '.' || i == 0 || kBetween.find(line[i - 1]) != std::string_view::npos;
            if (!between && (begins || words.empty())) {
                words.push_back({i, 0});
            }
            if (!between) {
                words.back().length = i + 1 - words.back().first;
            }
        }
        return words;
    }

    std::string any_word() {
        const std::string& line = any_line();
        const std::vector<Word> words = words_of(line);
        const Word word = words.empty() ? Word{} : words[below(words.size())];
        return line.substr(word.first, word.length);
    }

    void change() {
        const std::string copied = any_line(), word = any_word();
        const std::ptrdiff_t place = static_cast<std::ptrdiff_t>(below(lines_.size()));
        std::string& line = any_line();
        const std::vector<Word> words = words_of(line);
        const Word at = words.empty() ? Word{} : words[below(words.size())];
        switch (below(7)) {
            case 0:
                lines_.insert(lines_.begin() + place, copied);
                break;
            case 1:
                lines_.erase(lines_.begin() + place);
                break;
            case 2:
                std::swap(line, lines_[static_cast<std::size_t>(place)]);
                break;
            case 3:
                line.insert(at.first + at.length, word);
                break;
            case 4:
                line.erase(at.first, at.length);
                break;
            default:
                line.replace(at.first, at.length, word);
        }
    }

    std::minstd_rand random_;
    std::vector<std::string> lines_;
};

}  // namespace

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t most);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t most, unsigned seed) {
    if (seed % 3 == 0) {
        return LLVMFuzzerMutate(data, size, most);
    }
    const std::string text = LineMutator(std::string(data, data + size), seed).mutated();
    const std::size_t kept = std::min(text.size(), most);
    std::copy_n(text.begin(), kept, data);
    return kept;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        warpsmith::exercise_ptx(std::string(data, data + size));
    } catch (const warpsmith::Error&) {
    }
    return 0;
}
