// --budget on the command line: how long, or how many candidates, a search may take.
#pragma once

#include <string>

namespace warpsmith {

// One of the two is 0, which is no limit.
struct Budget {
    double seconds = 0;
    int candidates = 0;
};

// "60s", "1.5m", "2h" or "200"; empty is no limit. Throws Error with what was expected.
Budget parse_budget(const std::string& text);

}  // namespace warpsmith
