package io.steward.sandbox.driver;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class CgroupLayoutTest {
  @Test
  void version_1_has_a_directory_per_controller() {
    List<ControlGroups.Parent> parents =
        CgroupLayout.read(
            List.of("4:memory:/a/b", "8:pids:/", "1:cpu,cpuacct:/", "0::/"),
            List.of(
                "30 25 0:26 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
                "31 25 0:27 / /sys/fs/cgroup/pids rw,relatime shared:1 - cgroup cgroup rw,pids",
                "32 25 0:28 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct"));

    Path memory = Path.of("/sys/fs/cgroup/memory/a/b");
    Path processes = Path.of("/sys/fs/cgroup/pids");
    assertEquals(
        List.of(
            new ControlGroups.Parent(memory, memory, true, false, false),
            new ControlGroups.Parent(processes, processes, false, true, false)),
        parents);
  }

  @Test
  void version_2_may_have_groups_below_or_beside_the_own() {
    List<ControlGroups.Parent> parents =
        CgroupLayout.read(
            List.of("0::/user.slice/app.slice/x.scope"),
            List.of("30 25 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"));

    Path app = Path.of("/sys/fs/cgroup/user.slice/app.slice");
    Path own = app.resolve("x.scope");
    assertEquals(
        List.of(
            new ControlGroups.Parent(own, own, true, true, true),
            new ControlGroups.Parent(app, own, true, true, true)),
        parents);
  }

  @Test
  void a_mount_of_a_part_of_the_hierarchy_is_taken_off_the_path() {
    List<ControlGroups.Parent> parents =
        CgroupLayout.read(
            List.of("4:memory:/docker/abc/inner"),
            List.of("30 25 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory"));

    assertEquals(Path.of("/sys/fs/cgroup/memory/inner"), parents.getFirst().directory());
  }
}
