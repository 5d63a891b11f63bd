#pragma once

#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace erawise::util {

/// Threads that work through numbered tasks together with the thread that asks for it.
///
/// A pool of one worker has no threads: everything happens in the caller. One caller at a time.
class WorkerPool {
  public:
    /// `task(worker, index)`: `worker` is below workers(), and no two tasks that run at the same
    /// time have the same one.
    using Task = std::function<void(std::size_t worker, std::size_t index)>;

    explicit WorkerPool(std::size_t workers);
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    [[nodiscard]] std::size_t workers() const noexcept { return threads_.size() + 1; }

    /// Runs tasks 0 to `count` - 1 in any order and returns when all are done. After an exception
    /// no further task starts, and the first exception is thrown.
    void for_each(std::size_t count, const Task& task);

  private:
    void serve(std::size_t worker);
    void work(std::size_t worker, std::unique_lock<std::mutex>& lock);

    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable done_;
    const Task* task_ = nullptr;
    std::size_t next_ = 0;
    std::size_t count_ = 0;
    std::size_t running_ = 0;
    std::exception_ptr error_;
    bool stopping_ = false;
    std::vector<std::jthread> threads_;
};

}  // namespace erawise::util
