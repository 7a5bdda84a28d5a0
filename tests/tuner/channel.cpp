#include "tuner/worker/channel.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <cmath>
#include <limits>
#include <thread>

#include "tuner/worker/messages.hpp"

namespace warpsmith {
namespace {

constexpr std::chrono::milliseconds kForEver(-1), kAtOnce(0);

struct Channels : testing::Test {
    int ends[2] = {-1, -1};
    int made = ::socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
    std::optional<Channel> here{std::in_place, ends[0]}, there{std::in_place, ends[1]};
    Message message;

    void send_raw(std::string_view bytes) const { ::send(ends[1], bytes.data(), bytes.size(), 0); }
};

TEST_F(Channels, AResultArrivesAsItWasSentWithEveryDouble) {
    const JobResult sent{.outcome = Outcome::wrong_result,
                         .note = "at toy: \xff is no letter",
                         .resources = {1, 2, 3, 4, 5},
                         .samples_us = {0.1, 1e-300, std::numeric_limits<double>::infinity()},
                         .batch_samples_us = {3},
                         .max_error = std::numeric_limits<double>::infinity(),
                         .tolerance = 1.0 / 3,
                         .compiled = true,
                         .timing_s = 2.5};
    there->send(to_message(sent));
    ASSERT_EQ(here->receive(message, kForEver), Channel::State::message);
    EXPECT_EQ(result_from(message), sent);
}

TEST_F(Channels, AJobArrivesAsItWasSent) {
    const RunJob sent{
        .config = parse_config("warps=4 batch=16"),
        .sizes = Sizes::full,
        .timed_shape = {.grid = {1, 2, 3}, .block = {4, 5, 6}, .cluster = 7, .smem_bytes = 8, .cooperative = true},
        .effort = 0.25};
    there->send(to_message(sent));
    ASSERT_EQ(here->receive(message, kForEver), Channel::State::message);
    const RunJob job = run_job_from(message);
    EXPECT_EQ(job.config, sent.config);
    EXPECT_EQ(job.sizes, sent.sizes);
    EXPECT_EQ(job.timed_shape.grid, sent.timed_shape.grid);
    EXPECT_EQ(job.timed_shape.block, sent.timed_shape.block);
    EXPECT_EQ(job.timed_shape.cluster, 7U);
    EXPECT_EQ(job.timed_shape.smem_bytes, 8U);
    EXPECT_TRUE(job.timed_shape.cooperative);
    EXPECT_EQ(job.effort, 0.25);
    EXPECT_TRUE(std::isinf(job.fastest_us));
}

TEST_F(Channels, MessagesAreTakenApartHoweverTheyArrive) {
    for (int number = 0; number < 3; ++number) {
        there->send({{"number", number}});
    }
    for (int number = 0; number < 3; ++number) {
        ASSERT_EQ(here->receive(message, kForEver), Channel::State::message);
        EXPECT_EQ(message.at("number"), number);
    }
    std::string frame(4, '\0');
    Message::to_cbor({{"text", std::string(1000, 'x')}}, frame);
    frame[0] = static_cast<char>((frame.size() - 4) & 0xFF);
    frame[1] = static_cast<char>((frame.size() - 4) >> 8U);
    for (const char& byte : frame) {
        EXPECT_EQ(here->receive(message, kAtOnce), Channel::State::waiting);
        send_raw({&byte, 1});
    }
    ASSERT_EQ(here->receive(message, kForEver), Channel::State::message);
    EXPECT_EQ(message.at("text").get<std::string>().size(), 1000U);
}

TEST_F(Channels, AMessageLargerThanTheSocketTakesAtOnceArrives) {
    const std::string text(5'000'000, 'x');
    std::jthread sender([&] { there->send({{"text", text}}); });
    ASSERT_EQ(here->receive(message, kForEver), Channel::State::message);
    EXPECT_EQ(message.at("text"), text);
}

TEST_F(Channels, AClosedEndIsToldToBothSides) {
    there->send({{"last", "words"}});
    there.reset();
    EXPECT_EQ(here->receive(message, kForEver), Channel::State::message);
    EXPECT_EQ(here->receive(message, kForEver), Channel::State::closed);
    EXPECT_FALSE(here->send({{"anyone", "there"}}));
}

TEST_F(Channels, WhatIsNoMessageClosesTheChannel) {
    send_raw({"\x03\x00\x00\x00\xff\xff\xff", 7});
    EXPECT_EQ(here->receive(message, kForEver), Channel::State::closed);
}

TEST_F(Channels, ALengthThatCannotBeIsNotWaitedFor) {
    send_raw("\xff\xff\xff\xff");
    EXPECT_EQ(here->receive(message, kForEver), Channel::State::closed);
}

TEST_F(Channels, AMessageThatIsCutOffIsAClosedChannel) {
    send_raw({"\x09\x00\x00\x00\xa1", 5});
    there.reset();
    EXPECT_EQ(here->receive(message, kForEver), Channel::State::closed);
}

}  // namespace
}  // namespace warpsmith
