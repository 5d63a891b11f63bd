#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace erawise::test {

enum class AfterReply {
    keep_alive,  ///< wait for the next request on this connection, or for a new connection
    close,
    stall  ///< send nothing more and keep the connection open
};

/// What the server does with one request: the bytes go out as they stand.
struct ScriptedReply {
    std::string bytes;
    AfterReply then = AfterReply::keep_alive;
    std::function<void()> after_bytes{};  ///< called on the server's thread
};

/// "HTTP/1.1 200 OK" with this body and its Content-Length.
std::string http_reply(const std::string& status, const std::string& body,
                       const std::string& headers = {});

/// An HTTP server on 127.0.0.1 at a port of the system's choice, which follows a script and
/// remembers every request byte for byte. One connection at a time; requests beyond the script's
/// end close the connection. The destructor ends it, whatever it is doing.
class LoopbackServer {
  public:
    explicit LoopbackServer(std::vector<ScriptedReply> script);
    ~LoopbackServer();
    LoopbackServer(const LoopbackServer&) = delete;
    LoopbackServer& operator=(const LoopbackServer&) = delete;

    [[nodiscard]] std::uint16_t port() const { return port_; }

    /// "http://127.0.0.1:PORT" + path.
    [[nodiscard]] std::string url(const std::string& path = "/") const;

    /// Every request so far: request line, headers, body.
    [[nodiscard]] std::vector<std::string> requests() const;
    [[nodiscard]] int connections() const;

  private:
    void serve();
    void serve_connection(int connection);

    /// Empty when the peer has closed or the server is stopped.
    std::string read_request(int connection);

    /// Waits for bytes, or for a peer to accept. False when the server is stopped, and when
    /// `or_connection` is given and a new connection comes first.
    bool wait_readable(int descriptor, int or_connection = -1) const;

    std::vector<ScriptedReply> script_;
    std::size_t next_ = 0;  ///< used by the server's thread alone
    int listener_;
    int stop_event_;
    std::uint16_t port_ = 0;

    mutable std::mutex mutex_;
    std::vector<std::string> requests_;
    int connections_ = 0;

    std::thread thread_;
};

}  // namespace erawise::test
