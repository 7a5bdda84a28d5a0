// What a worker for tests is told: the toy's world, or the toy as a real kernel on the emulator.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "tests/tuner/toy.hpp"

namespace warpsmith {

inline constexpr const char* kToyVersion = "toy 1";

NLOHMANN_JSON_SERIALIZE_ENUM(Mischief, {{Mischief::wrong_value, "wrong_value"},
                                        {Mischief::unwritten, "unwritten"},
                                        {Mischief::writes_behind, "writes_behind"},
                                        {Mischief::faults, "faults"},
                                        {Mischief::refuses_to_load, "refuses_to_load"},
                                        {Mischief::hangs, "hangs"},
                                        {Mischief::aborts, "aborts"},
                                        {Mischief::segfaults, "segfaults"},
                                        {Mischief::exits, "exits"},
                                        {Mischief::fills_memory, "fills_memory"},
                                        {Mischief::hangs_when_timed, "hangs_when_timed"},
                                        {Mischief::hangs_third_time, "hangs_third_time"}})

struct ToySetup {
    std::string place;  // "none", "emulator" and "gpu" are toy devices; "real" compiles and emulates real_toy_sources()
    std::string kernels;  // the store; empty for none
    std::string log;      // a file: "PROCESS compile threads=32 items=4", a line for each compilation and launch
    std::map<std::string, Mischief> mischief = {}, compiler = {};
    std::map<std::string, double> microseconds = {};
    std::map<std::string, std::string> errors = {};
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ToySetup, place, kernels, log, mischief, compiler, microseconds, errors)

// The toy as a kernel for D = 8. threads=32 is right but for items=4, which never ends; of threads=64, items=1 writes
// behind the end of y, 2 is wrong by one, and 4 runs into a trap.
std::vector<SourceFile> real_toy_sources();

}  // namespace warpsmith
