package io.steward.sandbox.save;

import io.steward.schemas.id.SessionId;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// When sessions last used their files, and which of those retention removed. All methods may be
/// called from any thread and on any instance of the service, and throw an [IOException] when the
/// store does not answer.
public interface Workspaces {
  /// What a session that uses its files finds.
  ///
  /// @param generation how often retention removed them; those of a lower generation are not to be
  ///   used any more
  /// @param unusedDays after how many days it did, until the agent was told
  record Use(long generation, OptionalInt unusedDays) {}

  /// Files that retention may remove now.
  ///
  /// @param generation the one that goes
  /// @param newest save point there was
  /// @param usedAt when they were last used
  record Removed(long generation, Optional<Heads.Head> newest, Instant usedAt) {}

  /// Notes that `session` uses its files now: from then on they are not unused.
  Use use(SessionId session) throws IOException;

  /// Notes that all of `sessions` use their files.
  void using(Collection<SessionId> sessions) throws IOException;

  /// Notes sessions of which nothing is known yet, as if they were used now.
  ///
  /// @return the generation that may be used, for each of `sessions`
  Map<SessionId, Long> know(Collection<SessionId> sessions) throws IOException;

  /// The agent was told that its files were removed.
  void told(SessionId session) throws IOException;

  /// Sessions that have files and did not use them for `kept`, the longest unused first.
  ///
  /// @param most how many at most
  List<SessionId> unused(Duration kept, int most) throws IOException;

  /// Gives up the files of `session` if it did not use them for `kept`: its save points are
  /// forgotten and a next use finds another generation. Of all who try, one succeeds. Its blobs are
  /// left over until [#cleared].
  Optional<Removed> remove(SessionId session, Duration kept) throws IOException;

  /// Generations of sessions whose blobs are left over.
  ///
  /// @param most how many at most
  Map<SessionId, Long> leftovers(int most) throws IOException;

  /// Nothing is left over of `session`.
  void cleared(SessionId session) throws IOException;

  /// The generation that `session` may use.
  long generation(SessionId session) throws IOException;

  /// Forgets the session.
  void forget(SessionId session) throws IOException;
}
