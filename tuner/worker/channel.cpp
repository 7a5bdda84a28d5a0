#include "tuner/worker/channel.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace warpsmith {
namespace {

// A result with its samples has some kilobytes; a length beyond this is no length.
constexpr std::uint32_t kLongest = 64U << 20U;

}  // namespace

Channel::~Channel() {
    if (descriptor_ >= 0) {
        ::close(descriptor_);
    }
}

Channel::Channel(Channel&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), received_(std::move(other.received_)) {}

bool Channel::send(const Message& message) {
    std::string bytes(sizeof(std::uint32_t), '\0');
    Message::to_cbor(message, bytes);
    const auto length = static_cast<std::uint32_t>(bytes.size() - sizeof(std::uint32_t));
    std::memcpy(bytes.data(), &length, sizeof length);
    for (std::size_t sent = 0; sent < bytes.size();) {
        const ssize_t count = ::send(descriptor_, bytes.data() + sent, bytes.size() - sent, MSG_NOSIGNAL);
        if (count < 0 && errno != EINTR) {
            return false;
        }
        sent += count < 0 ? 0 : static_cast<std::size_t>(count);
    }
    return true;
}

Channel::State Channel::receive(Message& message, std::chrono::milliseconds wait) {
    const auto end = std::chrono::steady_clock::now() + wait;
    for (State state = take(message);; state = take(message)) {
        if (state != State::waiting) {
            return state;
        }
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - std::chrono::steady_clock::now());
        pollfd readable{.fd = descriptor_, .events = POLLIN, .revents = 0};
        const int ready = ::poll(&readable, 1, wait.count() < 0 ? -1 : std::max(0, static_cast<int>(left.count())));
        if (ready == 0) {
            return State::waiting;
        }
        std::array<char, 4096> some;
        const ssize_t count = ready < 0 ? -1 : ::recv(descriptor_, some.data(), some.size(), 0);
        if (count == 0 || (count < 0 && errno != EINTR)) {
            return State::closed;
        }
        received_.append(some.data(), count < 0 ? 0 : static_cast<std::size_t>(count));
    }
}

Channel::State Channel::take(Message& message) {
    std::uint32_t length = 0;
    if (received_.size() < sizeof length) {
        return State::waiting;
    }
    std::memcpy(&length, received_.data(), sizeof length);
    if (length > kLongest) {
        return State::closed;
    }
    if (received_.size() - sizeof length < length) {
        return State::waiting;
    }
    const auto begin = received_.begin() + sizeof length;
    message = Message::from_cbor(begin, begin + length, true, false);
    received_.erase(0, sizeof length + length);
    return message.is_object() ? State::message : State::closed;
}

}  // namespace warpsmith
