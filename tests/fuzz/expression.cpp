// Expressions and value lists: whatever the text is, reading it ends in a value or in an Error.
#include <cstdint>

#include "solver/parser.hpp"
#include "solver/value_list.hpp"
#include "tests/fuzz/exercise.hpp"

namespace {

warpsmith::Model three_variables() {
    warpsmith::Model model;
    model.variable("a", {1, 2, -3});
    model.variable("b", {0, 64});
    model.variable("c", std::vector<warpsmith::Value>{0.5, "x", std::int64_t{7}});
    return model;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace warpsmith;
    SourceText source{.file = "fuzz", .text = std::string(data, data + size)};
    try {
        Model model = three_variables();
        Expr expr = parse_expression(source, model, Language::python_and_c);
        model.require(expr, source.text);
        std::string printed = expr.weight() < 1000 ? to_string(expr) : "";
        if (!printed.empty() && to_string(parse_expression({.file = "printed", .text = printed}, model)) != printed) {
            std::abort();  // what is printed reads back as the same
        }
        exercise(model);
    } catch (const Error&) {
    }
    try {
        parse_value_list(source);
    } catch (const Error&) {
    }
    return 0;
}
