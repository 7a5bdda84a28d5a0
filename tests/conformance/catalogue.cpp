#include "tests/conformance/catalogue.hpp"

#include "tests/conformance/expected.hpp"
#include "tests/conformance/values.hpp"

namespace warpsmith::conformance {

namespace {

struct Group {
    std::string_view name;
    void (*expect)(Case&);
};
constexpr Group kExpected[] = {
    {"integer", expect_integer}, {"bits", expect_bits},
    {"float", expect_float},     {"half", expect_half},
    {"compare", expect_compare}, {"convert", expect_convert},
    {"atomic", expect_atomic},   {"approximate", expect_approximate},
    {"memory", expect_memory},   {"warp", expect_warp},
    {"matrix", expect_matrix},   {"tensor", expect_tensor},
};

void expect(Case& test) {
    for (const Group& group : kExpected) {
        if (group.name == test.group) {
            group.expect(test);
        }
    }
}

}  // namespace

Case with_body(std::string group, const std::string& name, std::string body, const std::vector<std::string>& results,
               const std::vector<std::string>& operands) {
    Case test{
        .name = name, .group = std::move(group), .body = std::move(body), .results = results, .operands = operands};
    test.inputs = crossed(operands);
    test.rows = test.inputs[0].size();
    test.grid = static_cast<unsigned>(test.rows / test.block);
    return test;
}

Case simple(std::string group, const std::string& opcode, const std::string& result,
            const std::vector<std::string>& operands) {
    constexpr const char* kNames[] = {", %a", ", %b", ", %c", ", %h"};
    std::string body = opcode + " %d";
    for (std::size_t k = 0; k < operands.size(); ++k) {
        body += kNames[k];
    }
    return with_body(std::move(group), opcode, body + ";", {result}, operands);
}

void keep_rows(Case& test, std::size_t rows) {
    const std::size_t step = 1 + 2 * (test.rows / rows / 2);  // odd, so that columns of a cross are not skipped
    for (Values& values : test.inputs) {
        Values kept;
        for (std::size_t row = 0; row < rows; ++row) {
            kept.push_back(values[row * step % values.size()]);
        }
        values = kept;
    }
    test.rows = rows;
    test.grid = static_cast<unsigned>(rows / test.block);
}

Case warp_case(std::string group, const std::string& name, std::string body, const std::vector<std::string>& results,
               const std::vector<std::string>& operands, unsigned rows) {
    Case test{
        .name = name, .group = std::move(group), .body = std::move(body), .results = results, .operands = operands};
    test.rows = rows;
    test.block = rows;
    for (const std::string& operand : operands) {
        Random random(test.inputs.size() + 7);
        Values values;
        for (unsigned row = 0; row < rows; ++row) {
            values.push_back(random_value(operand, random));
        }
        test.inputs.push_back(values);
    }
    return test;
}

Cases all_cases() {
    Cases cases;
    for (void (*const add)(Cases&) :
         {add_integer_cases, add_bit_cases, add_float_cases, add_half_cases, add_approximate_cases, add_compare_cases,
          add_convert_cases, add_memory_cases, add_atomic_cases, add_warp_cases, add_matrix_cases, add_wmma_cases,
          add_wgmma_cases, add_async_cases, add_tensor_cases}) {
        add(cases);
    }
    for (Case& test : cases) {
        expect(test);
    }
    return cases;
}

}  // namespace warpsmith::conformance
