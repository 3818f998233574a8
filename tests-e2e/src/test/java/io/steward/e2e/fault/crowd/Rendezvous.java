package io.steward.e2e.fault.crowd;

import io.steward.e2e.model.Gate;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Where the sessions of a crowd and the fault meet: some sessions wait at one moment until the
/// fault has begun, and none sends its last message before the fault is over.
public final class Rendezvous {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Optional<Moment> moment;
  private final CountDownLatch expected;
  private final AtomicInteger arrived = new AtomicInteger();
  private final Gate begun = new Gate();
  private final CountDownLatch over = new CountDownLatch(1);

  private Rendezvous(Optional<Moment> moment, int expected) {
    this.moment = moment;
    this.expected = new CountDownLatch(expected);
  }

  /// Sessions wait for a fault at this moment.
  ///
  /// @param expected how many are to be there before it begins
  public static Rendezvous at(Moment moment, int expected) {
    return new Rendezvous(Optional.of(moment), expected);
  }

  /// No session waits for a fault, whenever it comes.
  public static Rendezvous none() {
    return new Rendezvous(Optional.empty(), 0);
  }

  /// Waits until the expected number of sessions, or after that time at least one, is there.
  ///
  /// @return how many there are
  public int awaitArrivals(Duration patience) throws InterruptedException {
    boolean all = expected.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    if (!all && arrived.get() == 0) {
      throw new AssertionError("no session came to the moment " + moment + " in " + patience);
    }
    return arrived.get();
  }

  /// The fault has begun: nobody waits any more.
  public void begin() {
    begun.open();
  }

  /// The fault is over.
  public void finish() {
    over.countDown();
  }

  boolean isAbout(Moment asked) {
    return moment.isPresent() && moment.get() == asked;
  }

  /// Opens when the fault has begun.
  Gate begun() {
    return begun;
  }

  /// A session is at the moment and does not wait.
  public void arrive(Moment at) {
    if (isAbout(at)) {
      arrived.incrementAndGet();
      expected.countDown();
    }
  }

  /// A session is at the moment and waits there until the fault has begun.
  void hold(Moment at) {
    if (isAbout(at)) {
      arrive(at);
      awaitBegin();
    }
  }

  void awaitBegin() {
    try {
      if (!begun.isOpenWithin(PATIENCE)) {
        throw new IllegalStateException("no fault within " + PATIENCE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  boolean isOver() {
    return over.getCount() == 0;
  }
}
