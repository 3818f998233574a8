package io.steward.simulation;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// The consumer group of the harness: who is assigned which partition of `session-events`, in
/// generations. A member learns what changed when it polls; it keeps a partition until it has given
/// it back or its session is over.
final class MemberGroup {
  static final String NAME = "harness";
  static final Duration SESSION_MAX = Duration.ofMillis(600);

  private final Schedule schedule;
  private final int partitions;
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Integer, String> holders = new TreeMap<>();
  private int generation;
  private int joined;

  private static final class Member {
    private Instant seen;
    private final SortedSet<Integer> target = new TreeSet<>();

    Member(Instant seen) {
      this.seen = seen;
    }
  }

  /// What a poll says.
  ///
  /// @param revoked partitions to give back
  /// @param gained partitions that came
  record Assigned(int generation, List<Integer> revoked, List<Integer> gained) {}

  MemberGroup(Schedule schedule, int partitions) {
    this.schedule = schedule;
    this.partitions = partitions;
  }

  /// @return the id of the new member
  String join() {
    String id = "member-" + ++joined;
    members.put(id, new Member(schedule.now()));
    rebalance();
    return id;
  }

  /// @return null when the member is unknown, because its session is over
  @Nullable Assigned poll(String id) {
    Member member = members.get(id);
    if (member == null) {
      return null;
    }
    member.seen = schedule.now();
    List<Integer> revoked = new ArrayList<>();
    holders.forEach((partition, holder) -> {
      if (holder.equals(id) && !member.target.contains(partition)) {
        revoked.add(partition);
      }
    });
    List<Integer> gained = new ArrayList<>();
    for (int partition : member.target) {
      if (!holders.containsKey(partition)) {
        holders.put(partition, id);
        gained.add(partition);
      }
    }
    return new Assigned(generation, revoked, gained);
  }

  /// A partition that was revoked is given back.
  void release(String id, int partition) {
    if (holders.remove(partition, id)) {
      generation++;
    }
  }

  /// The member that works on a partition.
  @Nullable String holder(int partition) {
    return holders.get(partition);
  }

  boolean isCurrent(String id, int memberGeneration) {
    return members.containsKey(id) && memberGeneration == generation;
  }

  /// Ends the sessions of members that were not heard of.
  void tick() {
    Instant oldest = schedule.now().minus(SESSION_MAX);
    List<String> over =
        members.entrySet().stream()
            .filter(member -> member.getValue().seen.isBefore(oldest))
            .map(Map.Entry::getKey)
            .toList();
    if (!over.isEmpty()) {
      over.forEach(id -> {
        schedule.trace("kafka", "ends the session of", id);
        members.remove(id);
        holders.values().removeIf(id::equals);
      });
      rebalance();
    }
  }

  /// Assigns everything anew.
  void rebalance() {
    generation++;
    members.values().forEach(member -> member.target.clear());
    List<Member> all = List.copyOf(members.values());
    for (int partition = 0; partition < partitions && !all.isEmpty(); partition++) {
      all.get(schedule.random().nextInt(all.size())).target.add(partition);
    }
  }
}
