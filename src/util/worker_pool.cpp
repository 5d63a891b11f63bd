#include "util/worker_pool.h"

#include <utility>

namespace erawise::util {

WorkerPool::WorkerPool(std::size_t workers) {
    for (std::size_t worker = 1; worker < workers; ++worker) {
        threads_.emplace_back([this, worker] { serve(worker); });
    }
}

WorkerPool::~WorkerPool() {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
    wake_.notify_all();
}

void WorkerPool::for_each(std::size_t count, const Task& task) {
    std::unique_lock lock(mutex_);
    task_ = &task;
    next_ = 0;
    count_ = count;
    wake_.notify_all();
    work(0, lock);
    done_.wait(lock, [&] { return running_ == 0; });
    task_ = nullptr;
    count_ = 0;
    if (error_) {
        std::rethrow_exception(std::exchange(error_, nullptr));
    }
}

void WorkerPool::serve(std::size_t worker) {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        work(worker, lock);
        wake_.wait(lock, [&] { return stopping_ || next_ < count_; });
    }
}

void WorkerPool::work(std::size_t worker, std::unique_lock<std::mutex>& lock) {
    while (next_ < count_) {
        const std::size_t index = next_++;
        const Task& task = *task_;
        ++running_;
        lock.unlock();
        std::exception_ptr error;
        try {
            task(worker, index);
        } catch (...) {
            error = std::current_exception();
        }
        lock.lock();
        --running_;
        if (error) {
            error_ = error_ ? error_ : error;
            next_ = count_;
        }
    }
    done_.notify_all();
}

}  // namespace erawise::util
