#include "device/driver_version.hpp"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <sstream>

namespace warpsmith {

std::string driver_version_in(std::string_view text) {
    std::istringstream words{std::string(text)};
    for (std::string word; words >> word;) {
        const bool numeric =
            std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c) != 0 || c == '.'; });
        if (numeric && word.find('.') != std::string::npos) {
            return word;
        }
    }
    return {};
}

std::string driver_version() {
    std::ifstream file("/proc/driver/nvidia/version");
    std::string line;
    std::getline(file, line);
    return driver_version_in(line);
}

}  // namespace warpsmith
