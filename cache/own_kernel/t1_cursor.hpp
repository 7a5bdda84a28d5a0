// A place in a T1 file, which complaints name: by file, line, column and path.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "solver/expr.hpp"
#include "solver/json_text.hpp"
#include "solver/model.hpp"

namespace warpsmith {

class T1Cursor {
  public:
    T1Cursor(const SourceText& source, const Json& json, std::string path)
        : source_(&source), json_(&json), path_(std::move(path)) {}

    [[noreturn]] void complain(std::string_view complaint) const;

    // A member, also where its name starts with a small letter; null counts as missing. Complain where this is no
    // object, `at` also where there is none, and says what was `expected`.
    std::optional<T1Cursor> find(std::string name) const;
    T1Cursor at(const std::string& name, std::string_view expected) const;

    std::vector<T1Cursor> items(std::string_view expected) const;  // of a list
    const std::string& text(std::string_view expected) const;
    double number() const;                      // also one in a text
    std::string number_text() const;            // as it is written
    Expr expression(const Model& model) const;  // a whole number, or Python in a text

    const Json& json() const { return *json_; }
    const std::string& path() const { return path_; }

  private:
    const SourceText* source_;
    const Json* json_;
    std::string path_;
};

}  // namespace warpsmith
