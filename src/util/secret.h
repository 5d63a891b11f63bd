#pragma once

#include <ostream>
#include <string>
#include <utility>

namespace erawise::util {

/// A string that must not be shown: it cannot be printed or formatted, and its memory is
/// overwritten when it goes. Only `reveal()` gives the text, so that every use can be found.
class Secret {
  public:
    Secret() = default;
    explicit Secret(std::string text) : text_(std::move(text)) {}
    Secret(const Secret&) = default;
    Secret(Secret&& other) noexcept : text_(other.text_) { other.wipe(); }
    Secret& operator=(const Secret& other) {
        if (this != &other) {
            wipe();
            text_ = other.text_;
        }
        return *this;
    }
    Secret& operator=(Secret&& other) noexcept {
        if (this != &other) {
            wipe();
            text_ = other.text_;
            other.wipe();
        }
        return *this;
    }
    ~Secret() { wipe(); }

    [[nodiscard]] bool empty() const noexcept { return text_.empty(); }
    [[nodiscard]] const std::string& reveal() const noexcept { return text_; }

    friend std::ostream& operator<<(std::ostream&, const Secret&) = delete;

  private:
    void wipe() noexcept {
        volatile char* bytes = text_.data();
        for (std::size_t i = 0; i < text_.size(); ++i) {
            bytes[i] = 0;
        }
        text_.clear();
    }

    std::string text_;
};

}  // namespace erawise::util
