// Cases on a GPU. A kernel that faults leaves nothing of its process' GPU usable, and one that hangs can only be
// killed: so each process takes a part of the cases, tells every answer at once through a pipe, and is replaced when it
// ends before its part does.
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <memory>

#include "solver/error.hpp"
#include "tests/conformance/run_case.hpp"

namespace warpsmith::conformance {
namespace {

// What a process tells of one case: this, then the words of the error, then the bytes.
struct Header {
    std::uint32_t error_bytes = 0, result_bytes = 0;
};

bool write_all(int pipe, const void* data, std::size_t bytes) {
    const char* at = static_cast<const char*>(data);
    while (bytes > 0) {
        const ssize_t written = ::write(pipe, at, bytes);
        if (written <= 0) {
            return false;
        }
        at += written;
        bytes -= static_cast<std::size_t>(written);
    }
    return true;
}

bool tell(int pipe, const Answer& answer) {
    const Header header{static_cast<std::uint32_t>(answer.error.size()),
                        static_cast<std::uint32_t>(answer.bytes.size())};
    return write_all(pipe, &header, sizeof(header)) && write_all(pipe, answer.error.data(), answer.error.size()) &&
           write_all(pipe, answer.bytes.data(), answer.bytes.size());
}

// Whether the device still answers after an error.
bool is_usable(Device& device) {
    try {
        const Buffer probe = device.allocate(256);
        std::array<std::byte, 256> bytes{};
        device.write(probe, bytes);
        device.release(probe);
        return true;
    } catch (const Error&) {  // the next process opens the GPU anew
        return false;
    }
}

// In the process: never returns.
[[noreturn]] void answer_cases(std::span<const Case* const> cases, const std::string& driver, int pipe) {
    try {
        const std::unique_ptr<Device> device = make_gpu(driver);
        for (const Case* test : cases) {
            const Answer answer = run(*device, *test);
            if (!tell(pipe, answer) || (!answer.error.empty() && !is_usable(*device))) {
                break;
            }
        }
    } catch (const std::exception& error) {
        tell(pipe, {.bytes = {}, .error = error.what()});
    }
    ::_exit(0);  // no destructors: the GPU may be unusable
}

class Process {
  public:
    Process(std::span<const Case* const> cases, const GpuRun& how) : how_(&how) {
        int ends[2] = {-1, -1};
        if (::pipe(ends) != 0) {
            throw Error("starting a process for the GPU: " + std::string(std::strerror(errno)));
        }
        pid_ = ::fork();
        if (pid_ == 0) {
            ::close(ends[0]);
            answer_cases(cases, how.driver, ends[1]);
        }
        ::close(ends[1]);
        pipe_ = ends[0];
        if (pid_ < 0) {
            throw Error("starting a process for the GPU: " + std::string(std::strerror(errno)));
        }
    }
    ~Process() {
        ::kill(pid_, SIGKILL);
        ::close(pipe_);
        ::waitpid(pid_, nullptr, 0);
    }
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    // The next case's answer; an error of our own where the process died or took too long. ended() tells whether
    // another process is needed.
    Answer next() {
        const int seconds = answers_ == 0 ? how_->start_seconds : how_->case_seconds;
        Header header;
        Answer answer;
        ++answers_;
        if (!read_all(&header, sizeof(header), seconds)) {
            return answer_of_failure();
        }
        answer.error.resize(header.error_bytes);
        answer.bytes.resize(header.result_bytes);
        if (!read_all(answer.error.data(), answer.error.size(), seconds) ||
            !read_all(answer.bytes.data(), answer.bytes.size(), seconds)) {
            return answer_of_failure();
        }
        return answer;
    }
    bool ended() const { return ended_; }
    bool nothing_came() const { return at_end_ && answers_ > 0; }

  private:
    Answer answer_of_failure() {
        ended_ = true;
        return {.bytes = {}, .error = at_end_ ? "the process ended without an answer" : "no answer in time"};
    }

    bool read_all(void* data, std::size_t bytes, int seconds) {
        char* at = static_cast<char*>(data);
        while (bytes > 0) {
            pollfd wait{.fd = pipe_, .events = POLLIN, .revents = 0};
            if (::poll(&wait, 1, seconds * 1000) <= 0) {
                return false;
            }
            const ssize_t got = ::read(pipe_, at, bytes);
            if (got <= 0) {
                at_end_ = true;
                return false;
            }
            at += got;
            bytes -= static_cast<std::size_t>(got);
        }
        return true;
    }

    const GpuRun* how_;
    pid_t pid_ = -1;
    int pipe_ = -1;
    int answers_ = 0;
    bool at_end_ = false;
    bool ended_ = false;
};

// A part of the cases and the process that is at it.
struct Part {
    std::vector<const Case*> cases;
    std::vector<std::size_t> numbers;
    std::size_t next = 0;
    bool fresh = false;  // its process has answered nothing so far
    std::unique_ptr<Process> process;
};

// One answer of the part. After an error the process may have ended on purpose: then the next try starts another, and
// a case is not blamed for it unless it is the first that a process runs.
void take_answer(Part& part, const GpuRun& how, std::vector<Answer>& answers) {
    if (!part.process) {
        part.process = std::make_unique<Process>(std::span<const Case* const>(part.cases).subspan(part.next), how);
        part.fresh = true;
    }
    Answer answer = part.process->next();
    const bool ended = part.process->ended();
    const bool blameless = ended && part.process->nothing_came() && !part.fresh;
    if (ended) {
        part.process.reset();
    }
    part.fresh = false;
    if (!blameless) {
        answers[part.numbers[part.next++]] = std::move(answer);
    }
}

}  // namespace

std::vector<Answer> run_on_gpu(const std::vector<Case>& cases, const GpuRun& how) {
    std::vector<Answer> answers(cases.size());
    std::vector<Part> parts(how.processes);
    for (std::size_t number = 0; number < cases.size(); ++number) {
        Part& part = parts[number % parts.size()];
        part.cases.push_back(&cases[number]);
        part.numbers.push_back(number);
    }
    for (bool busy = true; busy;) {  // the pipes hold what the processes are ahead by
        busy = false;
        for (Part& part : parts) {
            if (part.next < part.cases.size()) {
                take_answer(part, how, answers);
                busy = true;
            } else {
                part.process.reset();
            }
        }
    }
    return answers;
}

}  // namespace warpsmith::conformance
