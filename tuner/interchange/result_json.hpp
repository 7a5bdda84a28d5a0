// What the readers and writers of the formats share.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/imported.hpp"
#include "tuner/json_sections.hpp"

namespace warpsmith {

constexpr double kMicrosecondsPerMillisecond = 1000;

// Counts what of a file is kept. Throws Error, which begins with `where`, once it is more than memory should hold.
class KeptText {
  public:
    explicit KeptText(std::string where) : where_(std::move(where)) {}
    void add(const std::string& text);

  private:
    std::string where_;
    std::size_t bytes_ = 0;
};

// A time that was measured: positive and finite, and not the 1e20 that old files have for a failure.
std::optional<double> positive_time(const OrderedJson& value);

// Of numbers; what is none counts as nothing.
std::vector<double> scaled_numbers(const OrderedJson& list, double factor);

// The number of another unit that times `factor` gives this one, so that a time that was read comes out as it was
// written and, where two numbers give it, as one that is read as the same.
double unscaled(double scaled, double factor);

// Text of objects in the database, which Warpsmith wrote; an empty object where it is damaged.
OrderedJson parsed(const std::string& text);

// Compact text; bytes that are no UTF-8 are replaced.
std::string dumped(const OrderedJson& value);

// The file's name without its folder.
std::string base_name(const std::string& path);

// "name" as text, empty where it is not there.
std::string text_member(const OrderedJson& object, const std::string& name);

// Throws Error, with a list to choose from, where there are several, or none.
const ImportedFile& require_one(std::span<const ImportedFile> files, std::string_view format);

// Every parameter with the values that the results have, in the order of the first result's parameters, each value once
// and in the order in which it comes first.
OrderedJson value_lists(const ImportedFile& file);

}  // namespace warpsmith
