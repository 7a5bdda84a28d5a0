// Messages between two processes: JSON values, in binary (CBOR, which keeps every double), each behind its length.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

namespace warpsmith {

using Message = nlohmann::json;

// One end of a socket. Used by one thread at a time.
class Channel {
  public:
    explicit Channel(int descriptor) : descriptor_(descriptor) {}  // owns it
    ~Channel();
    Channel(Channel&& other) noexcept;
    Channel& operator=(Channel&&) = delete;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // False when the other end is gone.
    bool send(const Message& message);

    enum class State : std::uint8_t { message, waiting, closed };

    // Waits so long for the rest of a message, for ever where that is negative. Closed also when what came is no
    // message: whoever sent it is not to be trusted any more.
    State receive(Message& message, std::chrono::milliseconds wait);

    int descriptor() const { return descriptor_; }

  private:
    State take(Message& message);

    int descriptor_;
    std::string received_;  // the beginning of a message, or more than one
};

}  // namespace warpsmith
