// Runs PTX on the emulator from a test: whole modules, or a few instructions on 32 lanes.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "device/emulator/launch.hpp"

namespace warpsmith::emulator {

using U = std::vector<std::uint32_t>;  // words in memory

inline const std::string kPtxHeader = ".version 8.8\n.target sm_90a\n.address_size 64\n";

// Kernel parameters, each at its natural alignment.
class Parameters {
  public:
    template <class T>
    Parameters& add(T value) {
        bytes_.resize((bytes_.size() + sizeof(T) - 1) / sizeof(T) * sizeof(T) + sizeof(T));
        std::memcpy(bytes_.data() + bytes_.size() - sizeof(T), &value, sizeof(T));
        return *this;
    }
    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    std::vector<std::byte> bytes_;
};

template <class T>
std::uint64_t upload(Memory& memory, const std::vector<T>& values) {
    const std::uint64_t address = memory.allocate(values.size() * sizeof(T));
    memory.write(address, std::as_bytes(std::span(values)));
    return address;
}

template <class T>
std::vector<T> download(const Memory& memory, std::uint64_t address, std::size_t count) {
    std::vector<T> values(count);
    memory.read(address, std::as_writable_bytes(std::span(values)));
    return values;
}

// "kind at line N: message" for each finding.
inline std::string told(const LaunchResult& result) {
    std::string text = result.completed ? "" : "not completed; ";
    for (const Finding& finding : result.findings) {
        text += std::string(name_of(finding.kind)) + " at line " + std::to_string(finding.line) + ": " +
                finding.message + "; ";
    }
    return text;
}

// The findings' kinds, each once, in the order of FindingKind.
inline std::vector<FindingKind> kinds(const LaunchResult& result) {
    std::vector<FindingKind> found;
    for (const Finding& finding : result.findings) {
        if (found.empty() || found.back() != finding.kind) {
            found.push_back(finding.kind);
        }
    }
    return found;
}

// Values of one operand: repeated until they fill 32 lanes.
template <class T>
std::vector<T> lanes_of(std::initializer_list<T> values) {
    std::vector<T> lanes;
    while (lanes.size() < 32) {
        lanes.insert(lanes.end(), values.begin(), values.end());
    }
    lanes.resize(32);
    return lanes;
}

// A kernel of one warp: %a, %b, %c are loaded per lane, `body` runs, %d is stored. Registers are untyped bits of the
// sizes given; the body may declare more.
inline std::string lane_kernel(const std::string& body, std::size_t d, std::size_t a, std::size_t b, std::size_t c) {
    const auto reg = [](const char* name, std::size_t bytes) {
        return ".reg .b" + std::to_string(std::max<std::size_t>(bytes, 2) * 8) + " " + name + ";\n";
    };
    const auto move = [](const char* op, const char* name, const char* pointer, std::size_t bytes) {
        const std::string size = std::to_string(bytes), address = "[%at]";
        const std::string registers =
            std::string(op) == "ld" ? std::string(name) + ", " + address : address + ", " + std::string(name);
        return std::string("mul.wide.u32 %at, %t, ") + size + ";\nadd.u64 %at, %at, " + pointer + ";\n" + op +
               ".global.b" + std::to_string(bytes * 8) + " " + registers + ";\n";
    };
    return kPtxHeader +
           ".entry k(.param .u64 pa, .param .u64 pb, .param .u64 pc, .param .u64 pd) {\n.reg .u32 %t;\n.reg .u64 %at, "
           "%qa, "
           "%qb, %qc, %qd;\n.reg .pred %p, %q;\n" +
           reg("%a", a) + reg("%b", b) + reg("%c", c) + reg("%d", d) +
           "ld.param.u64 %qa, [pa];\nld.param.u64 %qb, [pb];\nld.param.u64 %qc, [pc];\nld.param.u64 %qd, [pd];\n"
           "mov.u32 %t, %tid.x;\n" +
           move("ld", "%a", "%qa", a) + move("ld", "%b", "%qb", b) + move("ld", "%c", "%qc", c) + body + "\n" +
           move("st", "%d", "%qd", d) + "ret;\n}\n";
}

// %d of each lane; an empty vector when the emulator found something wrong, which the test then shows.
template <class D, class A, class B, class C>
std::vector<D> run_lanes(const std::string& body, const std::vector<A>& a, const std::vector<B>& b,
                         const std::vector<C>& c) {
    const Module module = Module::parse(lane_kernel(body, sizeof(D), sizeof(A), sizeof(B), sizeof(C)));
    Memory memory;
    const std::uint64_t out = memory.allocate(32 * sizeof(D));
    const Parameters parameters =
        Parameters().add(upload(memory, a)).add(upload(memory, b)).add(upload(memory, c)).add(out);
    const LaunchResult result = launch(module, "k", {.block = {32, 1, 1}}, parameters.bytes(), memory);
    EXPECT_EQ(told(result), "") << body;
    return result.findings.empty() ? download<D>(memory, out, 32) : std::vector<D>();
}

// The same for the first lanes, told by lists.
template <class D, class A, class B = int, class C = int>
std::vector<D> evaluate(const std::string& body, std::initializer_list<A> a, std::initializer_list<B> b = {0},
                        std::initializer_list<C> c = {0}) {
    std::vector<D> result = run_lanes<D>(body, lanes_of(a), lanes_of(b), lanes_of(c));
    result.resize(std::min(result.size(), std::max({a.size(), b.size(), c.size()})));
    return result;
}

}  // namespace warpsmith::emulator
