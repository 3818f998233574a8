package io.steward.schemas.progress;

import io.steward.schemas.id.SessionId;
import io.steward.schemas.progress.SessionProgress.Activity;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Knows what is under way, and tells of what takes longer than [#SLOW]: when its activity changes,
/// and again every [#REPEAT]. What is quick is never told of. Any thread may change what it does;
/// one thread tells, once in a while.
public final class ProgressWatch {
  /// How long something may take before anything is said of it.
  public static final Duration SLOW = Duration.ofSeconds(1);

  /// How often an activity that does not change is told again. What was not told for twice as long
  /// is over, or whoever did it is gone.
  public static final Duration REPEAT = Duration.ofSeconds(30);

  /// How long a reply may pause before it counts as silent.
  public static final Duration SILENT = Duration.ofSeconds(5);

  private final InstantSource clock;
  private final Set<Watched> underWay = ConcurrentHashMap.newKeySet();

  public ProgressWatch(InstantSource clock) {
    this.clock = clock;
  }

  /// Something begins.
  ///
  /// @param about see [SessionProgress]
  public Watched begin(SessionId session, String about, Activity activity) {
    Watched watched = new Watched(session, about, activity, clock.instant());
    underWay.add(watched);
    return watched;
  }

  /// Tells what is due.
  ///
  /// @param listener what it throws ends this round; what it was to be told comes in the next
  public void tell(Consumer<SessionProgress> listener) {
    Instant now = clock.instant();
    for (Watched watched : underWay) {
      watched.tell(now, listener);
    }
  }

  /// One thing under way.
  public final class Watched {
    private final SessionId session;
    private final String about;
    private final Instant begunAt;
    private volatile Doing doing;
    private volatile Instant heardAt = Instant.EPOCH;
    private @Nullable SessionProgress told;
    private Instant toldAt = Instant.EPOCH;

    private Watched(SessionId session, String about, Activity activity, Instant now) {
      this.session = session;
      this.about = about;
      this.begunAt = now;
      this.doing = new Doing(activity, now, null);
    }

    /// Goes on to something else.
    ///
    /// @param max how long it may take before it is given up, or null
    public void enter(Activity activity, @Nullable Duration max) {
      Instant now = clock.instant();
      doing = new Doing(activity, now, max == null ? null : now.plus(max));
    }

    /// Something of a reply has come.
    public void heard() {
      heardAt = clock.instant();
      Doing now = doing;
      if (now.activity != Activity.MODEL_ANSWERING) {
        doing = new Doing(Activity.MODEL_ANSWERING, heardAt, now.deadline);
      }
    }

    /// It is over.
    public void end() {
      underWay.remove(this);
    }

    private void tell(Instant now, Consumer<SessionProgress> listener) {
      SessionProgress current = current(now);
      boolean news = !current.equals(told) || !toldAt.plus(REPEAT).isAfter(now);
      if (news && !begunAt.plus(SLOW).isAfter(now)) {
        listener.accept(current);
        told = current;
        toldAt = now;
      }
    }

    private SessionProgress current(Instant now) {
      Doing current = doing;
      Instant heard = heardAt;
      boolean silent =
          current.activity == Activity.MODEL_ANSWERING && !heard.plus(SILENT).isAfter(now);
      return new SessionProgress(
          session,
          about,
          silent ? Activity.MODEL_SILENT : current.activity,
          silent ? heard : current.since,
          current.deadline);
    }
  }

  private record Doing(Activity activity, Instant since, @Nullable Instant deadline) {}
}
