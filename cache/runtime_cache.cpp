#include "cache/runtime_cache.hpp"

#include <sys/stat.h>

#include "cache/schema.hpp"

namespace warpsmith {

RuntimeCache::FileIdentity RuntimeCache::identity_of(const std::string& path) {
    struct ::stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        return {};  // opening it says what is wrong
    }
    return {.device = status.st_dev, .number = status.st_ino};
}

RuntimeCache::Source::Source(const std::string& path)
    : identity(identity_of(path)), connection(path, SqliteAccess::query_only) {
    SqliteTransaction one_state(connection, SqliteTransaction::For::reading);
    require_tuning_database(connection);
    require_tables(connection);
    one_state.commit();
    connection.execute("PRAGMA query_only = ON");
    connection.execute("PRAGMA cache_size = -256");  // KiB: a page is read once, and its memory used again for the next
    data_version = connection.pragma("data_version");  // before what it tells of is read
}

RuntimeCache::RuntimeCache(RuntimeOptions options)
    : options_(std::move(options)),
      catalogue_(options_.target, options_.accept_modelled, options_.families),
      source_(std::make_unique<Source>(options_.database)),
      own_(options_.target),
      indices_(catalogue_.read(source_->connection)),
      kernels_(options_.kernels, options_.target, catalogue_.coder()) {}

Answer RuntimeCache::find(const WorkloadCode& asked) const {
    if (OwnAnswers::is_own(asked)) {
        return {.match = own_.find(asked)};
    }
    const auto indices = indices_.read();
    const Match verified = indices->verified.find(asked);
    if (verified.winner != nullptr || indices->modelled.size() == 0) {
        return {.match = verified};
    }
    const Match modelled = indices->modelled.find(asked);
    return modelled.winner != nullptr ? Answer{.match = modelled, .modelled = true} : Answer{.match = verified};
}

WorkloadCode RuntimeCache::add_own_kernel(const std::string& t1_file) {
    const std::lock_guard<std::mutex> lock(refreshing_);
    return own_.add(t1_file, source_->connection);
}

bool RuntimeCache::refresh() {
    const std::lock_guard<std::mutex> lock(refreshing_);
    indices_.collect();
    if (identity_of(options_.database) != source_->identity) {
        auto replaced = std::make_unique<Source>(options_.database);
        auto indices = catalogue_.read(replaced->connection);
        own_.refresh(replaced->connection);
        indices_.publish(std::move(indices));
        source_ = std::move(replaced);
        return true;
    }
    const std::int64_t version = source_->connection.pragma("data_version");
    if (version == source_->data_version) {
        return false;
    }
    auto indices = catalogue_.read(source_->connection);
    own_.refresh(source_->connection);
    indices_.publish(std::move(indices));
    source_->data_version = version;
    return true;
}

void RuntimeCache::require_sound(AnsweredRow& row) {
    if (row.sound.load(std::memory_order_acquire)) {
        return;
    }
    const std::lock_guard<std::mutex> lock(refreshing_);
    require_row(source_->connection, row.winner);
    row.sound.store(true, std::memory_order_release);
}

const Compiled* RuntimeCache::fetch(AnsweredRow& row) {
    require_sound(row);
    return kernels_.fetch(row);
}

const LoadedKernel* RuntimeCache::load(AnsweredRow& row) {
    require_sound(row);
    return kernels_.load(row);
}

std::size_t RuntimeCache::size() const {
    return indices_.read()->verified.size();
}

}  // namespace warpsmith
