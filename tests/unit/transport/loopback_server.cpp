#include "transport/loopback_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace erawise::test {
namespace {

constexpr std::string_view kLength = "content-length: ";

/// Bytes of the whole request, once its headers are there; 0 before.
std::size_t request_size(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) {
        return 0;
    }
    std::string head = bytes.substr(0, end);
    for (char& c : head) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    const auto length = head.find(kLength);
    const std::size_t body =
        length == std::string::npos ? 0 : std::stoul(head.substr(length + kLength.size()));
    return end + 4 + body;
}

void send_all(int connection, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) {
            return;
        }
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
}

}  // namespace

std::string http_reply(const std::string& status, const std::string& body,
                       const std::string& headers) {
    return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

LoopbackServer::LoopbackServer(std::vector<ScriptedReply> script)
    : script_(std::move(script)),
      listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_event_(eventfd(0, EFD_CLOEXEC)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listener_, generic, size) != 0 || listen(listener_, 8) != 0 ||
        getsockname(listener_, generic, &size) != 0) {
        throw std::runtime_error("cannot listen on the loopback address");
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
}

LoopbackServer::~LoopbackServer() {
    eventfd_write(stop_event_, 1);
    thread_.join();
    close(listener_);
    close(stop_event_);
}

std::string LoopbackServer::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::vector<std::string> LoopbackServer::requests() const {
    const std::scoped_lock lock(mutex_);
    return requests_;
}

int LoopbackServer::connections() const {
    const std::scoped_lock lock(mutex_);
    return connections_;
}

void LoopbackServer::serve() {
    while (wait_readable(listener_)) {
        const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (connection < 0) {
            continue;
        }
        {
            const std::scoped_lock lock(mutex_);
            ++connections_;
        }
        serve_connection(connection);
        close(connection);
    }
}

void LoopbackServer::serve_connection(int connection) {
    while (true) {
        std::string request = read_request(connection);
        if (request.empty()) {
            return;
        }
        {
            const std::scoped_lock lock(mutex_);
            requests_.push_back(std::move(request));
        }
        if (next_ == script_.size()) {
            return;
        }
        const ScriptedReply& reply = script_[next_++];
        send_all(connection, reply.bytes);
        if (reply.after_bytes) {
            reply.after_bytes();
        }
        if (reply.then == AfterReply::close) {
            return;
        }
        if (reply.then == AfterReply::stall) {
            std::array<char, 1> byte{};
            while (wait_readable(connection) && recv(connection, byte.data(), 1, 0) > 0) {
            }
            return;
        }
    }
}

std::string LoopbackServer::read_request(int connection) {
    std::string bytes;
    std::array<char, 4096> buffer{};
    while (request_size(bytes) == 0 || bytes.size() < request_size(bytes)) {
        if (!wait_readable(connection, listener_)) {
            return {};
        }
        const ssize_t got = recv(connection, buffer.data(), buffer.size(), 0);
        if (got <= 0) {
            return {};
        }
        bytes.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return bytes;
}

bool LoopbackServer::wait_readable(int descriptor, int or_connection) const {
    std::array<pollfd, 3> descriptors{
        {{.fd = descriptor, .events = POLLIN, .revents = 0},
         {.fd = stop_event_, .events = POLLIN, .revents = 0},
         {.fd = or_connection, .events = POLLIN, .revents = 0}}};  // -1 is never ready
    poll(descriptors.data(), descriptors.size(), -1);
    return descriptors[1].revents == 0 && descriptors[0].revents != 0;
}

}  // namespace erawise::test
