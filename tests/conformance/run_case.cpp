#include "tests/conformance/run_case.hpp"

#include <algorithm>
#include <vector>

#include "solver/error.hpp"

namespace warpsmith::conformance {
namespace {

Answer launched(Device& device, const Case& test, Kernel& kernel) {
    const std::vector<std::byte> inputs = input_bytes(test);
    Answer answer{.bytes = std::vector<std::byte>(output_size(test))};
    const Buffer in = device.allocate(inputs.size()), out = device.allocate(answer.bytes.size());
    device.write(in, inputs);
    device.write(out, answer.bytes);
    std::vector<KernelArgument> arguments = {in, out};
    if (test.tensor) {
        TensorTile map = test.tensor->map;
        map.address = test.tensor->into_results ? out.address : in.address;
        arguments.emplace_back(device.encode_tensor_map(map));
    }
    const LaunchOutcome outcome =
        kernel.launch({.grid = {test.grid, 1, 1}, .block = {test.block, 1, 1}, .cluster = test.cluster}, arguments);
    if (outcome.ok()) {
        device.read(out, answer.bytes);
    } else {
        answer.error = outcome.error.empty() ? outcome.findings.front().message : outcome.error;
        answer.unsupported = std::any_of(outcome.findings.begin(), outcome.findings.end(), [](const Finding& finding) {
            return finding.kind == "unsupported_instruction";
        });
        answer.bytes.clear();
    }
    device.release(in);
    device.release(out);
    return answer;
}

}  // namespace

Answer run(Device& device, const Case& test) {
    Compiled compiled{.ok = true, .ptx = ptx_of(test), .lowered_name = kEntry};
    compiled.cubin = compiled.ptx;  // the driver compiles it
    try {
        const std::unique_ptr<Kernel> kernel = device.load(compiled);
        return launched(device, test, *kernel);
    } catch (const Error& error) {
        return {.bytes = {}, .error = error.what()};
    }
}

}  // namespace warpsmith::conformance
