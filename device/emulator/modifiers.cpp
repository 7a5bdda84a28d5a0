// The words behind an opcode.
#include <algorithm>

#include "device/emulator/assembly.hpp"

namespace warpsmith::emulator {

Modifiers::Modifiers(std::string_view opcode) {
    for (std::size_t dot = opcode.find('.'); dot != std::string_view::npos;) {
        const std::size_t next = opcode.find('.', dot + 1);
        words_.push_back(opcode.substr(dot + 1, next == std::string_view::npos ? next : next - dot - 1));
        dot = next;
    }
}

bool Modifiers::take(std::string_view word) {
    const auto found = std::find(words_.begin(), words_.end(), word);
    if (found == words_.end()) {
        return false;
    }
    words_.erase(found);
    return true;
}

std::size_t Modifiers::take_one_of(std::span<const std::string_view> words) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (take(words[i])) {
            return i;
        }
    }
    return words.size();
}

bool Modifiers::has_type() const {
    return std::any_of(words_.begin(), words_.end(),
                       [](std::string_view word) { return type_named(word).has_value(); });
}

Type Modifiers::take_type() {
    for (auto word = words_.begin(); word != words_.end(); ++word) {
        if (const std::optional<Type> type = type_named(*word)) {
            words_.erase(word);
            return *type;
        }
    }
    throw Unsupported{"no type where one belongs"};
}

void Modifiers::drop_prefixed(std::string_view prefix) {
    std::erase_if(words_, [&](std::string_view word) { return word.starts_with(prefix); });
}

std::string Modifiers::text() const {
    std::string text;
    for (const std::string_view word : words_) {
        text += "." + std::string(word);
    }
    return text;
}

}  // namespace warpsmith::emulator
