// What a programmer would write by hand for one space: a C++ loop for each variable in the order of declaration, each
// constraint tested in the outermost loop where its variables are known, solutions appended to a vector of rows.
#pragma once

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "solver/domains.hpp"
#include "solver/error.hpp"
#include "solver/model.hpp"

namespace warpsmith {

// An expression in C++, and between which bounds its values are.
struct Written {
    std::string text;
    double low = 0;
    double high = 0;
    bool real = false;
};

class LoopWriter {
  public:
    explicit LoopWriter(const Model& model) : model_(model) {}

    std::string source() {
        const std::string body = loops();
        return fmt::format(kProgram, widest_ < kInt32End ? "int" : "long", model_.variables().size(), row_type(),
                           tables_, body);
    }

  private:
    static constexpr double kInt32End = 2147483648.0;
    static constexpr const char* kProgram = R"(#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <vector>
using Integer = {0};
using Row = std::array<{2}, {1}>;
static inline double floor_divide(double left, double right) {{ return std::floor(left / right); }}
static inline Integer floor_divide(Integer left, Integer right) {{
    return left / right - (left % right != 0 && (left < 0) != (right < 0));
}}
static inline double modulo(double left, double right) {{ return left - right * std::floor(left / right); }}
static inline Integer modulo(Integer left, Integer right) {{ return left - right * floor_divide(left, right); }}
{3}
extern "C" std::size_t list_solutions() {{
    std::vector<Row> rows;
{4}    return rows.size();
}}
)";

    std::string row_type() const {
        double largest = 0;
        for (const Variable& variable : model_.variables()) {
            const Written bounds = variable_bounds(variable);
            if (bounds.real) {
                return "double";
            }
            largest = std::max({largest, std::abs(bounds.low), std::abs(bounds.high)});
        }
        return largest <= std::numeric_limits<std::int16_t>::max() ? "std::int16_t" : "std::int32_t";
    }

    static Written variable_bounds(const Variable& variable) {
        Written result{.low = std::numeric_limits<double>::max(), .high = std::numeric_limits<double>::lowest()};
        for (const Value& value : variable.values) {
            const bool real = std::holds_alternative<double>(value);
            if (std::holds_alternative<std::string>(value)) {
                throw Error("writing loops: a value is text; give a space of numbers");
            }
            const double number = real ? std::get<double>(value) : static_cast<double>(std::get<std::int64_t>(value));
            result.real |= real;
            result.low = std::min(result.low, number);
            result.high = std::max(result.high, number);
        }
        return result;
    }

    std::string loops() {
        std::string opened;
        std::string row;
        std::string indent = "    ";
        for (std::size_t v = 0; v < model_.variables().size(); ++v) {
            const Variable& variable = model_.variables()[v];
            std::string values;
            for (const Value& value : variable.values) {
                values += (values.empty() ? "" : ", ") + to_string(value);
            }
            const char* type = variable_bounds(variable).real ? "double" : "Integer";
            tables_ += fmt::format("static const {} values{}[] = {{{}}};\n", type, v, values);
            opened += fmt::format("{}for ({} v{} : values{}) {{\n", indent, type, v, v);
            indent += "    ";
            row += fmt::format("{}static_cast<Row::value_type>(v{})", v == 0 ? "" : ", ", v);
            opened += tests_at(v, indent);
        }
        opened += fmt::format("{}rows.push_back(Row{{{}}});\n", indent, row);
        return opened + "    " + std::string(model_.variables().size(), '}') + "\n";
    }

    std::string tests_at(std::size_t variable, const std::string& indent) {
        std::string tests;
        for (const Constraint& constraint : model_.constraints()) {
            const std::vector<std::size_t> used = variables_in(constraint.condition);
            if (used.empty() ? variable == 0 : used.back() == variable) {
                tests += fmt::format("{}if (!({})) continue;\n", indent, written(constraint.condition).text);
            }
        }
        return tests;
    }

    Written written(const Expr& expr) {
        Written result = by_kind(expr);
        if (!result.real) {
            widest_ = std::max({widest_, std::abs(result.low), std::abs(result.high)});
        }
        return result;
    }

    Written by_kind(const Expr& expr) {
        switch (expr.op()) {
            case Op::constant:
                return constant(expr.value());
            case Op::variable: {
                Written result = variable_bounds(model_.variables()[expr.index()]);
                result.text = fmt::format("v{}", expr.index());
                return result;
            }
            case Op::named:
                return written(expr.operands()[0]);
            case Op::select: {
                const Written condition = written(expr.operands()[0]);
                const Written chosen = written(expr.operands()[1]);
                const Written other = written(expr.operands()[2]);
                return {fmt::format("({} ? {} : {})", condition.text, chosen.text, other.text),
                        std::min(chosen.low, other.low), std::max(chosen.high, other.high), chosen.real || other.real};
            }
            default:
                break;
        }
        const Written left = written(expr.operands()[0]);
        return expr.operands().size() == 1 ? unary(expr.op(), left)
                                           : binary(expr.op(), left, written(expr.operands()[1]));
    }

    static Written constant(const Value& value) {
        if (const auto* integer = std::get_if<std::int64_t>(&value)) {
            const auto number = static_cast<double>(*integer);
            return {fmt::format("Integer({})", *integer), number, number, false};
        }
        if (const auto* real = std::get_if<double>(&value)) {
            return {to_string(value), *real, *real, true};
        }
        throw Error("writing loops: a constant is text; give a space of numbers");
    }

    static Written unary(Op op, const Written& operand) {
        const double size = std::max(std::abs(operand.low), std::abs(operand.high));
        switch (op) {
            case Op::negate:
                return {"(-" + operand.text + ")", -operand.high, -operand.low, operand.real};
            case Op::absolute:
                return {"std::abs(" + operand.text + ")", 0, size, operand.real};
            default:
                return {"Integer(!" + operand.text + ")", 0, 1, false};
        }
    }

    static Written binary(Op op, const Written& left, const Written& right) {
        const bool real = left.real || right.real;
        const bool plain = !real && left.low >= 0 && right.low >= 0;  // C++ rounds such quotients as Python does
        const double size = std::max(std::abs(left.low), std::abs(left.high));
        const char* common = real ? "double" : "Integer";
        const auto infix = [&](const char* sign) { return fmt::format("({} {} {})", left.text, sign, right.text); };
        const auto call = [&](const char* name) {
            return fmt::format("{}({}({}), {}({}))", name, common, left.text, common, right.text);
        };
        switch (op) {
            case Op::add:
                return {infix("+"), left.low + right.low, left.high + right.high, real};
            case Op::subtract:
                return {infix("-"), left.low - right.high, left.high - right.low, real};
            case Op::multiply: {
                const auto [low, high] = std::minmax(
                    {left.low * right.low, left.low * right.high, left.high * right.low, left.high * right.high});
                return {infix("*"), low, high, real};
            }
            case Op::real_divide:
                return {fmt::format("(double({}) / double({}))", left.text, right.text), -size, size, true};
            case Op::floor_divide:
                return {plain ? infix("/") : call("floor_divide"), plain ? 0 : -size - 1, size, real};
            case Op::modulo:
                return {plain ? infix("%") : call("modulo"), std::min(right.low, 0.0), std::max(right.high, 0.0), real};
            case Op::minimum:
                return {call("std::min"), std::min(left.low, right.low), std::min(left.high, right.high), real};
            case Op::maximum:
                return {call("std::max"), std::max(left.low, right.low), std::max(left.high, right.high), real};
            default:
                return {infix(sign_of(op)), 0, 1, false};  // the value of `and` and `or` is used as a condition only
        }
    }

    static const char* sign_of(Op op) {
        constexpr std::pair<Op, const char*> kSigns[] = {
            {Op::equal, "=="},  {Op::not_equal, "!="},     {Op::less, "<"},         {Op::less_equal, "<="},
            {Op::greater, ">"}, {Op::greater_equal, ">="}, {Op::logical_and, "&&"}, {Op::logical_or, "||"}};
        for (const auto& [candidate, sign] : kSigns) {
            if (candidate == op) {
                return sign;
            }
        }
        throw Error("writing loops: an operator has no C++ form here; write it without powers");
    }

    const Model& model_;
    std::string tables_;
    double widest_ = 0;  // of all integers
};

// The loops, compiled with `g++ -O3` and loaded.
class NestedLoops {
  public:
    explicit NestedLoops(const Model& model) {
        const std::filesystem::path folder = std::filesystem::temp_directory_path();
        std::string name = (folder / "warpsmith_loops_XXXXXX").string();
        if (mkdtemp(name.data()) == nullptr) {
            throw Error("making a folder for the generated loops in " + folder.string() + ": is it writable?");
        }
        std::ofstream(name + "/loops.cpp") << LoopWriter(model).source();
        const auto start = std::chrono::steady_clock::now();
        const std::string command = fmt::format("g++ -std=c++20 -O3 -shared -fPIC -o {0}/loops.so {0}/loops.cpp", name);
        const bool built = std::system(command.c_str()) == 0;
        compile_s_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
        if (built) {
            library_.reset(dlopen((name + "/loops.so").c_str(), RTLD_NOW));
            list_ = library_ ? reinterpret_cast<std::size_t (*)()>(dlsym(library_.get(), "list_solutions")) : nullptr;
        }
        if (list_ == nullptr) {
            throw Error("compiling generated loops: `" + command + "` did not work; is g++ installed?");
        }
        std::filesystem::remove_all(name);
    }

    std::size_t list() const { return list_(); }  // builds the rows and tells how many there are
    double compile_s() const { return compile_s_; }

  private:
    struct Close {
        void operator()(void* library) const { dlclose(library); }
    };
    std::unique_ptr<void, Close> library_;
    std::size_t (*list_)() = nullptr;
    double compile_s_ = 0;
};

}  // namespace warpsmith
