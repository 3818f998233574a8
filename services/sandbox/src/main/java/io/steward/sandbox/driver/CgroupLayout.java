package io.steward.sandbox.driver;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Finds the directories of the control groups of a process from what the kernel says in
/// `/proc/self/cgroup` and `/proc/self/mountinfo`.
final class CgroupLayout {
  private CgroupLayout() {}

  /// Where groups could be made: for version 1 below the own group of `memory` and `pids`; for
  /// version 2 below the own group and beside it, because a group with processes may not give
  /// controllers to groups below.
  static List<ControlGroups.Parent> read(List<String> cgroup, List<String> mountinfo) {
    Map<String, String> own = new LinkedHashMap<>();
    for (String line : cgroup) {
      String[] parts = line.split(":", 3);
      if (parts.length == 3) {
        for (String controller : parts[1].split(",", -1)) {
          own.put(controller, parts[2]);
        }
      }
    }
    List<ControlGroups.Parent> parents = new ArrayList<>();
    for (String line : mountinfo) {
      Mount mount = Mount.parse(line);
      if (mount == null) {
        continue;
      }
      if (mount.type().equals("cgroup")) {
        addVersion1(parents, own, mount);
      } else if (mount.type().equals("cgroup2") && own.containsKey("")) {
        Path group = mount.below(own.get(""));
        parents.add(new ControlGroups.Parent(group, group, true, true, true));
        Path beside = group.getParent();
        if (!group.equals(mount.point()) && beside != null) {
          parents.add(new ControlGroups.Parent(beside, group, true, true, true));
        }
      }
    }
    return List.copyOf(parents);
  }

  private static void addVersion1(
      List<ControlGroups.Parent> parents, Map<String, String> own, Mount mount) {
    boolean memory = mount.options().contains("memory");
    boolean processes = mount.options().contains("pids");
    String path = own.get(memory ? "memory" : "pids");
    if ((memory || processes) && path != null) {
      Path group = mount.below(path);
      parents.add(new ControlGroups.Parent(group, group, memory, processes, false));
    }
  }

  /// One line of mountinfo: `36 35 98:0 /root /point options … - type source superoptions`.
  private record Mount(String root, Path point, String type, List<String> options) {
    static @org.jspecify.annotations.Nullable Mount parse(String line) {
      String[] halves = line.split(" - ", 2);
      if (halves.length < 2) {
        return null;
      }
      String[] left = halves[0].split(" ");
      String[] right = halves[1].split(" ");
      if (left.length < 5 || right.length < 3) {
        return null;
      }
      return new Mount(left[3], Path.of(left[4]), right[0], List.of(right[2].split(",")));
    }

    /// Where the group `path` is, seen through this mount.
    Path below(String path) {
      String relative = path.startsWith(root) ? path.substring(root.length()) : path;
      return point.resolve(relative.startsWith("/") ? relative.substring(1) : relative);
    }
  }
}
