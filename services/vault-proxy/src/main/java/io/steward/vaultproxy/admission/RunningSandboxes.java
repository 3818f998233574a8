package io.steward.vaultproxy.admission;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.sandbox.SandboxAccess;
import io.steward.schemas.sandbox.SandboxEvent;
import io.steward.vaultproxy.policy.SandboxIdentity;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The sandboxes that run, folded from what the sandbox service announces. A session has one at a
/// time: one that starts ends those before it. What comes twice, or for a sandbox that is not its
/// session's any more, changes nothing. One thread takes events; anybody may look.
public final class RunningSandboxes implements Sandboxes {
  /// Sandboxes that are known at once; one more, and the one that started first is forgotten.
  public static final int SANDBOXES_MAX = 100_000;

  /// Sandboxes that stopped and are remembered, so that nothing late makes one of them run again.
  private static final int STOPPED_MAX = 10_000;

  private final int sandboxesMax;
  private final Map<SessionId, Running> bySession = new LinkedHashMap<>();
  private final Set<String> stopped = new LinkedHashSet<>();
  private final Map<String, SandboxIdentity> byToken = new ConcurrentHashMap<>();

  private record Running(String incarnation, String tokenSha256) {}

  public RunningSandboxes() {
    this(SANDBOXES_MAX);
  }

  RunningSandboxes(int sandboxesMax) {
    this.sandboxesMax = sandboxesMax;
  }

  @Override
  public Optional<SandboxIdentity> find(byte[] tokenSha256) {
    return Optional.ofNullable(byToken.get(HexFormat.of().formatHex(tokenSha256)));
  }

  /// How many are known.
  public int size() {
    return byToken.size();
  }

  /// Takes an event.
  ///
  /// @return SHA-256 of the tokens that are nobody's any more
  public List<byte[]> take(SandboxEvent event) {
    return switch (event.type()) {
      case STARTED -> stopped.contains(event.incarnation()) ? List.of() : runs(event);
      case ACCESS_CHANGED -> changes(event) ? runs(event) : List.of();
      case STOPPED -> stops(event);
    };
  }

  /// The announcement of a start is kept for a week only, so a sandbox may be new here.
  private boolean changes(SandboxEvent event) {
    Running known = bySession.get(event.sessionId());
    return known == null
        ? !stopped.contains(event.incarnation())
        : known.incarnation().equals(event.incarnation());
  }

  private List<byte[]> runs(SandboxEvent event) {
    List<byte[]> ended = new ArrayList<>();
    SandboxAccess access = event.access();
    Running before = bySession.get(event.sessionId());
    @Nullable Running now =
        access == null ? null : new Running(event.incarnation(), access.tokenSha256());
    if (before != null && !before.equals(now)) {
      ended.add(forget(event.sessionId(), before));
      if (!before.incarnation().equals(event.incarnation())) {
        remember(before.incarnation());
      }
    }
    if (access != null && now != null) {
      bySession.put(event.sessionId(), now);
      byToken.put(
          now.tokenSha256(), SandboxIdentity.of(event.incarnation(), event.sessionId(), access));
    }
    if (bySession.size() > sandboxesMax) {
      Map.Entry<SessionId, Running> oldest = bySession.entrySet().iterator().next();
      ended.add(forget(oldest.getKey(), oldest.getValue()));
    }
    return ended;
  }

  private List<byte[]> stops(SandboxEvent event) {
    remember(event.incarnation());
    Running known = bySession.get(event.sessionId());
    return known != null && known.incarnation().equals(event.incarnation())
        ? List.of(forget(event.sessionId(), known))
        : List.of();
  }

  private void remember(String incarnation) {
    stopped.add(incarnation);
    if (stopped.size() > STOPPED_MAX) {
      stopped.remove(stopped.iterator().next());
    }
  }

  private byte[] forget(SessionId session, Running running) {
    bySession.remove(session);
    byToken.remove(running.tokenSha256());
    return HexFormat.of().parseHex(running.tokenSha256());
  }
}
