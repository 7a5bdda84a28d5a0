#include "templates/tensor.hpp"

#include "solver/error.hpp"

namespace warpsmith {

std::int64_t TensorSpec::elements() const {
    std::int64_t product = 1;
    for (std::int64_t extent : shape) {
        product *= extent;
    }
    return product;
}

std::int64_t TensorSpec::bytes() const {
    return elements() * static_cast<std::int64_t>(size_bytes(dtype));
}

const Tensor& find(const Tensors& tensors, std::string_view name) {
    for (const Tensor& tensor : tensors) {
        if (tensor.spec.name == name) {
            return tensor;
        }
    }
    throw Error("looking up a tensor: there is no '" + std::string(name) + "'; this is a bug in the family");
}

}  // namespace warpsmith
