package io.steward.sandbox.save;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// What differs between a directory and its index. Pure.
///
/// @param changed what is new or another, or may be
/// @param gone paths that were there, without those below another of them
record Changes(TreeMap<String, Stamp> changed, List<String> gone) {
  static Changes between(
      LocalIndex index, TreeMap<String, Stamp> stamps, Set<String> closedDirectories) {
    TreeMap<String, Stamp> changed = new TreeMap<>();
    stamps.forEach((path, stamp) -> {
      LocalIndex.Entry known = index.entries().get(path);
      if (known == null || !known.settled() || !known.stamp().equals(stamp)) {
        changed.put(path, stamp);
      }
    });
    List<String> gone = new ArrayList<>();
    TreeSet<String> missing = new TreeSet<>(index.entries().keySet());
    missing.removeAll(stamps.keySet());
    for (String path : missing) {
      if (!isBelowOne(path, closedDirectories) && !isBelowOne(path, missing)) {
        gone.add(path);
      }
    }
    return new Changes(changed, gone);
  }

  private static boolean isBelowOne(String path, Set<String> directories) {
    if (directories.isEmpty()) {
      return false;
    }
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      if (directories.contains(path.substring(0, slash))) {
        return true;
      }
    }
    return false;
  }

  boolean isEmpty() {
    return changed.isEmpty() && gone.isEmpty();
  }

  /// The same with all that packs from number `from` on hold, so that a new one can replace them.
  Changes with(LocalIndex index, TreeMap<String, Stamp> stamps, long from) {
    TreeMap<String, Stamp> more = new TreeMap<>(changed);
    stamps.forEach((path, stamp) -> {
      LocalIndex.Entry known = index.entries().get(path);
      if (known != null && known.number() >= from) {
        more.put(path, stamp);
      }
    });
    if (from <= 1) {
      return new Changes(more, List.of()); // No pack is left that could have it.
    }
    TreeSet<String> allGone = new TreeSet<>(gone);
    index
        .gone()
        .forEach((path, number) -> {
          if (number >= from) {
            allGone.add(path);
          }
        });
    return new Changes(more, List.copyOf(allGone));
  }

  /// The index once these changes are save point `number`.
  ///
  /// @param missed paths that could not be taken; the next save tries again
  /// @param takenNs when the directory was looked at, in nanoseconds since the epoch
  LocalIndex applied(LocalIndex before, Set<String> missed, long number, long takenNs) {
    Map<String, LocalIndex.Entry> entries = new HashMap<>(before.entries());
    Set<String> removed = Set.copyOf(gone);
    entries.keySet().removeIf(path -> removed.contains(path) || isBelowOne(path, removed));
    changed.forEach((path, stamp) -> {
      if (!missed.contains(path)) {
        boolean settled = stamp.changedNs() < takenNs - SessionSave.TIME_STEP_NS;
        entries.put(path, new LocalIndex.Entry(stamp, number, settled));
      }
    });
    Map<String, Long> goneNow = new HashMap<>(before.gone());
    gone.forEach(path -> goneNow.put(path, number));
    return new LocalIndex("", "", entries, goneNow);
  }
}
