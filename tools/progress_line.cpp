#include "tools/progress_line.hpp"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace warpsmith {
namespace {

constexpr std::size_t kBarWidth = 30;
constexpr double kRedrawSeconds = 0.05;     // faster than anyone reads, slow enough not to cost anything
constexpr double kPlainLineSeconds = 10.0;  // a log of an hour stays readable
constexpr double kForecastSeconds = 2.0;    // before that, the rest cannot be told from the beginning

double seconds(std::chrono::steady_clock::duration duration) {
    return std::chrono::duration<double>(duration).count();
}

std::size_t terminal_columns() {
    winsize size{};
    bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
    return known ? size.ws_col : 80;
}

}  // namespace

ProgressLine::ProgressLine() : terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressLine::show(std::string_view step, std::size_t done, std::size_t total) {
    Clock::time_point now = Clock::now();
    if (step != step_) {
        step_ = step;
        step_start_ = last_shown_ = now;
    }
    bool ended = done == total;
    double interval = terminal_ ? kRedrawSeconds : kPlainLineSeconds;
    if (!ended && seconds(now - last_shown_) < interval) {
        return;
    }
    last_shown_ = now;
    double elapsed_s = seconds(now - step_start_);
    if (terminal_) {
        draw_bar(done, total, elapsed_s);
    } else {
        fmt::print(stderr, "  {} {} of {}, {:.1f} s\n", step_, done, total, elapsed_s);
    }
}

void ProgressLine::draw_bar(std::size_t done, std::size_t total, double elapsed_s) {
    std::size_t filled = total == 0 ? kBarWidth : kBarWidth * done / total;
    std::string line =
        fmt::format("  {:<8} [{:#<{}}{:.<{}}] {} of {}", step_, "", filled, "", kBarWidth - filled, done, total);
    if (done > 0 && done < total && elapsed_s > kForecastSeconds) {
        line +=
            fmt::format(", {:.0f} s left", elapsed_s * static_cast<double>(total - done) / static_cast<double>(done));
    }
    // \x1b[K erases what a longer line left behind.
    fmt::print(stderr, "\r{}\x1b[K", line.substr(0, terminal_columns() - 1));
    std::fflush(stderr);
    drawn_ = true;
}

void ProgressLine::clear() {
    if (drawn_) {
        fmt::print(stderr, "\r\x1b[K");
        std::fflush(stderr);
        drawn_ = false;
    }
}

}  // namespace warpsmith
