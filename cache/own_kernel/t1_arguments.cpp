#include "cache/own_kernel/t1_arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <optional>
#include <vector>

#include "solver/error.hpp"
#include "solver/search.hpp"
#include "solver/suggestion.hpp"

namespace warpsmith {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 34;  // of a buffer: more than a kernel can be checked on
constexpr std::size_t kConstantBytes = std::size_t{1} << 16;  // CUDA C++ Programming Guide, "Technical Specifications"
constexpr std::size_t kMostArguments = 1000;                  // a kernel takes 4 KB of parameters, later ones 32 KB

// How far apart two right ways to compute the same may be, as a share of the largest value: what sums of some thousand
// terms in another order differ by, with room to spare. Integers must be equal.
struct TypeRow {
    std::string_view in_t1, ours;
    double tolerance;
};

constexpr std::array kTypes = {
    TypeRow{"int8", "i8", 0},          TypeRow{"uint8", "u8", 0},     TypeRow{"int16", "i16", 0},
    TypeRow{"uint16", "u16", 0},       TypeRow{"int32", "i32", 0},    TypeRow{"uint32", "u32", 0},
    TypeRow{"int64", "i64", 0},        TypeRow{"uint64", "u64", 0},   TypeRow{"int", "i32", 0},
    TypeRow{"uint", "u32", 0},         TypeRow{"bool", "u8", 0},      TypeRow{"half", "f16", 5e-3},
    TypeRow{"bfloat16", "bf16", 2e-2}, TypeRow{"float", "f32", 1e-5}, TypeRow{"double", "f64", 1e-12}};

struct FoundType {
    const TypeRow* row = nullptr;
    std::uint64_t lanes = 1;
};

// "float", and "float4" of four lanes.
FoundType find_type(const T1Cursor& at) {
    const std::string& text = at.text("a type, as \"float\"");
    std::vector<std::string> names;
    for (const TypeRow& row : kTypes) {
        if (text == row.in_t1) {
            return {&row, 1};
        }
        for (std::uint64_t lanes : {2, 4, 8, 16}) {
            if (row.tolerance > 0 && text == fmt::format("{}{}", row.in_t1, lanes)) {
                return {&row, lanes};
            }
        }
        names.emplace_back(row.in_t1);
    }
    at.complain(fmt::format("there is no type '{}'; {}", text, suggestion(text, names)));
}

constexpr std::array<std::string_view, 4> kMemories = {"Scalar", "Vector", "Local", "Symbol"};
constexpr std::string_view kFills = "\"Constant\", \"Random\", \"Generator\" or \"BinaryRaw\"";

struct ComparisonRow {
    std::string_view in_t1;
    Comparison comparison;
};

constexpr std::array kComparisons = {ComparisonRow{"AbsoluteDifference", Comparison::sum},
                                     ComparisonRow{"SideBySideComparison", Comparison::each},
                                     ComparisonRow{"SideBySideRelativeComparison", Comparison::each_relative}};

class ArgumentReader {
  public:
    ArgumentReader(OwnKernel& kernel, std::filesystem::path folder) : kernel_(kernel), folder_(std::move(folder)) {}

    void run(const T1Cursor& spec) {
        read_list(spec);
        read_references(spec);
    }

  private:
    void read_list(const T1Cursor& spec) {
        const T1Cursor list = spec.at("Arguments", "a list of the kernel's arguments, in order");
        std::size_t count = 0;
        for (const T1Cursor& item : list.items("a list of the kernel's arguments, in order")) {
            if (++count > kMostArguments) {
                item.complain("no kernel takes as many arguments");
            }
            const std::string memory = memory_of(item);
            if (memory == "Local") {
                add_shared_memory(item);
            } else {
                (memory == "Symbol" ? kernel_.symbols : kernel_.arguments).push_back(read_argument(item, memory));
            }
        }
    }

    static std::string memory_of(const T1Cursor& item) {
        const auto memory = item.find("MemoryType") ? item.find("MemoryType") : item.find("MemType");
        if (!memory) {
            return item.find("Size") ? "Vector" : "Scalar";
        }
        const std::string& kind = memory->text("\"Scalar\" or \"Vector\"");
        if (std::ranges::find(kMemories, kind) == kMemories.end()) {
            memory->complain(
                fmt::format("there is no {} memory; write \"Scalar\", \"Vector\", \"Symbol\" (a __constant__ variable "
                            "of this name) "
                            "or \"Local\" (dynamic shared memory)",
                            kind));
        }
        return kind;
    }

    // No parameter of a CUDA kernel: the block has so much more of it.
    void add_shared_memory(const T1Cursor& item) {
        const FoundType type = find_type(item.at("Type", "one, as \"float\""));
        const auto element_bytes = static_cast<std::int64_t>(find_element_type(type.row->ours).bytes * type.lanes);
        const Expr size = item.at("Size", "the number of elements").expression(kernel_.space.model);
        Expr& smem_bytes = kernel_.space.launch.smem_bytes;
        smem_bytes = smem_bytes + size * element_bytes;
    }

    OwnArgument read_argument(const T1Cursor& item, const std::string& memory) {
        OwnArgument argument;
        const auto name = item.find("Name");
        argument.name = name ? name->text("a name") : fmt::format("argument {}", kernel_.arguments.size());
        const FoundType type = find_type(item.at("Type", "one, as \"float\""));
        argument.type = &find_element_type(type.row->ours);
        argument.is_buffer = memory == "Vector";
        argument.count = type.lanes;
        if (memory != "Scalar") {
            const std::uint64_t size = size_of(item.at("Size", "the number of elements"));
            argument.count *= std::min(size, kMostBytes);  // does not overflow
            if (argument.count > kMostBytes / argument.type->bytes) {
                item.complain("this is more than 16 GiB; use a smaller buffer");
            }
            if (memory == "Symbol" && argument.bytes() > kConstantBytes) {
                item.complain("this is more than the 64 KiB that constant memory has; use a Vector");
            }
        }
        const auto access = item.find("AccessType");
        const std::string way = access ? access->text("a text") : "ReadWrite";
        argument.is_output = argument.is_buffer && (!way.starts_with("Read") || way.starts_with("ReadW"));
        if (memory == "Symbol" && access && way != "ReadOnly") {
            access->complain("a Symbol is only read: what the kernel computes has to be in a Vector");
        }
        argument.fill = read_fill(item, argument);
        const bool unread = argument.is_buffer && access && way.starts_with("Write");
        if (argument.fill.kind == FillKind::none && !unread) {
            item.complain(fmt::format("FillType is missing; add {}", kFills));
        }
        return argument;
    }

    // Where it depends on parameters, the largest in the space.
    std::uint64_t size_of(const T1Cursor& at) {
        const Expr size = at.expression(kernel_.space.model);
        std::int64_t largest = 0;
        for (const Solution& solution : solutions(at)) {
            largest = std::max(largest, whole_value(size, solution).value_or(0));
        }
        if (largest < 1) {
            at.complain("this must come to a whole number of at least 1");
        }
        return static_cast<std::uint64_t>(largest);
    }

    const std::vector<Solution>& solutions(const T1Cursor& at) {
        if (!solutions_) {
            solutions_ = solve(kernel_.space.model);
            if (solutions_->empty()) {
                at.complain("ConfigurationSpace: no configuration fits the conditions; `warpsmith explain` says why");
            }
        }
        return *solutions_;
    }

    Fill read_fill(const T1Cursor& item, const OwnArgument& argument) const {
        const auto kind = item.find("FillType");
        const auto value = item.find("FillValue");
        if (!kind && !value) {
            return {};
        }
        Fill fill;
        const std::string name = kind ? kind->text(kFills) : "Constant";
        if (name == "Constant") {
            fill.kind = FillKind::constant;
            fill.constant = value ? value->number_text() : "0";
            check_constant(value ? *value : item, argument, fill.constant);
        } else if (name == "Random") {
            fill.kind = FillKind::random;
            fill.span = value ? value->number() : 1;
            if (!(fill.span >= 0) || !std::isfinite(fill.span)) {
                value->complain("random values are from 0 to this; write a number of at least 0");
            }
            if (const auto seed = item.find("RandomSeed")) {
                const double number = seed->number();
                if (!(number >= 0 && number <= 0x1p53)) {
                    seed->complain("write a whole number from 0 to 2^53");
                }
                fill.seed = static_cast<std::uint64_t>(number);
            }
        } else if (name == "BinaryRaw") {
            fill.kind = FillKind::file;
            fill.file = (folder_ / item.at("DataSource", "the file, relative to this file").text("a file")).string();
            if (!std::filesystem::exists(fill.file)) {
                item.at("DataSource", "").complain(fmt::format("there is no file {}", fill.file));
            }
        } else if (name == "Generator") {
            fill.kind = FillKind::generator;
            fill.element = read_generator(item.find("DataSource") ? *item.find("DataSource")
                                                                  : item.at("FillValue", "an expression over i"));
        } else {
            refuse_fill(*kind, name);
        }
        return fill;
    }

    // Over i, the element's index.
    static Expr read_generator(const T1Cursor& at) {
        Model index;
        index.variable("i", {0});
        return at.expression(index);
    }

    [[noreturn]] static void refuse_fill(const T1Cursor& kind, const std::string& name) {
        if (name == "Script") {
            kind.complain(
                "no script is run on behalf of a file; run it yourself, have it write the values as raw little-endian "
                "bytes, and write \"BinaryRaw\" with that file as DataSource");
        }
        if (name == "BinaryHDF") {
            kind.complain(
                "HDF5 is not read; write the values with `h5dump -d DATASET -b LE -o values.bin FILE.h5`, and "
                "\"BinaryRaw\" with values.bin as DataSource");
        }
        kind.complain(fmt::format("values cannot come from {}; write {}", name, kFills));
    }

    static void check_constant(const T1Cursor& at, const OwnArgument& argument, const std::string& constant) {
        try {
            std::vector<std::byte> bytes(argument.type->bytes);
            argument.type->parse(constant, bytes.data());
        } catch (const Error& error) {
            at.complain(error.what());
        }
    }

    void read_references(const T1Cursor& spec) {
        for (std::size_t i = 0; i < kernel_.arguments.size(); ++i) {
            if (kernel_.arguments[i].is_output) {
                const auto* row = std::ranges::find(kTypes, kernel_.arguments[i].type->name, &TypeRow::ours);
                kernel_.checks.push_back({.argument = i, .threshold = row->tolerance});
            }
        }
        const auto list = spec.find("ReferenceArguments");
        for (const T1Cursor& item : list ? list->items("a list") : std::vector<T1Cursor>{}) {
            read_reference(item);
        }
        if (kernel_.checks.empty()) {
            spec.at("Arguments", "")
                .complain(
                    "no argument is written by the kernel, so nothing tells right from wrong; give one the AccessType "
                    "\"WriteOnly\" or \"ReadWrite\"");
        }
    }

    void read_reference(const T1Cursor& item) {
        const T1Cursor target = item.at("TargetName", "the name of the argument to compare");
        const auto check = std::ranges::find_if(kernel_.checks, [&](const OutputCheck& candidate) {
            return kernel_.arguments[candidate.argument].name == target.text("a name");
        });
        if (check == kernel_.checks.end()) {
            target.complain("no argument that is written has this name");
        }
        if (const auto method = item.find("ValidationMethod")) {
            const auto* row = std::ranges::find(kComparisons, method->text("a text"), &ComparisonRow::in_t1);
            if (row == kComparisons.end()) {
                method->complain(
                    "write \"AbsoluteDifference\", \"SideBySideComparison\" or \"SideBySideRelativeComparison\"");
            }
            check->comparison = row->comparison;
            check->threshold = item.at("ValidationThreshold", "how large a difference may be").number();
        } else if (const auto threshold = item.find("ValidationThreshold")) {
            check->comparison = Comparison::each;
            check->threshold = threshold->number();
        }
        check->expected = read_fill(item, kernel_.arguments[check->argument]);
    }

    OwnKernel& kernel_;
    std::filesystem::path folder_;
    std::optional<std::vector<Solution>> solutions_;
};

}  // namespace

void read_arguments(OwnKernel& kernel, const T1Cursor& spec, const std::string& folder) {
    ArgumentReader(kernel, folder).run(spec);
}

}  // namespace warpsmith
