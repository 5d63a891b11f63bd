#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <utility>

namespace erawise::util {

/// A queue of at most `capacity` values between two threads, which also carries the end of the
/// values or the exception that ended them, in order.
///
/// Capacity, end and error are checked and changed under one lock. Any number of producers and
/// consumers.
template <typename T>
class BoundedChannel {
  public:
    explicit BoundedChannel(std::size_t capacity) : capacity_(capacity) {}
    BoundedChannel(const BoundedChannel&) = delete;
    BoundedChannel& operator=(const BoundedChannel&) = delete;

    /// Waits for room, then takes the value. False when the consumer has gone away (cancel):
    /// the value is dropped and the producer should stop.
    [[nodiscard]] bool push(T value) {
        std::unique_lock lock(mutex_);
        room_.wait(lock, [&] { return cancelled_ || values_.size() < capacity_; });
        if (cancelled_) {
            return false;
        }
        values_.push_back(std::move(value));
        filled_.notify_one();
        return true;
    }

    /// No value follows. Consumers get what is queued, then the end.
    void close() { finish(nullptr); }

    /// No value follows, because of `error`. Consumers get what is queued, then the exception.
    void fail(std::exception_ptr error) { finish(std::move(error)); }

    /// Waits for a value. Empty at the end; throws what the producer failed with.
    [[nodiscard]] std::optional<T> pop() {
        std::unique_lock lock(mutex_);
        filled_.wait(lock, [&] { return cancelled_ || finished_ || !values_.empty(); });
        if (cancelled_) {
            return std::nullopt;
        }
        if (values_.empty()) {
            if (error_) {
                std::rethrow_exception(error_);
            }
            return std::nullopt;
        }
        std::optional<T> value(std::move(values_.front()));
        values_.pop_front();
        room_.notify_one();
        return value;
    }

    /// The consumer goes away: queued values are dropped, producers are told by push().
    void cancel() {
        const std::scoped_lock lock(mutex_);
        cancelled_ = true;
        values_.clear();
        room_.notify_all();
        filled_.notify_all();
    }

  private:
    void finish(std::exception_ptr error) {
        const std::scoped_lock lock(mutex_);
        if (!finished_) {
            finished_ = true;
            error_ = std::move(error);
        }
        filled_.notify_all();
    }

    const std::size_t capacity_;
    std::mutex mutex_;
    std::condition_variable room_;
    std::condition_variable filled_;
    std::deque<T> values_;
    std::exception_ptr error_;
    bool finished_ = false;
    bool cancelled_ = false;
};

}  // namespace erawise::util
