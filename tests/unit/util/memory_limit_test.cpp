#include "util/memory_limit.h"

#include <gtest/gtest.h>

#include <vector>

#include "support/temporary_folder.h"

namespace erawise::util {
namespace {

namespace fs = std::filesystem;

/// A root file system with the files of /proc and /sys that tell about control groups.
class FakeRoot {
  public:
    void write(const std::string& path, const std::string& text) const {
        fs::create_directories((folder_.path() / path).parent_path());
        folder_.write(path, text);
    }
    [[nodiscard]] const fs::path& path() const { return folder_.path(); }

  private:
    test::TemporaryFolder folder_;
};

constexpr const char* kV2Mount =
    "30 24 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate\n";

TEST(MemoryLimit, IsEmptyWithoutControlGroups) {
    const FakeRoot root;
    EXPECT_FALSE(container_memory_limit(root.path()));
    EXPECT_FALSE(container_memory_peak(root.path()));
}

TEST(MemoryLimit, V2TakesTheSmallestOfTheGroupAndItsAncestors) {
    const FakeRoot root;
    root.write("proc/self/mountinfo", kV2Mount);
    root.write("proc/self/cgroup", "0::/slice/job\n");
    root.write("sys/fs/cgroup/slice/job/memory.max", "max\n");
    root.write("sys/fs/cgroup/slice/memory.max", "67108864\n");
    root.write("sys/fs/cgroup/memory.max", "134217728\n");
    const auto limit = container_memory_limit(root.path());
    ASSERT_TRUE(limit);
    EXPECT_EQ(limit->bytes, 67108864u);
    EXPECT_TRUE(limit->source.ends_with("/slice/memory.max")) << limit->source;
}

TEST(MemoryLimit, V2ContainerThatSeesItsOwnGroupAsRoot) {
    const FakeRoot root;
    root.write("proc/self/mountinfo", kV2Mount);
    root.write("proc/self/cgroup", "0::/\n");
    root.write("sys/fs/cgroup/memory.max", "50331648\n");
    root.write("sys/fs/cgroup/memory.peak", "40000000\n");
    EXPECT_EQ(container_memory_limit(root.path())->bytes, 50331648u);
    EXPECT_EQ(container_memory_peak(root.path()), 40000000u);
}

TEST(MemoryLimit, V1ContainerWhoseMountShowsItsOwnGroup) {
    const FakeRoot root;
    root.write("proc/self/mountinfo",
               "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
               "41 30 0:31 /docker/abc /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu,cpuacct\n");
    root.write("proc/self/cgroup", "5:cpu,cpuacct:/docker/abc\n4:memory:/docker/abc\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "100663296\n");
    root.write("sys/fs/cgroup/memory/memory.max_usage_in_bytes", "1234\n");
    EXPECT_EQ(container_memory_limit(root.path())->bytes, 100663296u);
    EXPECT_EQ(container_memory_peak(root.path()), 1234u);
}

TEST(MemoryLimit, V1KnowsAncestorsThatTheMountDoesNotShow) {
    const FakeRoot root;
    root.write("proc/self/mountinfo",
               "40 30 0:30 /docker/abc /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    root.write("proc/self/cgroup", "4:memory:/docker/abc\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    root.write("sys/fs/cgroup/memory/memory.stat", "cache 0\nhierarchical_memory_limit 83886080\n");
    EXPECT_EQ(container_memory_limit(root.path())->bytes, 83886080u);
}

TEST(MemoryLimit, V1WritesNoLimitAsAHugeNumber) {
    const FakeRoot root;
    root.write("proc/self/mountinfo",
               "40 30 0:30 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n");
    root.write("proc/self/cgroup", "4:memory:/\n");
    root.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    EXPECT_FALSE(container_memory_limit(root.path()));
}

TEST(Processors, CpuQuotaRoundsUp) {
    const FakeRoot root;
    root.write("proc/self/mountinfo", kV2Mount);
    root.write("proc/self/cgroup", "0::/\n");
    root.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
    EXPECT_EQ(available_processors(root.path()), 1u);
    root.write("sys/fs/cgroup/cpu.max", "max 100000\n");
    EXPECT_GE(available_processors(root.path()), 1u);
}

TEST(PeakRss, GrowsWithWhatIsTouched) {
    const std::uint64_t before = peak_rss_bytes();
    ASSERT_GT(before, 0u);
    const std::vector<char> touched(64u << 20, 1);
    EXPECT_GE(peak_rss_bytes(), before + (48u << 20)) << int{touched.back()};
    EXPECT_GE(peak_rss_bytes(), current_rss_bytes());
}

}  // namespace
}  // namespace erawise::util
