// NumPy's .npy files, version 1.0 of its format (numpy.lib.format): what --dump writes and --input reads.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace warpsmith {

struct NpyArray {
    std::string descr;  // "<f4", "<f8": NumPy's name of the stored type
    std::vector<std::int64_t> shape;
    std::vector<double> values;  // in C order
};

// Reads float32 and float64 in C order. Throws Error naming the file and what it has instead.
NpyArray read_npy(const std::string& path);

// Writes in C order; descr is "<f4" or "<f8". Throws Error when the file cannot be written.
void write_npy(const std::string& path, const NpyArray& array);

}  // namespace warpsmith
